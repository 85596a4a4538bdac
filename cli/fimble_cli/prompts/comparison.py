"""What a change of templates does to every tested prompt, as values and as Markdown.

The Markdown is fit for a comment on a pull request: a table that is read first, the texts folded
away below it, everything that somebody wrote in code spans or fences, and no longer than GitHub
takes.
"""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fimble_cli.prompts.options import COUNTED, counted

MAX_COMMENT_CHARACTERS = 60_000
"""GitHub refuses a comment of more than 65,536 characters."""

_BACKTICKS = re.compile("`+")
_SHOWN_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One case rendered with one side's template."""

    prompt: str = ""
    tokens: int = 0
    error: str = ""
    """Why there is no prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One case whose prompt is another now."""

    prompt: str
    case: str
    """Empty when none of a file's cases could be rendered."""
    before: Side
    after: Side

    @property
    def token_change(self) -> int | None:
        """How many tokens more it has now; None when a side has no prompt."""
        if not (self.before.prompt and self.after.prompt):
            return None
        return self.after.tokens - self.before.tokens

    def diff(self) -> list[str]:
        """Return the changed lines with two lines around them."""
        before, after = self.before.prompt.split("\n"), self.after.prompt.split("\n")
        lines = difflib.unified_diff(before, after, "before", "after", lineterm="", n=2)
        return [line for line in lines if not line.startswith(("--- before", "+++ after"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All tested prompts of two states of a workspace."""

    base: str
    """As the user named it."""
    cases: int
    changes: tuple[Change, ...]
    untested: tuple[str, ...]
    """Templates that differ and that no case shows."""

    @property
    def broken(self) -> tuple[Change, ...]:
        """The cases that could be rendered and no longer can, or that cannot at all."""
        return tuple(change for change in self.changes if change.after.error)

    @property
    def tokens_before(self) -> int:
        """Of the changed cases that have a prompt on both sides."""
        return sum(each.before.tokens for each in self.changes if each.token_change is not None)

    @property
    def tokens_after(self) -> int:
        """Of the same cases."""
        return sum(each.after.tokens for each in self.changes if each.token_change is not None)

    def as_json(self) -> dict[str, object]:
        """Return everything as JSON values."""
        return {
            "base": self.base,
            "cases": self.cases,
            "tokens_are": COUNTED,
            "tokens_before": self.tokens_before,
            "tokens_after": self.tokens_after,
            "changes": [
                {
                    "prompt": each.prompt,
                    "case": each.case,
                    "tokens_before": each.before.tokens,
                    "tokens_after": each.after.tokens,
                    "error": each.after.error or None,
                    "diff": each.diff(),
                }
                for each in self.changes
            ],
            "untested": list(self.untested),
        }

    def markdown(self) -> str:
        """Return a comment for a pull request; what does not fit is counted, not shown."""
        if not self.changes and not self.untested:
            return "No prompt changes.\n"
        text = "".join(f"{line}\n" for line in self._head())
        left_out = 0
        for change in self.changes:
            part = "".join(f"{line}\n" for line in _details(change))
            if len(text) + len(part) > MAX_COMMENT_CHARACTERS:
                left_out += 1
            else:
                text += part
        if left_out:
            texts = "texts do" if left_out > 1 else "text does"
            text += f"\n{left_out} more {texts} not fit here; `fimble prompts diff` shows all.\n"
        return text

    def _head(self) -> Iterator[str]:
        if self.changes:
            cases = f"{len(self.changes)} of {counted(self.cases, 'tested prompt')}"
            total = self.tokens_after - self.tokens_before
            yield f"**{cases} changed against {_code(self.base)}, {_signed(total)} tokens**"
            yield ""
            yield "| prompt | case | tokens before | after | change |"
            yield "| --- | --- | ---: | ---: | ---: |"
        for each in self.changes:
            figures = f"{each.before.tokens or '-'} | {each.after.tokens or '-'}"
            change = "-" if each.token_change is None else _signed(each.token_change)
            name = _code(each.case) if each.case else "all"
            yield f"| {_code(each.prompt)} | {name} | {figures} | {change} |"
        both = [each for each in self.changes if each.token_change is not None]
        if len(both) > 1:
            change = _signed(self.tokens_after - self.tokens_before)
            yield f"| **total** | | {self.tokens_before} | {self.tokens_after} | {change} |"
        for name in self.untested:
            yield ""
            yield f"{_code(name)} changes, and no test shows how."


def _details(change: Change) -> Iterator[str]:
    """Yield one prompt's change, folded; GitHub wants the blank line before the fence."""
    broken = bool(change.after.error)
    title = html.escape(f"{change.prompt}: {change.case or 'all cases'}"[:_SHOWN_NAME])
    yield ""
    yield f"<details{' open' if broken else ''}><summary>{title}</summary>"
    yield ""
    if broken:
        yield "It cannot be rendered any more:"
        yield ""
    lines = change.after.error.split("\n") if broken else change.diff()
    fence = "`" * max(3, *(_longest_run(line) + 1 for line in lines))
    yield from (f"{fence}{'text' if broken else 'diff'}", *lines, fence)
    yield ""
    yield "</details>"


def _signed(number: int) -> str:
    return f"{number:+}" if number else "0"


def _code(text: str) -> str:
    """Return `text` as a code span that also stands in a table."""
    shown = " ".join(text.split())[:_SHOWN_NAME].replace("|", "\\|")
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
