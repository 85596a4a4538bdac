"""The templates and rules of a conversation: read when they are wanted, followed while it runs.

A question takes the templates as they are when its turn comes; an answer that is being written
keeps its own. What was sent before is never rendered again, so a changed template costs nothing of
the model's cache: its words for the user's message count from the next question on, its system
message from the next session on, since that stands at the beginning of the prompt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Final

from fimble.prompting.template import Role
from fimble.prompting.variables import Kind

if TYPE_CHECKING:
    from fimble.conversation.session_rules import SessionRules
    from fimble.prompt_files.folder import Allows
    from fimble.prompting.catalogue import Catalogue
    from fimble.prompting.template import Template
    from fimble.trust.live import LivePrompts, PromptsInForce

_MOST_NAMES: Final = 3


class FollowedPrompts:
    """What a conversation is made with, as it is in force.

    Args:
        live: Reads and watches the files.
        make_rules: Returns the reader of the project's rules, given which files count.
    """

    def __init__(
        self,
        live: LivePrompts,
        make_rules: Callable[[Callable[[], Allows | None]], SessionRules],
    ) -> None:
        self._live = live
        self._task: asyncio.Task[None] | None = None
        self._told: set[str] = set()
        self.rules = make_rules(lambda: self._state().layers.allows)

    def catalogue(self) -> Catalogue:
        """Return the templates in force; the first call reads them."""
        return self._state().catalogue

    def start(self, tell: Callable[[str], None], *, has_begun: Callable[[], bool]) -> None:
        """Follow the files from now on.

        Args:
            tell: Is told in a sentence what changed, what is broken and what waits for review.
            has_begun: Whether the session has a question, so that its beginning is fixed.
        """
        if self._task is None:
            self._task = asyncio.create_task(self._follow(tell, has_begun), name="fimble-prompts")

    async def aclose(self) -> None:
        """Follow them no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def session_begins(self) -> None:
        """Take the rules as they are now: another session was entered."""
        self.rules.forget()

    def _state(self) -> PromptsInForce:
        return self._live.in_force or self._live.read_now()

    async def _follow(self, tell: Callable[[str], None], has_begun: Callable[[], bool]) -> None:
        former = self._live.in_force
        async with aclosing(self._live.follow()) as states:
            async for state in states:
                begun = has_begun()
                if not begun:
                    self.rules.forget()
                standing = {each.sentence() for each in state.broken} | {state.trust.sentence()}
                changes = _changes(former.catalogue, state.catalogue, begun) if former else ""
                for sentence in (*sorted(standing - self._told), changes):
                    if sentence:
                        tell(sentence)
                self._told, former = standing, state


def _changes(before: Catalogue, after: Catalogue, begun: bool) -> str:  # noqa: FBT001 - private
    """Say which templates are others now, and what of them has to wait."""
    old, new = _templates(before), _templates(after)
    changed = [name for name in new if name not in old or old[name].digest != new[name].digest]
    if not changed:
        return ""
    names = ", ".join(f"`{name}`" for name in changed[:_MOST_NAMES])
    more = f" and {len(changed) - _MOST_NAMES} more" if len(changed) > _MOST_NAMES else ""
    late = begun and any(
        name in old and _system(old[name]) != _system(new[name]) for name in changed
    )
    waits = " A changed [[system]] message waits for a new session." if late else ""
    return f"Read again: {names}{more}; they count from the next question on.{waits}"


def _templates(catalogue: Catalogue) -> dict[str, Template]:
    return dict(_named(catalogue))


def _named(catalogue: Catalogue) -> Iterator[tuple[str, Template]]:
    for entry in catalogue.entries:
        if entry.template is not None and entry.kind is not Kind.COMPLETE:
            yield entry.full_name, entry.template


def _system(template: Template) -> list[object]:
    return [message.pieces for message in template.messages if message.role is Role.SYSTEM]
