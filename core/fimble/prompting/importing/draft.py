"""A template in the making: what an importer found, and the text that becomes of it.

Whatever stands in another tool's file is text here: only what an importer recognised becomes a
variable, and everything else is escaped, so that nothing of it is read as ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from fimble.prompting.guards import Neutralise
from fimble.prompting.variables import INPUT_PREFIX

_MAX_DESCRIPTION = 300
_MAX_HINT = 2_000
_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")
_BRACKETS = re.compile(r"\\*\[\[")
_NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(slots=True, kw_only=True)
class Draft:
    """What is known of the new template so far."""

    name: str
    format: str
    """The tool that the file is for."""
    description: str = ""
    instructions: str = ""
    """The text of the system role."""
    user: str = ""
    inputs: dict[str, tuple[str | None, str]] = field(
        default_factory=dict[str, tuple[str | None, str]]
    )
    """For each input its default, None for a required one, and its hint."""
    version: str = ""
    temperature: str = ""
    top_p: str = ""
    lost: list[str] = field(default_factory=list[str])
    """What could not come along, each a sentence."""

    def lose(self, sentence: str) -> None:
        """Record something that could not come along; the same thing is said once."""
        if sentence not in self.lost:
            self.lost.append(sentence)

    def input(self, word: str, *, default: str | None = None, hint: str = "") -> str:
        """Declare an input and return the variable for it."""
        name = slug(word)
        known = self.inputs.get(name)
        if known is None or (hint and not known[1]):
            self.inputs[name] = (default, hint)
        return f"${{{INPUT_PREFIX}{name}}}"

    def add_typed_text(self) -> None:
        """Put what the user types with the command at the end, where their tool puts it."""
        if "${input}" not in self.user:
            self.user = f"{self.user.strip()}\n\n${{input}}".strip()

    def write(self, neutralise: Neutralise) -> str:
        """Return the template's text."""
        body = f"[[system]]\n{self.instructions.strip()}\n\n" if self.instructions.strip() else ""
        body += f"[[user]]\n{self.user.strip()}\n"
        text = "\n".join(["---", *self._front(), "---", body])
        neutral = neutralise(text)
        if neutral != text:
            self.lose("Control tokens of models were broken up.")
        return neutral

    def _front(self) -> list[str]:
        description = " ".join(self.description.split())[:_MAX_DESCRIPTION]
        description = description or f"Imported from a prompt for {self.format}."
        lines = ["schema: 1", f"name: {self.name}", f"description: {_quoted(description)}"]
        lines.append("kind: chat")
        if self.version:
            lines.append(f"version: {_quoted(self.version[:60])}")
        if self.inputs:
            lines.append("inputs:")
        for name, (default, hint) in self.inputs.items():
            parts = [] if default is None else [f"default: {_quoted(default)}"]
            parts += [f"hint: {_quoted(hint[:_MAX_HINT])}"] if hint else []
            lines.append(f"  {name}: {{{', '.join(parts)}}}")
        if "${input}" in self.user and self.user.strip() != "${input}":
            lines.append("optional: [input]")
        sampling = {"temperature": self.temperature, "top_p": self.top_p}
        for key, value in sampling.items():
            if value and not _NUMBER.fullmatch(value):
                self.lose(f"`{key}` is no number and was left out.")
        given = [f"{key}: {value}" for key, value in sampling.items() if _NUMBER.fullmatch(value)]
        return [*lines, f"sampling: {{{', '.join(given)}}}"] if given else lines


def escaped(text: str) -> str:
    """Return foreign text as words of a template: no dollar and no bracket means anything."""
    return _lines_escaped(text.replace("$", "$$"))


def translated(
    text: str, variable: re.Pattern[str], translate: Callable[[re.Match[str]], str | None]
) -> str:
    """Return foreign text with its variables translated; None leaves one as it was written."""
    parts: list[str] = []
    at = 0
    for found in variable.finditer(text):
        ours = translate(found)
        if ours is not None:
            parts += [text[at : found.start()].replace("$", "$$"), ours]
            at = found.end()
    parts.append(text[at:].replace("$", "$$"))
    return _lines_escaped("".join(parts))


def _lines_escaped(text: str) -> str:
    """Return the lines with one backslash more before those that begin with brackets."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(f"\\{line}" if _BRACKETS.match(line) else line for line in lines)


def slug(text: str) -> str:
    """Return `text` as a name that a template or an input may have."""
    words = _NO_NAME.sub("-", text.lower()).strip("-")
    words = words.lstrip("0123456789-")[:60].rstrip("-")
    return words or "imported"


def _quoted(text: str) -> str:
    """Return `text` as a quoted YAML scalar; JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)
