"""What a repository may set: the closed table behind the promise that cloning code is harmless.

A repository's `.fimble/config.toml` arrives with the clone, before anybody has read it.
So every setting is classified here (a test fails on one that is not), and whatever could move
code off the machine, choose what runs, write files or cost more is for the user alone.
The rules are harmless by construction: numbers only fall, switches only go off, lists only grow.
What a team may fairly decide and yet changes how completions read waits for `fimble trust`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class RepositoryRule(StrEnum):
    """How far a repository's value for one setting counts."""

    USER_ONLY = "user only"
    """An error in a repository file: the user, the editor or the command line decide."""
    LOWER = "may lower"
    """The smaller of the two numbers counts."""
    SWITCH_OFF = "may switch off"
    """Off if either says off."""
    ADD = "may add"
    """The repository's entries join the user's."""
    ONCE_TRUSTED = "once trusted"
    """It counts after the user has reviewed this very value (`fimble trust`)."""


REPOSITORY_RULES: Final[Mapping[str, RepositoryRule]] = MappingProxyType(
    {
        "engine.kind": RepositoryRule.USER_ONLY,
        "ollama.endpoint": RepositoryRule.USER_ONLY,
        "ollama.model": RepositoryRule.USER_ONLY,
        "ollama.num_ctx": RepositoryRule.USER_ONLY,
        "ollama.keep_alive": RepositoryRule.USER_ONLY,
        "ollama.allowed_remote_hosts": RepositoryRule.USER_ONLY,
        "ollama.connect_timeout_s": RepositoryRule.USER_ONLY,
        "ollama.first_token_timeout_s": RepositoryRule.USER_ONLY,
        "ollama.inter_token_timeout_s": RepositoryRule.USER_ONLY,
        "ollama.total_timeout_s": RepositoryRule.USER_ONLY,
        "ollama.load_timeout_s": RepositoryRule.USER_ONLY,
        "openai.endpoint": RepositoryRule.USER_ONLY,
        "openai.model": RepositoryRule.USER_ONLY,
        "openai.dialect": RepositoryRule.USER_ONLY,
        "openai.api_key_env": RepositoryRule.USER_ONLY,
        "openai.api_key_in_keyring": RepositoryRule.USER_ONLY,
        "openai.ca_file": RepositoryRule.USER_ONLY,
        "openai.allowed_remote_hosts": RepositoryRule.USER_ONLY,
        "openai.num_ctx": RepositoryRule.USER_ONLY,
        "openai.connect_timeout_s": RepositoryRule.USER_ONLY,
        "openai.first_token_timeout_s": RepositoryRule.USER_ONLY,
        "openai.inter_token_timeout_s": RepositoryRule.USER_ONLY,
        "openai.total_timeout_s": RepositoryRule.USER_ONLY,
        "completion.enabled": RepositoryRule.SWITCH_OFF,
        "completion.disabled_languages": RepositoryRule.ADD,
        "completion.ignore": RepositoryRule.ADD,
        "completion.layout": RepositoryRule.ONCE_TRUSTED,
        "completion.debounce_ms": RepositoryRule.USER_ONLY,
        "completion.max_line_tokens": RepositoryRule.LOWER,
        "completion.max_block_tokens": RepositoryRule.LOWER,
        "completion.max_prefix_tokens": RepositoryRule.LOWER,
        "completion.max_suffix_tokens": RepositoryRule.LOWER,
        "completion.rules_tokens": RepositoryRule.LOWER,
        "completion.context_tokens": RepositoryRule.LOWER,
        "completion.temperature": RepositoryRule.USER_ONLY,
        "completion.prefetch": RepositoryRule.SWITCH_OFF,
        "completion.logprob_gate": RepositoryRule.ONCE_TRUSTED,
        "embedded.enabled": RepositoryRule.SWITCH_OFF,
        "embedded.confidence": RepositoryRule.ONCE_TRUSTED,
        "embedded.draft": RepositoryRule.SWITCH_OFF,
        "chat.think": RepositoryRule.USER_ONLY,
        "chat.time_slicing": RepositoryRule.USER_ONLY,
        "chat.keep_sessions": RepositoryRule.USER_ONLY,
        "chat.mouse": RepositoryRule.USER_ONLY,
        "chat.notifications": RepositoryRule.USER_ONLY,
        "chat.theme": RepositoryRule.USER_ONLY,
        "statistics.enabled": RepositoryRule.SWITCH_OFF,
        "log.level": RepositoryRule.USER_ONLY,
        "log.file": RepositoryRule.USER_ONLY,
        "log.keep": RepositoryRule.USER_ONLY,
    }
)
