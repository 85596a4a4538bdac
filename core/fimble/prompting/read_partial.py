"""The text of a partial to a checked `Partial`; the one way in, as `parse` is for templates.

Checked by itself as far as that can be: characters, `$`, names that no kind of template has, roles,
includes and fences, each with its place in the partial's own file. Whether a variable suits a
template's kind and stands in a good order is known only where it is included.
"""

from __future__ import annotations

import re

from fimble.prompting.body import BodyReader
from fimble.prompting.characters import check_characters, normalised
from fimble.prompting.guards import TextGuards
from fimble.prompting.partial import MAX_PARTIAL_CHARACTERS, PARTIAL_NAME, Partial
from fimble.prompting.problems import TOP, Findings, LineIndex, Rule, did_you_mean
from fimble.prompting.variables import INPUT_PREFIX, VARIABLES, Variable, input_variable

_INPUT = re.compile(r"inputs\.[a-z][a-z0-9]{0,59}(?:[-_][a-z0-9]{1,59}){0,9}\Z")
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")


def read_partial(
    text: str, *, name: str, origin: str, guards: TextGuards, refusal: str = ""
) -> Partial:
    """Return the partial with its problems; never raises for anything a text can hold.

    Args:
        text: The whole file.
        name: As the file's name says.
        origin: The file, or `bundled:_partials/name`.
        guards: What hidden characters and control tokens are.
        refusal: Why the file was not read, as a sentence.
    """
    text = normalised(text)
    findings = Findings(LineIndex(text))
    if refusal:
        findings.at(TOP, refusal, rule=Rule.UNREADABLE)
    elif not PARTIAL_NAME.match(name):
        hint = "Names are lower-case letters and digits joined by `-` or `_`."
        findings.at(TOP, f"`{name[:60]}` is no name for a partial.", hint, rule=Rule.NAME_DIFFERS)
    elif len(text) > MAX_PARTIAL_CHARACTERS:
        sentence = f"The partial is longer than {MAX_PARTIAL_CHARACTERS:,} characters."
        findings.at(TOP, sentence, rule=Rule.TOO_LARGE)
    else:
        check_characters(text, guards, findings)
        if not findings.problems:
            _check_lines(text, findings)
    blank = _BLANK_LINES.match(text)
    start = blank.end() if blank else 0
    return Partial(
        name=name,
        origin=origin,
        text="" if findings.problems else text[start:].rstrip(),
        first_line=text.count("\n", 0, start) + 1,
        problems=findings.in_order(),
    )


def _check_lines(text: str, findings: Findings) -> None:
    if not text.strip():
        findings.at(TOP, "The partial has no text.", rule=Rule.NO_TEXT)
        return
    if text.startswith("---\n"):
        hint = "Budgets and options belong to the templates that include it."
        findings.at(TOP, "A partial has no front matter.", hint, rule=Rule.UNKNOWN_KEY)
        return
    reader = BodyReader(
        resolve=_Names(findings),
        findings=findings,
        optional=frozenset(),
        raw=False,
        is_partial=True,
    )
    reader.read(text, 0)
    if reader.open_fence is not None:
        hint = "Close it here: it would swallow what follows in the template."
        findings.at_offset(
            reader.open_fence, "This fence is not closed.", hint, rule=Rule.OPEN_FENCE
        )


class _Names:
    """Knows every variable of every kind, and takes each input for declared."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def __call__(self, name: str, offset: int, within: str) -> Variable | None:
        del within
        if name in VARIABLES:
            return VARIABLES[name]
        if _INPUT.match(name):
            return input_variable(name.removeprefix(INPUT_PREFIX), "")
        sentence, hint = f"There is no variable `${{{name[:80]}}}`.", did_you_mean(name, VARIABLES)
        self._findings.at_offset(offset, sentence, hint, rule=Rule.UNKNOWN_VARIABLE)
        return None
