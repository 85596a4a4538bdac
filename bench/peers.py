"""The other systems of the comparison, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.peer_models.llama_cpp import LlamaVim, LlamaVscode
from bench.peer_models.pausing import Continue, LlmLs, Tabby, Twinny
from bench.peer_models.throttled import LspAi, Minuet, MinuetLocal
from bench.peer_models.wire import ModelServer, Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerModel:
    """One system and how its model is made."""

    name: str
    build: Callable[[ModelServer], Peer]
    is_extra: bool = False
    """A row beside the eight systems with their own defaults: the goals are not about it."""

    def maker(self, model: str, num_ctx: int) -> Callable[[str, Path], Peer]:
        """Return how it is started for a model; it needs no home."""

        def make(url: str, home: Path) -> Peer:
            del home
            return self.build(ModelServer(url=url, model=model, num_ctx=num_ctx))

        return make


PEERS = (
    PeerModel(name="llama.vim", build=LlamaVim),
    PeerModel(name="llama.vscode", build=LlamaVscode),
    PeerModel(name="Continue", build=Continue),
    PeerModel(name="Tabby", build=Tabby),
    PeerModel(name="minuet", build=Minuet),
    PeerModel(name="minuet (local advice)", build=MinuetLocal, is_extra=True),
    PeerModel(name="twinny", build=Twinny),
    PeerModel(name="lsp-ai", build=LspAi),
    PeerModel(name="llm-ls", build=LlmLs),
)

EXTRA_ROWS = frozenset(peer.name for peer in PEERS if peer.is_extra)
