"""Messages that go up from a widget to its screen; workers and widgets share nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from textual.message import Message

from fimble.chat.fences import Fence
from fimble.chat.transcript import Question


@dataclass
class DraftChanged(Message):
    """What is written in the prompt is another question now."""

    draft: Question


@dataclass
class PromptSubmitted(Message):
    """The user sends a question; the prompt was already emptied."""

    question: Question


@dataclass
class CommandSubmitted(Message):
    """The user typed a slash command and its argument."""

    name: str
    argument: str


class TargetAction(StrEnum):
    """What can be done with a place in an answer."""

    COPY = "copy"
    APPLY = "apply"
    EDIT = "edit"
    """Open in `$EDITOR`, at the line."""
    ASK = "ask"


@dataclass
class FenceChosen(Message):
    """Do something with a code block of an answer."""

    turn_id: int
    fence: Fence
    action: TargetAction


@dataclass
class PlaceChosen(Message):
    """Do something with a `file:line` in an answer; untrusted, not yet contained."""

    path: str
    line: int | None
    action: TargetAction


@dataclass
class LinkChosen(Message):
    """Do something with a link in an answer; it is never opened."""

    address: str
    action: TargetAction


@dataclass
class JumpChanged(Message):
    """Jump letters came, changed or went."""

    hint: str
    """What the next key does; empty when the letters are gone."""


@dataclass
class TurnCommand(Message):
    """A key asked for a command about one turn."""

    name: str
    turn_id: int


class TurnMarked(Message):
    """Another turn is marked, or none."""


@dataclass
class MouseSwitched(Message):
    """The mouse is the chat's, or the terminal's."""

    taken: bool
