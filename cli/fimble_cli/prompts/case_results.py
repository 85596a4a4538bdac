"""What came of the tests of templates: values, as lines for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fimble.errors import FimbleError
from fimble.prompting.cases.answer_checks import ModelAnswer
from fimble.prompting.cases.runner import CaseResult
from fimble.prompting.template import Template
from fimble_cli.prompts.options import shown_error, shown_path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What came of one file of tests."""

    origin: str
    prompt: str = ""
    template: Template | None = None
    results: tuple[CaseResult, ...] = ()
    answers: Mapping[str, ModelAnswer] = field(default_factory=dict[str, ModelAnswer])
    """For each case that a model was asked, by name."""
    error: FimbleError | None = None
    """Why none of its cases could be run."""

    @property
    def failed(self) -> bool:
        """Whether anything does not hold."""
        return self.error is not None or any(result.failures for result in self.results)

    @property
    def waiting_answers(self) -> int:
        """How many cases say something of an answer and have none."""
        return sum(
            bool(each.case.answer) and each.case.name not in self.answers for each in self.results
        )

    def lines(self) -> Iterator[str]:
        """Yield what a terminal shows."""
        where = shown_path(self.origin)
        if self.error is not None:
            yield f"FAIL  {self.prompt or where}"
            yield f"      {shown_error(self.error)}"
            return
        for result in self.results:
            state = "FAIL" if result.failures else "ok  "
            costs = f"{result.tokens} tokens{self._answer_costs(result.case.name)}"
            yield f"{state}  {self.prompt}: {result.case.name} ({costs})"
            for failure in result.failures:
                first, *more = failure.sentence.split("\n")
                yield f"      {where}:{failure.line}: {first}"
                yield from (f"        {line}" for line in more)

    def _answer_costs(self, case: str) -> str:
        answer = self.answers.get(case)
        if answer is None:
            return ""
        times = f"{answer.seconds:.1f} s, first after {answer.first_text_s:.1f} s"
        return f"; answer {answer.tokens} tokens in {times}"

    def as_json(self) -> dict[str, object]:
        """Return everything as JSON values."""
        return {
            "file": shown_path(self.origin),
            "prompt": self.prompt,
            "error": str(self.error) if self.error else None,
            "cases": [
                {
                    "name": result.case.name,
                    "tokens": result.tokens,
                    "failures": [
                        {"line": failure.line, "message": failure.sentence}
                        for failure in result.failures
                    ],
                    "answer": _answer_json(self.answers.get(result.case.name)),
                }
                for result in self.results
            ],
        }


def _answer_json(answer: ModelAnswer | None) -> dict[str, object] | None:
    if answer is None:
        return None
    return {
        "text": answer.text,
        "tokens": answer.tokens,
        "seconds": round(answer.seconds, 3),
        "first_text_seconds": round(answer.first_text_s, 3),
        "complete": answer.complete,
    }
