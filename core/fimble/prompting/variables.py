"""The closed list of variables that a template may name, with what is known of each.

One table serves the parser (is the name known?), the checks (does a volatile variable stand
before a stable one?), the renderer (is the value trusted?) and the editors (what does it mean?).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fimble.prompting.volatility import Volatility


class Kind(StrEnum):
    """What a template is for; also the folder it lies in."""

    CHAT = "chat"
    EDIT = "edit"
    COMPLETE = "complete"
    COMMIT = "commit"


class Nature(StrEnum):
    """How the renderer treats a value."""

    TEXT = "text"
    """Somebody's text: control tokens inside it are neutralised."""
    LINE = "line"
    """Text that must stay on one line (a path, a name): line breaks become spaces too."""
    CONTROL = "control"
    """A control string out of the model's profile: trusted, passed on as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One name between `${` and `}`."""

    name: str
    volatility: Volatility
    nature: Nature
    kinds: frozenset[Kind]
    """The kinds of template that may use it."""
    summary: str
    """One sentence for a hover or `fimble prompts show`."""


INPUT_PREFIX = "inputs."
"""`${inputs.NAME}` names an input that the template's own front matter declares."""

_EVERY = frozenset(Kind)
_COMPLETE = frozenset({Kind.COMPLETE})
_ASKED = frozenset({Kind.CHAT, Kind.EDIT, Kind.COMMIT})
_CONTROL_STRINGS = {
    "fim_prefix": "Control string that opens the text before the cursor.",
    "fim_suffix": "Control string that opens the text after the cursor.",
    "fim_middle": "Control string after which the model writes the middle.",
    "repo_name": "Control string that opens the repository's name (see `repository`).",
    "file_separator": "Control string that opens a file's path.",
    "turn_system": "Chat marker that opens the system turn, its line break included.",
    "turn_user": "Chat marker that opens a user turn, its line break included.",
    "turn_assistant": "Chat marker that opens the answer, its line break included.",
    "turn_end": "Chat marker that ends a turn, its line break included.",
    "think_off": "What the model's own renderer puts before an answer without thinking.",
}
_TEXTS: tuple[tuple[str, Volatility, Nature, frozenset[Kind], str], ...] = (
    ("os", Volatility.STATIC, Nature.LINE, _ASKED, "The operating system's name."),
    ("repository", Volatility.REPO, Nature.LINE, _EVERY, "The repository's name."),
    ("rules", Volatility.REPO, Nature.TEXT, _EVERY, "The project's written rules (AGENTS.md)."),
    ("repo_map", Volatility.REPO, Nature.TEXT, _ASKED, "An outline of the repository's files."),
    ("date", Volatility.SESSION, Nature.LINE, _ASKED, "Today's date, to the day."),
    ("context", Volatility.SESSION, Nature.TEXT, _EVERY, "Pieces of other files, append-only."),
    ("files", Volatility.SESSION, Nature.TEXT, _ASKED, "The files that the user mentioned."),
    (
        "history_summary",
        Volatility.SESSION,
        Nature.TEXT,
        _ASKED,
        "A summary of the conversation so far.",
    ),
    ("path", Volatility.FILE, Nature.LINE, _EVERY, "The file's path inside the repository."),
    ("language", Volatility.FILE, Nature.LINE, _EVERY, "The file's language, as fences name it."),
    ("imports", Volatility.FILE, Nature.TEXT, _ASKED, "The file's import lines."),
    ("outline", Volatility.FILE, Nature.TEXT, _ASKED, "The file's symbols with signatures."),
    ("file", Volatility.FILE, Nature.TEXT, _ASKED, "The whole file."),
    ("staged_diff", Volatility.CURSOR, Nature.TEXT, _ASKED, "What is staged for the next commit."),
    ("diff", Volatility.CURSOR, Nature.TEXT, _ASKED, "A change as a unified diff."),
    ("commits", Volatility.CURSOR, Nature.TEXT, _ASKED, "Subjects and bodies of commits."),
    ("diagnostics", Volatility.CURSOR, Nature.TEXT, _ASKED, "The editor's errors and warnings."),
    ("terminal", Volatility.CURSOR, Nature.TEXT, _ASKED, "Output that the user attached."),
    ("definitions", Volatility.CURSOR, Nature.TEXT, _ASKED, "Definitions that the code uses."),
    ("symbol", Volatility.CURSOR, Nature.TEXT, _ASKED, "The function or class at the cursor."),
    ("before", Volatility.CURSOR, Nature.TEXT, _ASKED, "Lines before the selection."),
    ("after", Volatility.CURSOR, Nature.TEXT, _ASKED, "Lines after the selection."),
    ("selection", Volatility.CURSOR, Nature.TEXT, _ASKED, "The selected text."),
    ("input", Volatility.KEYSTROKE, Nature.TEXT, _ASKED, "What the user typed with the command."),
    ("suffix", Volatility.CURSOR, Nature.TEXT, _COMPLETE, "The text after the cursor."),
    (
        "prefix",
        Volatility.KEYSTROKE,
        Nature.TEXT,
        _COMPLETE,
        "The text before the cursor, from a fixed anchor line; it only grows.",
    ),
)


def _table() -> dict[str, Variable]:
    control = {
        name: Variable(
            name=name,
            volatility=Volatility.STATIC,
            nature=Nature.CONTROL,
            kinds=_COMPLETE,
            summary=summary,
        )
        for name, summary in _CONTROL_STRINGS.items()
    }
    texts = {
        name: Variable(
            name=name, volatility=volatility, nature=nature, kinds=kinds, summary=summary
        )
        for name, volatility, nature, kinds, summary in _TEXTS
    }
    return control | texts


VARIABLES = MappingProxyType(_table())
"""Every variable by its name; `inputs.NAME` comes on top, from the template's front matter."""


def input_variable(name: str, summary: str) -> Variable:
    """Describe the variable `inputs.<name>` that a front matter declares."""
    return Variable(
        name=INPUT_PREFIX + name,
        volatility=Volatility.CURSOR,
        nature=Nature.TEXT,
        kinds=_ASKED,
        summary=summary,
    )
