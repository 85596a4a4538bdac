"""The models of the server: which there are, which run and how; choose one, or pull one.

Contract: dismisses itself with the name of the model to switch to, or None. It says what was
measured (sizes, what lies in video memory, the speed of a download) and recommends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList

from fimble.conversation.facilities import Facilities
from fimble.engine.ollama.administration import InstalledModel, RunningModel
from fimble.errors import EngineNotLocalError, FimbleError
from fimble.policy.model_locality import check_model_name
from fimble_tui.application import app_of
from fimble_tui.key_guard import KeyGuardedScreen
from fimble_tui.keys import MODELS_KEYS
from fimble_tui.model_pull import ModelPull
from fimble_tui.screens.dialogs import LineDialog
from fimble_tui.sinks import PlainText, screen_line
from fimble_tui.widgets.footer_line import FooterLine

_LOOKS_PER_S: Final = 5
_BAR_CELLS: Final = 24
_KILO: Final = 1000
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A model, and how it runs when it does."""

    model: InstalledModel
    running: RunningModel | None


class ModelsScreen(KeyGuardedScreen[str | None]):
    """The list of models."""

    BINDINGS: ClassVar = list(MODELS_KEYS)

    def __init__(
        self,
        facilities: Facilities,
        *,
        current: str,
        pulls: list[ModelPull],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """List the server's models.

        Args:
            facilities: Knows the server.
            current: The model that the chat asks.
            pulls: Downloads of this chat, the newest last; one begun here is put in.
            clock: Seconds that only go up.
        """
        super().__init__(clock=clock, id="models")
        self._facilities = facilities
        self._current = current
        self._pulls = pulls
        self._rows: tuple[_Row, ...] = ()
        self._list = OptionList(id="models-list", markup=False)
        self._note = ""
        self._looked_finished = True

    def compose(self) -> ComposeResult:
        """Show the list, a download, and what there is to say."""
        yield PlainText(" Models", id="models-title")
        yield self._list
        yield PlainText(id="models-pull")
        yield PlainText(id="models-note")
        yield FooterLine(self._describe, id="footer")

    def on_mount(self) -> None:
        """Ask the server, and follow a download that runs."""
        self._list.focus()
        self._show_pull()
        self.set_interval(1 / _LOOKS_PER_S, self._follow)
        self._look()

    # The list

    @work(exclusive=True, group="models-look")
    async def _look(self) -> None:
        """Ask the server which models it has."""
        try:
            async with self._facilities.administration() as server:
                models = await server.list_models()
                running = {each.name: each for each in await server.running_models()}
        except FimbleError as error:
            self._rows, self._note = (), str(error)
        else:
            self._rows = tuple(_Row(model=each, running=running.get(each.name)) for each in models)
            self._note = self._missing(models)
        self._show()

    def _missing(self, models: Sequence[InstalledModel]) -> str:
        """Say that the chat's own model is not there; its tag `latest` may be left out."""
        names = {name for each in models for name in (each.name, each.name.removesuffix(":latest"))}
        if self._current in names:
            return ""
        return (
            f"The server does not have {screen_line(self._current)}, which this chat asks: "
            "p pulls it, or choose another. Questions wait."
        )

    def _show(self) -> None:
        names = [row.model.name for row in self._rows]
        marked = self._marked()
        self._list.clear_options()
        self._list.add_options([self._row_content(row) for row in self._rows])
        wanted = marked.name if marked is not None else self._full_current()
        if self._rows:
            self._list.highlighted = names.index(wanted) if wanted in names else 0
        count = len(names)
        words = "1 model" if count == 1 else f"{count} models"
        title = Content.assemble((" Models", "bold"), (f"  {words} on the server", "$quiet"))
        self.query_one("#models-title", PlainText).show(title)
        note = self.query_one("#models-note", PlainText)
        note.show(self._note)
        note.display = bool(self._note)
        self.refresh_bindings()

    def _full_current(self) -> str:
        names = [row.model.name for row in self._rows]
        return self._current if self._current in names else f"{self._current}:latest"

    def _row_content(self, row: _Row) -> Content:
        """Return two lines: name and size; then family, quantisation and how it runs."""
        model = row.model
        mark = ("● ", "$accent") if model.name == self._full_current() else ("  ", "")
        facts = [model.parameter_size, model.quantization, model.family]
        parts: list[tuple[str, str] | str] = [
            mark,
            (screen_line(model.name), "bold"),
            (f"  {bytes_words(model.size_bytes)}", "$quiet"),
            ("\n  " + " · ".join(screen_line(fact) for fact in facts if fact), "$quiet"),
        ]
        if _is_elsewhere(model.name):
            parts.append(("  runs in a cloud, and is never asked", "$warning"))
        if row.running is not None:
            parts += _running_words(row.running)
        return Content.assemble(*parts)

    def _marked(self) -> InstalledModel | None:
        at = self._list.highlighted
        return self._rows[at].model if at is not None and at < len(self._rows) else None

    # A download

    @property
    def _pull(self) -> ModelPull | None:
        return self._pulls[-1] if self._pulls else None

    def _follow(self) -> None:
        pull = self._pull
        if pull is None:
            return
        if pull.running:
            self._looked_finished = False
        self._show_pull()
        if not pull.running and not self._looked_finished:
            self._looked_finished = True
            self.refresh_bindings()
            self._look()

    def _show_pull(self) -> None:
        line = self.query_one("#models-pull", PlainText)
        pull = self._pull
        line.display = pull is not None
        if pull is not None:
            line.show(pull_words(pull))

    # Keys

    def _describe(self, action: str) -> str:
        pull = self._pull
        if action == "pull" and pull is not None and not pull.running and not pull.finished:
            return "pull on"
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow what is possible now."""
        del parameters
        if not self.is_mounted:
            return True
        running = self._pull is not None and self._pull.running
        possible = {"use": self._marked() is not None, "pull": not running, "stop_pull": running}
        return possible.get(action, True)

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.action_use()

    def action_use(self) -> None:
        """Answer with the marked model from now on."""
        model = self._marked()
        if model is None:
            return
        try:
            check_model_name(model.name)
        except EngineNotLocalError as error:
            self._note = str(error)
            self._show()
        else:
            self.dismiss(model.name)

    @work(exclusive=True, group="models-pull")
    async def action_pull(self) -> None:
        """Ask for a name and download that model, or go on with one that was stopped."""
        before = self._pull
        unfinished = before is not None and not before.finished
        names = {row.model.name for row in self._rows}
        missing = "" if self._full_current() in names else self._current
        dialog = LineDialog(
            "Pull which model? Names are as in Ollama's library: qwen3.6:27b.",
            value=before.model if before is not None and unfinished else missing,
            enter="pull it",
            clock=self._clock,
        )
        name = await app_of(self).push_screen_wait(dialog)
        if not name:
            return
        try:
            check_model_name(name)
        except EngineNotLocalError as error:
            self._note = str(error)
            self._show()
            return
        if before is not None and unfinished and before.model == name:
            before.start()
        else:
            self._pulls.append(ModelPull(name, self._facilities, clock=self._clock))
            self._pulls[-1].start()
        self._note = ""
        self._show()
        self._show_pull()

    @work(exclusive=True, group="models-pull")
    async def action_stop_pull(self) -> None:
        """Stop the download; the server keeps what came."""
        if self._pull is not None:
            await self._pull.stop()
            self._show_pull()
            self.refresh_bindings()

    def action_look_again(self) -> None:
        """Ask the server once more."""
        self._look()

    def action_leave(self) -> None:
        """Go back to the chat; a download goes on."""
        self.dismiss(None)


def pull_words(pull: ModelPull) -> Content:
    """Return a download as one or two lines: a bar, bytes and speed, or how it ended."""
    name = (f" {screen_line(pull.model)}", "bold")
    if pull.finished:
        return Content.assemble(name, ("  is on the server.", "$success"))
    total, completed = pull.total_bytes, pull.completed_bytes
    share = completed / total if total else 0.0
    sizes = f"{bytes_words(completed)} of {bytes_words(total)}" if total else ""
    if pull.problem:
        return Content.assemble(name, "  ", (screen_line(pull.problem), "$error"))
    if not pull.running:
        return Content.assemble(
            name, (f"  stopped at {share:.0%}; p goes on there.  {sizes}", "$warning")
        )
    full = round(share * _BAR_CELLS)
    speed = pull.bytes_per_s
    rate = f"  {bytes_words(round(speed))}/s" if speed else ""
    return Content.assemble(
        name,
        "  ",
        ("━" * full, "$primary"),
        ("━" * (_BAR_CELLS - full), "$faint"),
        (f"  {share:.0%}  {sizes}{rate}", "$quiet"),
        (f"\n {screen_line(pull.step)}", "$quiet"),
    )


def bytes_words(count: float) -> str:
    """Return a size in decimal units, as disks and Ollama count."""
    for unit in _UNITS[:-1]:
        if count < _KILO:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= _KILO
    return f"{count:.1f} {_UNITS[-1]}"


def _running_words(running: RunningModel) -> list[tuple[str, str] | str]:
    words: list[tuple[str, str] | str] = [("  in memory", "$success")]
    if running.context_tokens:
        words.append((f", {running.context_tokens:,} tokens", "$quiet"))
    outside = running.size_bytes - running.vram_bytes
    if running.size_bytes and outside > 0:
        words.append((f", {outside / running.size_bytes:.0%} on the processor", "$warning"))
    return words


def _is_elsewhere(name: str) -> bool:
    try:
        check_model_name(name)
    except EngineNotLocalError:
        return True
    return False
