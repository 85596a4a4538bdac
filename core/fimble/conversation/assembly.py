"""From settings and a workspace to a conversation: what the terminal chat and `fimble ask` open."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from fimble.context.project_rules import project_rules
from fimble.conversation.conversation import Conversation
from fimble.conversation.model_server import ModelServer
from fimble.conversation.question_expander import QuestionExpander
from fimble.engine.token_estimate import TokenEstimator
from fimble.history.sessions.session_file import default_path
from fimble.history.sessions.session_store import SessionStore
from fimble.prompt_files.layers import PromptLayers
from fimble.trust.workspace import trust_state

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble.trust.workspace import TrustState

_CHAT_TOTAL_S: Final = 3600.0
"""An answer may take as long as it likes while tokens come; a completion may not."""


def open_conversation(
    settings: Settings,
    workspace: Path,
    *,
    model: str = "",
    store_path: Path | None = None,
    trust: TrustState | None = None,
    prompt_file: Path | None = None,
    patient: bool = True,
) -> Conversation:
    """Return a conversation that belongs to `workspace`; nothing is asked before its `start`.

    Args:
        settings: The whole configuration.
        workspace: The workspace's root.
        model: Another model than the configured one.
        store_path: Another file of sessions than the user's.
        trust: What the user lets the workspace have a say in; None looks it up.
        prompt_file: A template that wins over all others of its name.
        patient: Whether questions wait for a server that is gone.

    Raises:
        EngineNotLocalError: The model or the endpoint is not on this machine.
    """
    state = trust or trust_state(workspace)
    allows = state.trust.allows if state.trust.granted else None
    layers = PromptLayers(workspace=workspace, allows=allows, file=prompt_file)
    count = TokenEstimator().count

    @cache
    def rules() -> str:  # Once: a session's rules must not change the beginning of its prompt.
        if allows is None:
            return ""
        return project_rules(workspace, None, allows=allows, count_tokens=count).text

    path = (store_path or default_path()) if settings.chat.keep_sessions else None
    return Conversation(
        make_server=partial(_server, settings),
        model=model or settings.ollama.model,
        open_store=partial(SessionStore, path),
        directory=workspace,
        expander=QuestionExpander(
            catalogue=cache(layers.catalogue),
            count_tokens=count,
            rules=rules,
            repository=workspace.name,
        ),
        think=settings.chat.think,
        patient=patient,
        exclude=settings.completion.ignore,
    )


def _server(settings: Settings, model: str) -> ModelServer:
    own = msgspec.structs.replace(settings.ollama, model=model, total_timeout_s=_CHAT_TOTAL_S)
    return ModelServer(own, sliced=lambda: settings.chat.time_slicing)
