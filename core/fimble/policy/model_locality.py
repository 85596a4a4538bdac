"""Which models run on this machine: cloud and remote models are refused (threat T6).

A loopback Ollama forwards prompts to ollama.com when the model's name ends in `:cloud` or
`-cloud`, and to any host when its local manifest names a `remote_host`
(ollama/ollama:internal/modelref/modelref.go, server/routes.go). Neither is visible in the
endpoint, so names and manifests are checked here, before the first prompt and again whenever the
model's digest changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from fimble.errors import EngineNotLocalError

REMOTE_FIELDS = ("remote_host", "remote_model")
"""Fields of /api/show, /api/tags and of answers that name where a prompt was forwarded to."""


def check_model_name(name: str) -> None:
    """Refuse a name that asks for a cloud model.

    Raises:
        EngineNotLocalError: The server would forward the prompt to ollama.com.
    """
    wanted = name.strip().casefold()
    tail = wanted.rpartition(":")[2].strip()
    if tail == "cloud" or tail.endswith("-cloud"):
        raise EngineNotLocalError(
            f"The model {name!r} runs in Ollama's cloud, and your code would be sent there.",
            hint="Choose a model without `cloud` in its name; `ollama list` shows yours.",
        )


def check_show(show: Mapping[str, object], *, model: str = "") -> None:
    """Refuse a model whose raw /api/show (or tags entry, or answer) says that it is elsewhere.

    Args:
        show: The decoded answer; the `ollama` package's own types drop these fields.
        model: The model's name, for the sentence.

    Raises:
        EngineNotLocalError: A remote host or model is named.
    """
    for field in REMOTE_FIELDS:
        value = show.get(field)
        if value:
            named = f"The model {model!r}" if model else "The model"
            raise EngineNotLocalError(
                f"{named} is only a pointer to {str(value)[:80]!r} ({field}), and your code "
                "would be sent there.",
                hint="Choose a model that lies on this machine; `ollama list` shows yours.",
            )
