"""Checks that need no server: versions, configuration, the address, our own engine."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator

from fimble.config.load import LoadedSettings, SettingSources
from fimble.config.schema import Settings
from fimble.errors import EngineNotLocalError
from fimble.policy.endpoint import Endpoint, check_endpoint
from fimble.version import VERSION
from fimble_cli.checks.finding import Finding, ok, problem, warning


def check_versions() -> Finding:
    """Name the versions that a bug report needs."""
    python = ".".join(map(str, sys.version_info[:3]))
    return ok("versions", f"Fimble {VERSION}, Python {python}, {sysconfig.get_platform()}.")


def check_configuration(sources: SettingSources, loaded: LoadedSettings) -> Iterator[Finding]:
    """Name the files that settings come from, and every mistake in them."""
    for error in loaded.errors:
        yield problem("configuration", str(error), f"edit {error.source}")
    if loaded.errors:
        return
    files = [path for path in (sources.user_file, sources.repository_file) if path is not None]
    present = [str(path) for path in files if path.is_file()]
    yield ok("configuration", f"{' and '.join(present) or 'No file: the built-in settings'}.")


def check_locality(settings: Settings) -> Finding:
    """Say where code is sent to."""
    try:
        endpoint = _checked_endpoint(settings)
    except EngineNotLocalError as error:
        return problem("endpoint", error.sentence, error.hint)
    if endpoint.local:
        return ok("endpoint", f"{endpoint.base_url} is on this machine.")
    return warning(
        "endpoint",
        f"{endpoint.base_url} is another machine; your configuration allows it to get your code.",
    )


def _checked_endpoint(settings: Settings) -> Endpoint:
    if settings.asks_openai:
        from fimble.engine.openai.connection import checked_endpoint  # noqa: PLC0415

        return checked_endpoint(settings.openai)
    ollama = settings.ollama
    return check_endpoint(ollama.endpoint, allowed_remote_hosts=ollama.allowed_remote_hosts)


def check_embedded(settings: Settings) -> Finding:
    """Say whether somebody answers while the server does not."""
    check = "embedded engine"
    if settings.engine.kind in ("ollama", "openai"):
        return ok(check, f"Not used: engine.kind asks for {settings.engine.kind} only.")
    if not settings.embedded.enabled:
        if settings.engine.kind == "embedded":
            return problem(
                check,
                "engine.kind asks for the embedded engine only, and it is switched off.",
                "set embedded.enabled = true in your configuration",
            )
        return warning(
            check,
            "Switched off: nobody answers while the model server is absent or loading.",
            "set embedded.enabled = true in your configuration",
        )
    role = "answers alone" if settings.engine.kind == "embedded" else "stands in for the server"
    return ok(check, f"On: it {role}; confidence from {settings.embedded.confidence:g}.")
