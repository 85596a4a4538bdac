"""Pieces of other files as the value of `${context}`, in the three forms that layouts need.

Each form only grows when a snippet is appended: what was rendered before stays a prefix, so the
model server's cache keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fimble.prompting.values import ControlText, Part, one_line

_SHORTEST_FENCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A stretch of one file."""

    path: str
    """Inside the repository, with forward slashes."""
    text: str
    language: str = ""
    """The word for a Markdown fence; empty for plain text."""


def separated(snippets: Iterable[Snippet], file_separator: str) -> tuple[Part, ...]:
    """Return snippets as models with a file token were trained on: token, path, text.

    The form of `ggml-org/llama.cpp:tools/server/server-common.cpp` (`format_prompt_infill`) and
    of Qwen2.5-Coder's repository-level examples.
    """
    parts: list[Part] = []
    for snippet in snippets:
        before = "\n" if parts else ""
        parts += [before, ControlText(file_separator), f"{one_line(snippet.path)}\n"]
        parts.append(snippet.text.rstrip("\r\n"))
    return tuple(part for part in parts if part)


def commented(snippets: Iterable[Snippet], line_comment: str) -> str:
    """Return snippets for models without a file token: the path in a comment, then the text."""
    return "\n".join(
        f"{line_comment} {one_line(snippet.path)}\n{snippet.text.rstrip()}\n".lstrip(" ")
        for snippet in snippets
    ).rstrip("\n")


def fenced(snippets: Iterable[Snippet]) -> str:
    """Return snippets for a chat turn: the path, then the text in a fence that outgrows it.

    Ends with a line break, so that a blank line follows where a line of its own names the value.
    """
    return "\n".join(_fenced(snippet) for snippet in snippets)


def _fenced(snippet: Snippet) -> str:
    return f"`{one_line(snippet.path)}`:\n\n{in_fence(snippet.text, snippet.language)}\n"


def in_fence(text: str, language: str = "") -> str:
    """Return a text in a fence of backticks that outgrows every run of them inside."""
    runs = re.findall("`{3,}", text)
    fence = "`" * max([_SHORTEST_FENCE, *(len(run) + 1 for run in runs)])
    kept = text.rstrip("\r\n")
    return f"{fence}{one_line(language)}\n{kept}\n{fence}"
