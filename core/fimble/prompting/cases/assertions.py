"""Whether one assertion holds of one rendered case, and what to tell when it does not."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fimble.errors import TemplateError
from fimble.prompting.cases.case_file import Assertion, AssertionName
from fimble.prompting.cases.linear_pattern import LinearPattern
from fimble.prompting.cases.quoting import SHOWN, quoted
from fimble.prompting.cases.transcript import common_prefix
from fimble.prompting.guards import CountTokens
from fimble.prompting.rendered import Rendered

_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What rendering a case came to."""

    count: CountTokens
    prompt: str = ""
    roles: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    """The variables that the template names."""
    dropped: frozenset[str] = frozenset()
    """Those of them of which nothing is in the prompt."""
    tokens: int = 0
    error: TemplateError | None = None
    """Why there is no prompt."""
    rendered: Rendered | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])


def check_assertion(
    assertion: Assertion,
    outcome: Outcome,
    others: Mapping[str, Outcome],
    expected: Mapping[str, str],
) -> str:
    """Return what does not hold as a sentence; empty when all is well.

    Args:
        assertion: What must hold.
        outcome: Of the case that asserts it.
        others: Of all cases of the file, by name.
        expected: Texts for `equals`, by file name.
    """
    match assertion.name:
        case AssertionName.EQUALS:
            return _equals(assertion, outcome, expected)
        case AssertionName.STABLE_PREFIX_WITH:
            return _stable_prefix(assertion, outcome, others[assertion.text])
        case name:
            return _SIMPLE[name](assertion, outcome)


def _contains(assertion: Assertion, outcome: Outcome) -> str:
    if assertion.text in outcome.prompt:
        return ""
    return f"The prompt does not contain {quoted(assertion.text)}."


def _not_contains(assertion: Assertion, outcome: Outcome) -> str:
    if assertion.text not in outcome.prompt:
        return ""
    line = outcome.prompt[: outcome.prompt.index(assertion.text)].count("\n") + 1
    return f"The prompt contains {quoted(assertion.text)} on its line {line}."


def _regex(assertion: Assertion, outcome: Outcome) -> str:
    if LinearPattern(assertion.text).search(outcome.prompt):
        return ""
    return f"Nothing in the prompt matches {quoted(assertion.text)}."


def _tokens_max(assertion: Assertion, outcome: Outcome) -> str:
    if outcome.tokens <= assertion.number:
        return ""
    return f"The prompt is {outcome.tokens} tokens long, over the {assertion.number} allowed."


def _roles(assertion: Assertion, outcome: Outcome) -> str:
    if outcome.roles == assertion.words:
        return ""
    return f"The roles are {', '.join(outcome.roles)}, not {', '.join(assertion.words)}."


def _dropped(assertion: Assertion, outcome: Outcome) -> str:
    """Compare as a whole: a list that may be longer would pass when everything is dropped."""
    wanted = frozenset(assertion.words)
    unused = sorted(wanted - outcome.used)
    if unused:
        return f"The template does not use `{unused[0][:SHOWN]}`, so it cannot be dropped."
    kept, lost = sorted(wanted - outcome.dropped), sorted(outcome.dropped - wanted)
    if kept:
        return f"`{kept[0]}` is in the prompt, and should have been dropped."
    if lost:
        return f"`{lost[0]}` was dropped, and should be in the prompt."
    return ""


def _refused(assertion: Assertion, outcome: Outcome) -> str:
    if outcome.error is None:
        return "The prompt was rendered, and should have been refused."
    if assertion.text in str(outcome.error):
        return ""
    return f"It was refused for another reason: {outcome.error}"


def _equals(assertion: Assertion, outcome: Outcome, expected: Mapping[str, str]) -> str:
    text = expected.get(assertion.file) if assertion.file else assertion.text
    if text is None:
        return (
            f"There is no file `{assertion.file[:SHOWN]}` beside the test. "
            "`fimble prompts test --update` writes it."
        )
    wanted, got = text.strip("\n").split("\n"), outcome.prompt.strip("\n").split("\n")
    if wanted == got:
        return ""
    lines = [
        line
        for line in difflib.unified_diff(wanted, got, "expected", "prompt", lineterm="", n=1)
        if not line.startswith(("---", "+++"))
    ]
    if len(lines) > _SHOWN_LINES:
        lines = [*lines[:_SHOWN_LINES], f"… {len(lines) - _SHOWN_LINES} more lines"]
    return "The prompt differs:\n" + "\n".join(lines)


def _stable_prefix(assertion: Assertion, outcome: Outcome, other: Outcome) -> str:
    if other.error is not None:
        return f"The case `{assertion.text[:SHOWN]}` has no prompt to compare with."
    shared = common_prefix(outcome.prompt, other.prompt)
    tokens = outcome.count(shared)
    if tokens >= assertion.number:
        return ""
    line = shared.count("\n") + 1
    return (
        f"Only {tokens} tokens are shared with `{assertion.text[:SHOWN]}`, not "
        f"{assertion.number}: the prompts part on line {line}."
    )


_SIMPLE: Mapping[AssertionName, Callable[[Assertion, Outcome], str]] = {
    AssertionName.CONTAINS: _contains,
    AssertionName.NOT_CONTAINS: _not_contains,
    AssertionName.REGEX: _regex,
    AssertionName.TOKENS_MAX: _tokens_max,
    AssertionName.ROLES: _roles,
    AssertionName.DROPPED: _dropped,
    AssertionName.REFUSED: _refused,
}
