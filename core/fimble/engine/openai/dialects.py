"""What each server adds to OpenAI's protocol: one row for each, nothing decided elsewhere.

A parameter that a server does not know is an error to some (OpenAI, gateways in front of it), so
the row of a server that is not known is empty.
Sources: vLLM, `CompletionRequest` in vllm/entrypoints/openai/protocol.py; SGLang, the same in
python/sglang/srt/entrypoints/openai/protocol.py; llama-server, tools/server/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fimble.engine.profiles import Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One server's additions."""

    name: str
    title: str
    owner: str = ""
    """`owned_by` of its models, by which it is recognised."""
    most_stops: int | None = None
    """Stop strings that it takes; None: any number."""
    shows_control_tokens: bool = False
    """Whether it has to be asked to send control tokens as text. Without, a stop string that is
    one is never seen, and the model writes on into the next file."""
    keeps_cache: bool = False
    """Whether it has to be told to keep the prompt's state (`cache_prompt`)."""
    samples: tuple[tuple[str, str], ...] = ()
    """Its names of our sampling options."""
    template_arguments: bool = False
    """Whether it hands `chat_template_kwargs` to the model's template."""
    continues_by: tuple[tuple[str, bool], ...] = ()
    """What it needs to be told to continue a last message of the assistant."""
    slots: int | None = 1
    """Requests that it works on at once; None: as many as there are. llama-server tells."""

    def sampling(self, sampling: Sampling) -> Mapping[str, float]:
        """Return the options of a completion beyond OpenAI's."""
        return {theirs: getattr(sampling, ours) for ours, theirs in self.samples}


_CONTINUES = (("continue_final_message", True), ("add_generation_prompt", False))
_SAMPLES = (("top_k", "top_k"), ("min_p", "min_p"))

OTHER: Final = Dialect(name="other", title="The model server", most_stops=4)
"""OpenAI takes four stop strings; the pipeline's own rules cut at the others."""

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        row.name: row
        for row in (
            OTHER,
            Dialect(
                name="vllm",
                title="vLLM",
                owner="vllm",
                shows_control_tokens=True,
                samples=(*_SAMPLES, ("repeat_penalty", "repetition_penalty")),
                template_arguments=True,
                continues_by=_CONTINUES,
                slots=None,
            ),
            Dialect(
                name="sglang",
                title="SGLang",
                owner="sglang",
                shows_control_tokens=True,
                samples=(*_SAMPLES, ("repeat_penalty", "repetition_penalty")),
                template_arguments=True,
                continues_by=_CONTINUES[:1],
                slots=None,
            ),
            Dialect(
                name="llama-server",
                title="llama-server",
                owner="llamacpp",
                keeps_cache=True,
                samples=(*_SAMPLES, ("repeat_penalty", "repeat_penalty")),
                template_arguments=True,
            ),
        )
    }
)


def dialect_of(owner: str) -> Dialect:
    """Return the dialect of a server whose models are `owner`'s."""
    return next((row for row in DIALECTS.values() if row.owner and row.owner == owner), OTHER)
