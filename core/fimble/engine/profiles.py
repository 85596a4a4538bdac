"""What a model family needs of a prompt: tokens, orders, stops, sampling. Pure data and choice.

The strings themselves are in `engine.profile_table`; this module says what they mean and picks a
family for a model by its name, its architecture and the tokens its vocabulary really holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from fimble.completion.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptForm:
    """A fill-in-the-middle order: `opening`, first text, `between`, second text, `closing`.

    In PSM the first text is the prefix and the second the suffix, in SPM the other way round.
    Blanks that belong to a form (CodeLlama's) are part of its strings.
    """

    opening: str
    between: str
    closing: str

    def render(self, first: str, second: str) -> str:
        """Return the form with both texts in place."""
        return f"{self.opening}{first}{self.between}{second}{self.closing}"

    @property
    def tokens(self) -> tuple[str, ...]:
        """The control tokens of the form, without the blanks around them."""
        parts = (self.opening, self.between, self.closing)
        return tuple(token for part in parts for token in _TOKEN.findall(part))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMarkers:
    """The chat template of a family, thinking off, as the strings around each turn."""

    system_open: str
    user_open: str
    assistant_open: str
    """Ends where the answer begins; holds the empty think block of families that think."""
    turn_end: str

    def render_prefill(self, *, rules: str, question: str, begun: str) -> str:
        """Return a prompt whose answer has already begun with `begun` and is left open."""
        return (
            f"{self.system_open}{rules}{self.turn_end}"
            f"{self.user_open}{question}{self.turn_end}"
            f"{self.assistant_open}{begun}"
        )

    @property
    def tokens(self) -> tuple[str, ...]:
        """The control tokens of the template."""
        parts = (self.system_open, self.user_open, self.assistant_open, self.turn_end)
        return tuple(dict.fromkeys(token for part in parts for token in _TOKEN.findall(part)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token of a completion is drawn; penalties are off, code repeats names."""

    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 20
    min_p: float = 0.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repeat_penalty: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile:
    """Everything about a family that prompts and requests depend on."""

    family: str
    """Our name for it, such as "qwen3.5"."""
    psm: PromptForm | None = None
    """Prefix, suffix, middle; None when the family does not know that order."""
    spm: PromptForm | None = None
    """Suffix first; None when the family does not know that order."""
    chat: ChatMarkers | None = None
    """Set when the prefill layout is available."""
    preferred: tuple[Layout, ...]
    """Layouts from best to worst; those that a model cannot do are skipped."""
    repository_marker: str = ""
    """Stands before the repository's name at the head of a prompt with several files."""
    file_marker: str = ""
    """Stands before each file's path; empty where a comment has to do."""
    end_tokens: tuple[str, ...] = ()
    """What the family ends a document or a turn with; `</s>`, which is HTML too, is left out."""
    sampling: Sampling = field(default_factory=Sampling)
    hybrid: bool = False
    """Whether its state cannot be rolled back, so that prompts had better only grow."""

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """The layouts that are available, best first."""
        known = {Layout.PSM: self.psm, Layout.SPM: self.spm, Layout.PREFILL: self.chat}
        return tuple(layout for layout in self.preferred if known[layout] is not None)

    @property
    def default_layout(self) -> Layout:
        """The best available layout."""
        return self.layouts[0]

    @property
    def fim_tokens(self) -> tuple[str, ...]:
        """The control tokens of all fill-in-the-middle orders, each once."""
        found = (token for form in (self.psm, self.spm) if form for token in form.tokens)
        return tuple(dict.fromkeys(found))

    def separates_holes(self, layout: Layout) -> bool:
        """Whether a prompt in `layout` may go on with the next hole behind a filled one.

        Fill-in-the-middle families do that in prompts of several files, behind the token before
        a file's path (bigcode, StarCoder 2, "repository-context"; Qwen2.5-Coder, "repository-level
        infilling"); chat models take another turn.
        """
        if layout is not Layout.PREFILL:
            return bool(self.file_marker)
        chat = self.chat
        return chat is not None and bool(chat.user_open and chat.assistant_open)

    def stops(self, layout: Layout) -> tuple[str, ...]:
        """Strings at which an answer in `layout` is over.

        llama-server does not render control tokens as text, so these are for servers that do;
        the model's own end-of-generation tokens stop it in either case.
        """
        own = self.chat.tokens if layout is Layout.PREFILL and self.chat else self.fim_tokens
        markers = (token for token in own if token not in _THINK_TOKENS)
        extra = (token for token in (self.repository_marker, self.file_marker) if token)
        return tuple(dict.fromkeys((*markers, *extra, *self.end_tokens)))


_TOKEN = re.compile(r"<\|[^|<>\s]+\|>|<｜[^｜<>\s]+｜>|<[A-Za-z_/]+>|\[[A-Z/_]+\]")
_THINK_TOKENS = frozenset({"<think>", "</think>"})
"""Appear in the opening of a prefill prompt but may be code in an answer."""


def profile_for(
    model: str, family: str = "", tokens: Collection[str] | None = None
) -> ModelProfile:
    """Choose the profile of a model.

    Args:
        model: Its name, such as "qwen3.6:27b" or "hf.co/org/Qwen2.5-Coder-7B-GGUF:Q4_K_M".
        family: Its architecture as the server names it, such as "qwen35"; "" when unknown.
        tokens: The control tokens in its vocabulary (`/api/show`, verbose); None when unknown.
            Orders that need a token that is not there are left out.
    """
    from fimble.engine.profile_table import BY_ARCHITECTURE, BY_NAME, BY_TOKEN, PLAIN  # noqa: PLC0415

    name = model.casefold()
    chosen = next((profile for pattern, profile in BY_NAME if re.search(pattern, name)), None)
    if chosen is None:
        chosen = BY_ARCHITECTURE.get(family.casefold())
    if chosen is None and tokens is not None:
        chosen = next((profile for token, profile in BY_TOKEN if token in tokens), None)
    if chosen is None:
        return PLAIN
    return chosen if tokens is None else _restricted(chosen, frozenset(tokens), PLAIN)


def _restricted(profile: ModelProfile, tokens: frozenset[str], plain: ModelProfile) -> ModelProfile:
    """Leave out what the vocabulary has no tokens for."""
    psm, spm, chat = profile.psm, profile.spm, profile.chat
    if chat is not None and not tokens.issuperset(set(chat.tokens) - _THINK_TOKENS):
        chat = None
    restricted = replace(
        profile,
        psm=psm if psm is not None and tokens.issuperset(psm.tokens) else None,
        spm=spm if spm is not None and tokens.issuperset(spm.tokens) else None,
        chat=chat,
        repository_marker=profile.repository_marker if profile.repository_marker in tokens else "",
        file_marker=profile.file_marker if profile.file_marker in tokens else "",
    )
    return restricted if restricted.layouts else plain
