"""From a turn and the turns before it to the request that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fimble.chat.history_messages import asked_messages, history_messages
from fimble.chat.messages import ChatMessage, ChatRole
from fimble.chat.transcript import Answer, Turn
from fimble.conversation.question_expander import Expansion, QuestionExpander
from fimble.engine.chat_protocol import ChatRequest

ANSWER_TOKENS: Final = 4096
"""The longest answer where the template names none."""


def answer_tokens(expansion: Expansion | None) -> int:
    """Return how many tokens the answer may have."""
    named = expansion.template.front.answer_tokens if expansion else None
    return named or ANSWER_TOKENS


def turn_request(
    turn: Turn, before: Sequence[Turn], expander: QuestionExpander, *, think: bool, carry_on: bool
) -> tuple[Turn, ChatRequest]:
    """Return the turn with what is sent for it, and the request.

    A question that was sent before is sent as it was. The first turn's system message holds for
    the whole session, so that the prompt only grows.

    Args:
        turn: The turn.
        before: The earlier turns of its branch.
        expander: Renders the question.
        think: Whether to think where the template leaves it open.
        carry_on: Whether to go on with the answer that is there.

    Raises:
        FimbleError: The template is missing or broken, or a value does not fit.
    """
    question = turn.question
    opening = before[0].question if before else None
    front = expander.front(question)
    if not question.expanded:
        question = expander.expand(question, opening=opening).question
    if any(earlier.question.system and earlier.answer.text for earlier in before):
        question = replace(question, system="")
    messages = list(history_messages(before))
    if question.system:
        messages.insert(0, ChatMessage(ChatRole.SYSTEM, question.system))
    messages.extend(asked_messages(question))
    use = question.prompt
    begun = turn.answer if carry_on else Answer(text=use.begun if use else "")
    request = ChatRequest(
        messages=tuple(messages),
        begun=begun.text,
        begun_thinking="" if begun.text else begun.thinking,
        think=think if front.think == "auto" else front.think == "on",
        max_tokens=front.answer_tokens or ANSWER_TOKENS,
        temperature=front.sampling.temperature,
        top_p=front.sampling.top_p,
        stop=front.sampling.stop,
    )
    answer = turn.answer if carry_on else Answer()
    return replace(turn, question=question, answer=answer), request
