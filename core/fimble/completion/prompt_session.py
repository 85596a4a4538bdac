"""A prompt session: an immutable head, a growing tail, and when to give it up.

A session freezes everything in a prompt but the text that grows before the cursor: rules, the
suffix, and whatever was in the prompt before this hole was opened. While its owner types,
consecutive prompts only grow at their end, and the model server evaluates a handful of new tokens
instead of the whole prompt. Measured on llama-server with a hybrid model: 5 tokens a key against
513 to all.

The session tracks where its parts lie in the document through edits. When the cursor has left the
place it was made for, its prompt is closed (`closed`) and the next hole is opened behind it,
so that a jump costs the tokens of the new hole and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from fimble.completion.layout import Layout
from fimble.completion.overlap import shared_prefix_length
from fimble.completion.window import CountTokens, text_before
from fimble.text.edit import ByteEdit
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

ReanchorReason = Literal[
    "new place",
    "jump",
    "edit above",
    "tail full",
    "prompt full",
    "suffix stale",
    "document replaced",
    "layout changed",
]
"""Why a prompt could not go on growing in its last hole."""

Clean = Callable[[str], str]

_GAP_LINES = 2
"""Lines between the cursor and the frozen suffix that a session may leave out of the prompt."""

_GAP_CHARACTERS = 160
"""Characters on those lines."""

_SAME_LINE_CHARACTERS = 16
"""How far cursor and frozen suffix may drift apart on one line (auto-closed brackets)."""

_STALE_LINES = 8
"""Changed lines of the frozen suffix after which idle time is well spent on a fresh one."""

_REMEMBERED = 4
"""Texts that went out and are tried as the beginning of what stands in a hole."""

_MOST_FILL_CHARACTERS = 2_000
"""What came to stand in a hole without ever being sent is told up to here, in whole lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is sent: `head + growing`, never stripped or re-ordered between keys."""

    head: str
    """Immutable for the session's life."""
    growing: str
    """The text before the cursor, from the anchor line; in raw forms a begun middle."""

    @property
    def text(self) -> str:
        """The whole raw prompt."""
        return self.head + self.growing

    @property
    def warmable(self) -> str:
        """The part that the next keys cannot change: up to the start of the cursor's line.

        Sent alone with `num_predict: 1` while the user is idle, it leaves a checkpoint at its
        end in the server's cache, from which later prompts go on.
        """
        line_start = max(self.growing.rfind("\n"), self.growing.rfind("\r")) + 1
        return self.head + self.growing[:line_start]


def left_to_the_model(before: str) -> str:
    """Return what a prompt leaves out at its end, for the model to write again; often nothing.

    Where only indentation stands before the cursor it is the last blank. Vocabularies join that
    one with the word behind it (the patterns of GPT-2, Qwen and Llama alike), so a prompt that
    ends with it ends inside a token: models have hardly seen that, and the next prompt, read with
    the word in place, would not go on from what the server holds.

    Args:
        before: The cursor's line up to the cursor.
    """
    return before[-1:] if before.isspace() else ""


class ClosedPrompt(NamedTuple):
    """A prompt behind which the next hole can be opened."""

    text: str
    shown: tuple[str, ...]
    """The stretches of documents that stand in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSession:
    """The frozen part of a prompt and its place in one document."""

    uri: str
    layout: Layout
    head: str
    fence: str = ""
    """What closes the answer that the head leaves open, before the next turn; "" in raw forms."""
    window_line: int
    """First line of the document that this hole shows without a gap; moves with edits above."""
    anchor_line: int
    """First line of the growing tail; what lies between `window_line` and it is in the head."""
    suffix_line: int
    """The line on which the frozen suffix begins in the document as it is now."""
    suffix_rest: int
    """Characters of the frozen suffix on that line, its ending not counted."""
    tail_budget_tokens: int
    window: str = ""
    """What the head shows of the document just above `anchor_line`, here or further up."""
    suffix: str = ""
    """The frozen suffix as it was cleaned."""
    shown: tuple[str, ...] = ()
    """What the holes before this one show of documents, each without a gap."""
    parts: tuple[tuple[str, str], ...] = ()
    """The head by origin, for the trail: variable ("template", "earlier") and text."""
    context: frozenset[tuple[str, str]] = frozenset()
    """What other code the prompt shows, by path and text."""
    context_tokens: int = 0
    """What that costs."""
    documents: frozenset[str] = frozenset()
    """URIs of all documents with text in the head."""
    sent: tuple[str, ...] = ()
    """The growing texts that were asked for, oldest first."""
    ahead: str | None = None
    """The growing text of the last prefetch: what would stand there if all was accepted."""
    stale_lines: int = 0
    """How many lines have been changed of the text that the frozen suffix shows."""
    stale_row: int = -1
    """The last of them: typing on in one line counts once."""
    broken: ReanchorReason | None = None
    """Set when an edit made the session useless."""

    def edited(self, edit: ByteEdit) -> PromptSession:
        """Return the session after `edit`: shifted, marked stale, or broken."""
        if self.broken is not None:
            return self
        start_row = edit.start_point[0]
        old_end_row, new_end_row = edit.old_end_point[0], edit.new_end_point[0]
        delta = new_end_row - old_end_row
        if old_end_row < self.window_line:
            return replace(
                self,
                window_line=self.window_line + delta,
                anchor_line=self.anchor_line + delta,
                suffix_line=self.suffix_line + delta,
            )
        if start_row < self.anchor_line:
            return replace(self, broken="edit above")
        if start_row > self.suffix_line:
            another = start_row != self.stale_row or delta != 0
            return replace(self, stale_lines=self.stale_lines + another, stale_row=start_row)
        if old_end_row > self.suffix_line + _GAP_LINES:
            return replace(self, broken="document replaced")
        return replace(self, suffix_line=max(self.anchor_line, self.suffix_line + delta))

    def refusal(
        self, snapshot: Snapshot, cursor: Position, *, count: CountTokens
    ) -> ReanchorReason | None:
        """Say why this session cannot serve `cursor`, or None when it can."""
        if self.broken is not None:
            return self.broken
        if snapshot.uri != self.uri:
            return "new place"
        if cursor.line < self.anchor_line:
            return "jump"
        if self._drifted(snapshot, cursor):
            return "jump"
        if count(text_before(snapshot, self.anchor_line, cursor)) > self.tail_budget_tokens:
            return "tail full"
        return None

    def _drifted(self, snapshot: Snapshot, cursor: Position) -> bool:
        """Whether too much text lies between the cursor and where the frozen suffix begins."""
        gap_lines = self.suffix_line - cursor.line
        if gap_lines == 0:
            rest = len(snapshot.line(cursor.line)) - cursor.character
            return abs(rest - self.suffix_rest) > _SAME_LINE_CHARACTERS
        if not 0 < gap_lines <= _GAP_LINES:
            return True
        last = min(self.suffix_line, snapshot.line_count - 1)
        between = sum(len(snapshot.line(line)) for line in range(cursor.line, last))
        return between - cursor.character > _GAP_CHARACTERS

    @property
    def wants_refresh(self) -> bool:
        """Whether the frozen suffix is so out of date that idle time should renew it."""
        return self.stale_lines >= _STALE_LINES

    def prompt_for(self, snapshot: Snapshot, cursor: Position, *, clean: Clean = str) -> Prompt:
        """Return the prompt for `cursor`.

        Args:
            snapshot: The document as it is now.
            cursor: A place that `refusal` has nothing against.
            clean: Makes the user's text fit for a prompt (line ends, control tokens).
        """
        growing = clean(text_before(snapshot, self.anchor_line, cursor))
        return Prompt(head=self.head, growing=growing)

    def asked(self, growing: str) -> PromptSession:
        """Return the session after a prompt that ends in `growing` was made for a request."""
        if self.sent[-1:] == (growing,):
            return self
        return replace(self, sent=(*self.sent, growing)[-_REMEMBERED:])

    def grows(self, growing: str) -> bool:
        """Whether `growing` differs from what was asked for last at its end only."""
        if not self.sent:
            return True
        last = self.sent[-1]
        return growing.startswith(last) or last.startswith(growing)

    def closed(self, snapshot: Snapshot | None, *, clean: Clean = str) -> ClosedPrompt:
        """Return the prompt that went out last, its hole filled with what stands there now.

        Begins with the longest prompt whose text is still what the document says, byte for byte,
        because that is what the server's slot holds; what was typed or taken over since follows.

        Args:
            snapshot: This session's document as it is now; None when it is not at hand.
            clean: As for `prompt_for`.
        """
        filled = self.sent[-1] if self.sent else ""
        if snapshot is not None and self.broken is None:
            filled = self._filled(snapshot, clean)
        return ClosedPrompt(
            text=self.head + filled + self._fence_after(filled),
            shown=(*self.shown, self.window + filled + self.suffix),
        )

    def _filled(self, snapshot: Snapshot, clean: Clean) -> str:
        """Return what stands in the hole, in as many words as were sent at least."""
        line = min(self.suffix_line, snapshot.line_count - 1)
        if line < self.anchor_line:
            return ""
        start, length = Position(self.anchor_line, 0), len(snapshot.line(line))
        whole = clean(snapshot.slice(Range(start, Position(line, length))))
        hole_end = Position(line, max(0, length - self.suffix_rest))
        content = clean(snapshot.slice(Range(start, hole_end)))
        known = [text for text in (*self.sent, self.ahead or "") if whole.startswith(text)]
        told = max(known, key=len, default="")
        if not told:
            told = content[
                : max([shared_prefix_length(it, content) for it in self.sent], default=0)
            ]
        return told + _whole_lines(content[len(told) :])

    def _fence_after(self, text: str) -> str:
        if not self.fence:
            return ""
        return self.fence if text.endswith("\n") else f"\n{self.fence}"


def _whole_lines(text: str) -> str:
    if len(text) <= _MOST_FILL_CHARACTERS:
        return text
    return text[: text.rfind("\n", 0, _MOST_FILL_CHARACTERS) + 1]
