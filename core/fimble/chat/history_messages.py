"""From the turns of a branch to the messages that a model sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimble.chat.messages import ChatMessage, ChatRole
from fimble.chat.transcript import Question, Turn


def history_messages(turns: Sequence[Turn]) -> tuple[ChatMessage, ...]:
    """Return what was said in `turns`, exactly as it was sent.

    A turn without any answer is left out: a question that nobody answered would be followed by
    another, which no chat template knows. The first turn's system message holds for all.
    """
    return tuple(_messages(turns))


def asked_messages(question: Question) -> tuple[ChatMessage, ...]:
    """Return a question as it was sent: its template's examples, and then the question itself."""
    examples = question.prompt.examples if question.prompt else ()
    shown = [ChatMessage(ChatRole(role), text) for role, text in examples]
    return (*shown, ChatMessage(ChatRole.USER, question.expanded or question.text))


def _messages(turns: Sequence[Turn]) -> Iterator[ChatMessage]:
    system = next((turn.question.system for turn in turns if turn.question.system), "")
    if system:
        yield ChatMessage(ChatRole.SYSTEM, system)
    for turn in turns:
        if turn.answer.text:
            yield from asked_messages(turn.question)
            yield ChatMessage(ChatRole.ASSISTANT, turn.answer.text)
