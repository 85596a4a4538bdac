"""A completer that a test steers from the editor's side: the language id is the script.

It stands at the border of the LSP room, so that protocol tests need no model; what it saw of a
document comes back as a suggestion, and what happened to a request as a status.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

from fimble.completion.planning import Trigger
from fimble.completion.trail import DecisionTrail
from fimble.config.schema import Settings
from fimble.engine.protocol import Hole
from fimble.errors import EngineNotLocalError
from fimble.pipeline.chosen_layouts import CompletionPrompts
from fimble.pipeline.engine_router import EngineStatus, OnStatus
from fimble.pipeline.result import CompletionResult, Suggestion
from fimble.syntax.promise import Tree, tree_of
from fimble.text.edit import ByteEdit
from fimble.text.position import Range
from fimble.text.snapshot import Snapshot

CANARY = "canary-3f2a"
"""Text that a crashing handler puts into its exception; it must never leave the process."""


def fingerprint(text: str) -> str:
    """Name a text in a few characters."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class ScriptedCompleter:
    """Answers by the language id of the document:

    - `echo`: "line:character:version:fingerprint" of what it was given, nothing replaced;
    - `rest`: an upper-case copy of the rest of the line, which it replaces;
    - `tree`: the number of syntax errors in the tree, or "no tree";
    - `hang`: nothing, until the request is taken back; then a status says so;
    - `linger`: as `hang`, and then takes a second to clean up;
    - `crash`: an exception whose text is a canary;
    - `trigger`: why it was asked;
    - `late`: as `echo`, when the next change of any document arrives;
    - anything else: the word "completed".
    """

    def __init__(self, on_status: OnStatus) -> None:
        self._on_status = on_status
        self._changed = asyncio.Event()
        self._cancelled = 0
        self._waiting = 0

    def use_prompts(self, prompts: CompletionPrompts) -> None:
        """Nothing is made of them."""

    def start(self) -> None:
        """Nothing to begin."""

    def document_saved(self, path: Path) -> None:
        """Say which file was saved."""
        self._say(f"saved {path.as_posix()}")

    def stop_indexing(self) -> None:
        return

    def follow_indexing(self, tell: object) -> None:
        del tell

    def files_changed(self, paths: Sequence[Path]) -> None:
        """Say which files were changed."""
        self._say(f"changed {' '.join(path.as_posix() for path in paths)}")

    async def complete(
        self, hole: Hole, *, tree: Tree, trigger: Trigger, drafts: bool = False
    ) -> CompletionResult:
        """Do what the document's language id says."""
        del drafts
        script = hole.snapshot.language_id
        match script:
            case "echo":
                return _suggest(hole, _seen(hole))
            case "rest":
                rest = hole.snapshot.line(hole.cursor.line)[hole.cursor.character :]
                return _suggest(hole, rest.upper(), replaced=len(rest))
            case "tree":
                made = tree_of(tree)
                return _suggest(hole, "no tree" if made is None else str(made.error_count()))
            case "trigger":
                return _suggest(hole, trigger.value)
            case "hang" | "linger":
                await self._hang(script)
            case "late":
                self._say("waiting")
                await self._changed.wait()
                return _suggest(hole, _seen(hole))
            case "crash":
                raise ValueError(CANARY + hole.snapshot.text)
            case _:
                pass
        return _suggest(hole, "completed")

    async def _hang(self, script: str) -> None:
        self._waiting += 1
        self._say(f"hanging {self._waiting}")
        try:
            await asyncio.Event().wait()
        finally:
            self._cancelled += 1
            self._say(f"cancelled {self._cancelled}")
            if script == "linger":
                await asyncio.sleep(1)
                self._say("lingered")

    def _say(self, message: str) -> None:
        self._on_status(EngineStatus(state="ready", engine="script", model="", message=message))

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Let `late` answers go."""
        if snapshot.version > 1:
            self._changed.set()
            self._changed = asyncio.Event()

    def document_closed(self, uri: str) -> None:
        """Say that a document was closed."""
        self._say(f"closed {uri}")

    async def aclose(self) -> None:
        """Say that the completer was closed."""
        self._say("closed")


def build_scripted(
    settings: Settings, folders: tuple[str, ...], on_status: OnStatus
) -> ScriptedCompleter:
    """Build one; the model name "remote" is refused, as a real factory refuses a remote model."""
    if settings.ollama.model == "remote":
        raise EngineNotLocalError("The model is not on this machine.", hint="Choose another.")
    completer = ScriptedCompleter(on_status)
    on_status(
        EngineStatus(
            state="ready", engine="script", model=settings.ollama.model, message=",".join(folders)
        )
    )
    return completer


def _seen(hole: Hole) -> str:
    line, character = hole.cursor
    return f"{line}:{character}:{hole.snapshot.version}:{fingerprint(hole.snapshot.text)}"


def _suggest(hole: Hole, text: str, *, replaced: int = 0) -> CompletionResult:
    line, character = hole.cursor
    end = hole.cursor._replace(line=line, character=character + replaced)
    suggestion = Suggestion(text=text, replace=Range(hole.cursor, end), engine="script")
    return CompletionResult(items=(suggestion,), why=DecisionTrail(decision="shown"))
