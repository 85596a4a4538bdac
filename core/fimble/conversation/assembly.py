"""From settings and a workspace to a conversation: what the terminal chat and `fimble ask` open."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.conversation.conversation import Conversation
from fimble.conversation.followed_prompts import FollowedPrompts
from fimble.conversation.model_server import chat_server
from fimble.conversation.question_expander import QuestionExpander
from fimble.conversation.session_rules import SessionRules
from fimble.engine.token_estimate import TokenEstimator
from fimble.history.sessions.session_file import default_path
from fimble.history.sessions.session_store import SessionStore
from fimble.trust.live import LivePrompts

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble.trust.store import TrustStore


def open_conversation(
    settings: Settings,
    workspace: Path,
    *,
    model: str = "",
    store_path: Path | None = None,
    trust_store: TrustStore | None = None,
    prompt_file: Path | None = None,
    patient: bool = True,
) -> Conversation:
    """Return a conversation that belongs to `workspace`; nothing is asked before its `start`.

    Args:
        settings: The whole configuration.
        workspace: The workspace's root.
        model: Another model than the configured one.
        store_path: Another file of sessions than the user's.
        trust_store: Another record of what the user reviewed than his own.
        prompt_file: A template that wins over all others of its name.
        patient: Whether questions wait for a server that is gone.

    Raises:
        EngineNotLocalError: The model or the endpoint is not on this machine.
    """
    count = TokenEstimator().count
    prompts = FollowedPrompts(
        LivePrompts(workspace, store=trust_store, file=prompt_file),
        lambda allows: SessionRules(workspace=workspace, allows=allows, count_tokens=count),
    )
    path = (store_path or default_path()) if settings.chat.keep_sessions else None
    return Conversation(
        make_server=partial(chat_server, settings),
        model=model or settings.model_server.model,
        open_store=partial(SessionStore, path),
        directory=workspace,
        expander=QuestionExpander(
            catalogue=prompts.catalogue,
            count_tokens=count,
            rules=prompts.rules,
            repository=workspace.name,
        ),
        think=settings.chat.think,
        patient=patient,
        exclude=settings.completion.ignore,
        prompts=prompts,
    )
