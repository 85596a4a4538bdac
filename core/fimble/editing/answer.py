"""The code of an answer: one whole block, or a sentence that says why there is none to use."""

from __future__ import annotations

from fimble.chat.fences import Fence, fences
from fimble.chat.proposal import leaves_out
from fimble.errors import FimbleError
from fimble.policy.hidden import hidden_characters, hidden_name


class EditRefusedError(FimbleError):
    """There is no edit, and the sentence says why; the document is as it was."""


def code_of(answer: str, *, cut: bool) -> Fence:
    """Return the code block of an answer; of several the longest.

    Args:
        answer: The whole answer, Markdown.
        cut: Whether it ended because it was as long as it may be.

    Raises:
        EditRefusedError: It holds no code, or was cut.
    """
    if cut:
        raise EditRefusedError(
            "The answer was cut before its end, so nothing was changed.",
            hint="Select less, or raise `budget.answer` in the template.",
        )
    found = fences(answer)
    if not found:
        raise EditRefusedError(
            "The model answered without code, so nothing was changed.",
            hint="Say more exactly what is wanted, or ask it in `fimble chat`.",
        )
    chosen = max(found, key=lambda each: len(each.text))
    if not chosen.closed:
        raise EditRefusedError(
            "The answer ends inside its code, so nothing was changed.", hint="Ask again."
        )
    return chosen


def refuse_hidden(code: str, document: str) -> None:
    """Refuse characters that nobody sees and that the document does not hold already (T13).

    Raises:
        EditRefusedError: There is one.
    """
    for character in hidden_characters(code):
        if character not in document:
            raise EditRefusedError(
                f"The answer holds a hidden character, {hidden_name(character)}, so nothing was "
                "changed."
            )


def refuse_gaps(code: str, replaced: str) -> None:
    """Refuse an answer that says "... existing code ..." instead of repeating it.

    Raises:
        EditRefusedError: It does, and what it replaces does not.
    """
    there = {line.strip() for line in replaced.split("\n")}
    if any(leaves_out(line) and line.strip() not in there for line in code.split("\n")):
        raise EditRefusedError(
            "The answer leaves out code that it should repeat, so nothing was changed.",
            hint="Ask again, or select less.",
        )
