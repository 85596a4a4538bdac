"""The model that a conversation talks to: which one, in what state, and how it is asked.

For families whose chat template we render ourselves the prompt is raw, append-only and sliced;
all others are asked through the server's own chat route.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from fimble.chat.chat_template import ChatTemplate
from fimble.chat.events import ServerState, ServerStatus
from fimble.conversation.sliced_chat import SlicedChat
from fimble.engine.model_server import make_engine
from fimble.engine.profiles import ModelProfile, profile_for
from fimble.errors import FimbleError
from fimble.prompting.fingerprint import prompt_fingerprint
from fimble.prompting.template import Role

if TYPE_CHECKING:
    from fimble.config.schema import ModelServerSettings, Settings
    from fimble.engine.chat_protocol import ChatPiece, ChatRequest
    from fimble.engine.protocol import EngineHealth

_RENDERED_FAMILIES: Final = frozenset({"qwen3.5"})
"""Families whose template was read in source and compared with the server's rendering."""
_CHAT_TOTAL_S: Final = 3600.0
"""An answer may take as long as it likes while tokens come; a completion may not."""
_EMPTY_THINKING: Final = "<think>\n\n</think>\n\n"
_STATES: Final = {
    "ready": ServerState.READY,
    "loading": ServerState.LOADING,
    "offline": ServerState.OFFLINE,
    "failing": ServerState.FAILING,
}


class ModelServer:
    """One model on the model server.

    Raises:
        EngineNotLocalError: The endpoint or the model's name would send text elsewhere.
    """

    def __init__(
        self, settings: ModelServerSettings, *, sliced: Callable[[], bool] = lambda: True
    ) -> None:
        self.settings = settings
        self.engine = make_engine(settings)
        self.health: EngineHealth | None = None
        self.counts_asked = False
        """Whether the server was asked how the model counts."""
        template = chat_template(profile_for(settings.model))
        self.sliced = (
            None
            if template is None
            else SlicedChat(self.engine, template, sliced=lambda: sliced() and self._has_one_slot)
        )

    @property
    def model(self) -> str:
        """The model's name."""
        return self.settings.model

    @property
    def digest(self) -> str:
        """The model's digest; empty before the server told it."""
        return self.health.model_digest if self.health else ""

    @property
    def _has_one_slot(self) -> bool:
        """Whether completions wait while the chat answers; a server of several serves both."""
        return self.health is None or self.health.slots == 1

    @property
    def window_tokens(self) -> int:
        """The effective context window."""
        known = self.health.context_tokens if self.health else None
        return min(self.settings.num_ctx, known) if known else self.settings.num_ctx

    def note_answered(self) -> None:
        """Take an answer as proof that the model is in memory and well."""
        if self.health is not None:
            self.health = replace(self.health, state="ready", message="", model_missing=False)

    async def check(self) -> ServerStatus:
        """Ask for the state; never raises."""
        self.health = await self.engine.health()
        return self.status()

    def status(self) -> ServerStatus:
        """Return the state as it was last seen."""
        health = self.health
        if health is None:
            return ServerStatus(state=ServerState.LOADING, model=self.model)
        state = ServerState.MODEL_MISSING if health.model_missing else _STATES[health.state]
        return ServerStatus(
            state=state,
            model=self.model,
            message=health.message,
            spilled_share=health.spilled_share,
            context_tokens=self.window_tokens if health.state == "ready" else None,
        )

    async def learn_to_count(self) -> None:
        """Ask once how the model counts tokens; they are estimated from above until it is known."""
        self.counts_asked = True
        with suppress(FimbleError):
            await self.engine.own_tokens.learn()

    def chat(self, request: ChatRequest) -> AsyncGenerator[ChatPiece, None]:
        """Stream an answer; see `ChatEngine.chat`."""
        return self.engine.chat(request) if self.sliced is None else self.sliced.chat(request)

    def prompt_text(self, request: ChatRequest) -> str:
        """Return what is sent: the raw prompt, or the messages where the server renders them."""
        if self.sliced is not None:
            return self.sliced.prompt(request)
        return "\n\n".join(f"[[{each.role.value}]]\n{each.text}" for each in request.messages)

    def prompt_digest(self, request: ChatRequest) -> str:
        """Return the name of the whole prompt, history included (`prompting.fingerprint`)."""
        if self.sliced is not None:
            return prompt_fingerprint([(Role.RAW, self.sliced.prompt(request))])
        messages = [(Role(each.role.value), each.text) for each in request.messages]
        begun = [(Role.ASSISTANT, request.begun)] if request.begun else []
        return prompt_fingerprint([*messages, *begun], thinks=request.think)

    async def aclose(self) -> None:
        """Close every connection."""
        await self.engine.aclose()


def chat_server(settings: Settings, model: str) -> ModelServer:
    """Return a model as whole answers need it: patient, and sliced where the user has it so.

    Raises:
        EngineNotLocalError: The endpoint or the model's name would send text elsewhere.
    """
    own = msgspec.structs.replace(settings.model_server, model=model, total_timeout_s=_CHAT_TOTAL_S)
    return ModelServer(own, sliced=lambda: settings.chat.time_slicing)


def chat_template(profile: ModelProfile) -> ChatTemplate | None:
    """Return the template of a family that we render ourselves; None leaves it to the server."""
    markers = profile.chat
    if markers is None or profile.family not in _RENDERED_FAMILIES:
        return None
    opening = markers.assistant_open.removesuffix(_EMPTY_THINKING)
    return ChatTemplate(
        system_open=markers.system_open,
        user_open=markers.user_open,
        answer_open=markers.assistant_open,
        thinking_open=f"{opening}<think>\n",
        thinking_end="\n</think>\n\n",
        turn_end=markers.turn_end,
    )
