"""The connection to an OpenAI-compatible server: its key, its certificates, its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fimble.engine.http_connection import HttpConnection, ServerIdentity
from fimble.engine.openai.key import ServerKey
from fimble.engine.openai.status import ENGINE, START_HINT, TITLE, error_for_status
from fimble.errors import ConfigError, FimbleError
from fimble.policy.endpoint import Endpoint, check_endpoint

if TYPE_CHECKING:
    import ssl

    import httpx

    from fimble.config.schema import OpenAISettings

DEFAULT_PORT = 8000
"""vLLM's; llama-server's is 8080, SGLang's 30000, LiteLLM's 4000."""


def checked_endpoint(settings: OpenAISettings) -> Endpoint:
    """Return where requests go; a path may end in /v1, which every request adds anyway.

    Raises:
        EngineNotLocalError: The address is not on this machine and not allowed.
    """
    return check_endpoint(
        settings.endpoint.rstrip("/").removesuffix("/v1"),
        allowed_remote_hosts=settings.allowed_remote_hosts,
        default_port=DEFAULT_PORT,
        section="openai",
        with_path=True,
    )


class OpenAIConnection(HttpConnection):
    """Requests to one server; every failure is one of `fimble.errors`, without the key in it.

    Raises:
        EngineNotLocalError: The endpoint would send code elsewhere.
    """

    def __init__(
        self, settings: OpenAISettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        endpoint = checked_endpoint(settings)
        self._model = settings.model
        self._ca_file = settings.ca_file
        self.key = ServerKey(settings)
        identity = ServerIdentity(
            engine=ENGINE,
            title=TITLE,
            start_hint=START_HINT,
            connect_timeout_s=settings.connect_timeout_s,
            silence_timeout_s=settings.inter_token_timeout_s,
            from_status=self._error,
            headers=self.key.headers,
            tls=self._tls if settings.ca_file else None,
        )
        super().__init__(identity, endpoint, transport)

    def _error(self, status: int, text: str) -> FimbleError:
        said = self.key.hidden_in(text)
        return error_for_status(status, said, model=self._model, endpoint=self.base_url)

    def _tls(self) -> ssl.SSLContext:
        import ssl  # noqa: PLC0415 - only who has authorities of his own

        try:
            return ssl.create_default_context(cafile=self._ca_file)
        except OSError as error:
            raise ConfigError(
                f"{self._ca_file} holds no certificate authorities ({error.strerror or error}).",
                source="openai.ca_file",
                key="openai.ca_file",
                hint="Name a PEM file.",
            ) from error
