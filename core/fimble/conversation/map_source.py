"""`@map`: an outline of the whole project, what is used most first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from fimble.chat.transcript import Attachment, AttachmentKind
from fimble.errors import FimbleError

if TYPE_CHECKING:
    from fimble.chat.mentions import Mention
    from fimble.conversation.fresh_index import FreshIndex

MAP_TOKENS: Final = 2_000
"""What an outline costs at most: the thirty or so files that the others use most."""


class MapSource:
    """Answers `@map` for one workspace."""

    def __init__(self, fresh: FreshIndex, *, count_tokens: Callable[[str], int]) -> None:
        self._fresh = fresh
        self._count_tokens = count_tokens

    def attachments(self, mention: Mention, /) -> Iterable[Attachment] | None:
        """Return the outline; None for other mentions.

        Raises:
            FimbleError: There is nothing to outline, or the index cannot be read.
        """
        if mention.kind is not AttachmentKind.MAP:
            return None
        self._fresh.now()
        found = self._fresh.index.repo_map(MAP_TOKENS, self._count_tokens)
        if not found.shown:
            raise FimbleError(
                f"@map: there is no code in {self._fresh.index.workspace} that can be outlined."
            )
        left = found.files - found.shown
        ending = f"\n({left} more files define something; these are named most.)\n" if left else ""
        return [Attachment(kind=AttachmentKind.MAP, label="@map", text=f"{found.text}{ending}")]
