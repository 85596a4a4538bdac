"""One answer without a conversation: asked for in an editor, collected, and gone when cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fimble.chat.events import ServerState
from fimble.engine.chat_protocol import ChatRequest
from fimble.engine.protocol import GenerationStatistics, ThinkingChunk

if TYPE_CHECKING:
    from fimble.conversation.model_server import ModelServer
    from fimble.editing.request import EditPrompt


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeAnswer:
    """An answer that ended well."""

    text: str
    cut: bool
    """Whether it ended because it was as long as it may be."""


def answer_request(prompt: EditPrompt, *, think: bool) -> ChatRequest:
    """Return the request of a rendered template.

    Args:
        prompt: The template with its values.
        think: Whether to think where the template leaves it open.
    """
    front = prompt.front
    return ChatRequest(
        messages=prompt.messages,
        begun=prompt.begun,
        think=think if front.think == "auto" else front.think == "on",
        max_tokens=prompt.answer_tokens,
        temperature=front.sampling.temperature,
        top_p=front.sampling.top_p,
        stop=front.sampling.stop,
    )


async def loaded(server: ModelServer, *, on_loading: Callable[[], None]) -> None:
    """Have the model in memory, which may take minutes; cancelling does not end the loading.

    Closing a request while its model is loaded would make the server begin anew.

    Raises:
        EngineError: It cannot be loaded.
    """
    status = await server.check()
    if status.state is not ServerState.LOADING:
        return  # Whatever else is wrong, the answer's own request says it best.
    on_loading()
    loading = asyncio.ensure_future(server.engine.preload())
    loading.add_done_callback(lambda task: task.cancelled() or task.exception())
    await asyncio.shield(loading)


async def whole_answer(
    server: ModelServer, request: ChatRequest, *, on_text: Callable[[str, bool], None]
) -> WholeAnswer:
    """Ask and return the answer; cancelling the task closes the model's stream.

    Args:
        server: The model.
        request: What to ask.
        on_text: Called with all text so far, and whether the model is still thinking; an error
            that it raises ends the stream.

    Raises:
        EngineError: The model server did not do its work.
    """
    parts = [request.begun] if request.begun else []
    finish = "stop"
    async with aclosing(server.chat(request)) as pieces:
        async for piece in pieces:
            if isinstance(piece, GenerationStatistics):
                finish = piece.finish
                continue
            if isinstance(piece, ThinkingChunk):
                on_text("", True)  # noqa: FBT003 - a callback's two plain facts
                continue
            parts.append(piece.text)
            on_text("".join(parts), False)  # noqa: FBT003 - as above
    return WholeAnswer(text="".join(parts), cut=finish == "length")
