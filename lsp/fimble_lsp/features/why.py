"""`fimble.why`: how the last suggestion came about, or why there was none, and what was asked.

Shown as a page, in whatever way the client can show one. It holds the prompt as it was sent, which
is the user's own text on the user's own screen; it is in no log.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from fimble_lsp.answer_pages import AnswerPage

if TYPE_CHECKING:
    from fimble_lsp.last_answers import Answered, LastAnswers
    from fimble_lsp.server import FimbleServer

_NOTHING = "Nothing was asked yet: type, or ask for a suggestion, and then ask why."


async def execute(server: FimbleServer) -> dict[str, object]:
    """Show the page; returns its text, and the name of the document that holds it, if one does."""
    text = page_of(server.last_answers)
    last = server.last_answers.last
    uri = await AnswerPage(server, "why", last.uri if last else "").finish(text)
    return {"markdown": text, "uri": uri}


def page_of(answers: LastAnswers) -> str:
    """Return the Markdown of the last answer and of the last prompt."""
    last, asked = answers.last, answers.asked
    if last is None:
        return f"# Why\n\n{_NOTHING}\n"
    parts = ["# Why", _facts(last)]
    if asked is not None and asked is not last:
        parts += ["# The last question to the model", _facts(asked)]
    if asked is not None:
        parts += ["# Its prompt, as it was sent", _fenced(asked.why.prompt)]
    return "\n\n".join(parts) + "\n"


def _facts(answered: Answered) -> str:
    name = PurePosixPath(unquote(urlsplit(answered.uri).path)).name or "The document"
    lines = "\n".join(answered.why.lines())
    return f"{name}, line {answered.line}, column {answered.column}:\n\n{_fenced(lines)}"


def _fenced(text: str) -> str:
    """Return a text as a code block that no line of it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
