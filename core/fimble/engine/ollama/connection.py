"""The connection to an Ollama: what its errors are called and what they mean."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fimble.engine.http_connection import HttpConnection, ServerIdentity
from fimble.engine.ollama.status import ENGINE, START_HINT, error_for_status

if TYPE_CHECKING:
    import httpx

    from fimble.config.schema import OllamaSettings
    from fimble.policy.endpoint import Endpoint

TITLE = "Ollama"


class OllamaConnection(HttpConnection):
    """Requests to one Ollama; every failure is one of `fimble.errors`."""

    def __init__(
        self,
        settings: OllamaSettings,
        endpoint: Endpoint,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        identity = ServerIdentity(
            engine=ENGINE,
            title=TITLE,
            start_hint=START_HINT,
            connect_timeout_s=settings.connect_timeout_s,
            silence_timeout_s=settings.inter_token_timeout_s,
            from_status=partial(error_for_status, model=settings.model, endpoint=endpoint.base_url),
        )
        super().__init__(identity, endpoint, transport)
