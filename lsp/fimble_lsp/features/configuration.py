"""Settings: `initializationOptions`, else `workspace/configuration`, and the files below.

A client that sends none with `initialize` is asked for its "fimble" section and to tell when that
changes. A mistake is told once, in the status; the last good configuration stays in force.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lsprotocol import types

from fimble.errors import FimbleError
from fimble_lsp.background import in_daemon_thread
from fimble_lsp.client_requests import is_registered_late, register_later
from fimble_lsp.log import LOGGER, follow_settings
from fimble_lsp.protocol.crash import crash_summary

if TYPE_CHECKING:
    from fimble.config.holder import ConfigurationHolder
    from fimble.errors import ConfigError
    from fimble_lsp.server import FimbleServer

_SECTION = "fimble"
_PULL_TIMEOUT_S = 5.0
_FIRST_PULL_TIMEOUT_S = 2.0
"""A client that does not answer must not keep completions from beginning."""


def register(server: FimbleServer) -> None:
    """Follow the client's settings."""
    server.route(
        types.WORKSPACE_DID_CHANGE_CONFIGURATION,
        lambda params: server.spawn(_changed(server, params.settings), name="settings"),
    )


async def load_and_build(server: FimbleServer) -> None:
    """Read every source of settings for the first time and build the completer."""
    folders = server.hello.folders
    async with server.settings_turn:
        try:
            asked = asyncio.ensure_future(_options(server))
            await in_daemon_thread(server.completions.load)
            options = await asked
            configuration = await in_daemon_thread(lambda: _first_reading(folders, options))
            server.configuration = configuration
            server.status.mistake(_sentence(configuration.current.errors))
            await _build(server, configuration)
        finally:
            server.completions.give_up()


async def _options(server: FimbleServer) -> Mapping[str, object]:
    """Return the client's settings, and have it tell of changes where it brought none."""
    if server.hello.brings_settings:
        return server.hello.options
    if is_registered_late(server.hello, "workspace", "didChangeConfiguration"):
        registration = types.Registration(
            id="fimble-settings",
            method=types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            register_options={"section": _SECTION},
        )
        server.spawn(register_later(server, [registration]), name="register settings")
    sent = await _pull(server, timeout_s=_FIRST_PULL_TIMEOUT_S)
    return cast("Mapping[str, object]", sent) if isinstance(sent, Mapping) else {}


def _first_reading(folders: Sequence[str], options: Mapping[str, object]) -> ConfigurationHolder:
    """Load modules and files that start-up had no use for; runs in a thread."""
    from fimble.config import holder, load  # noqa: PLC0415 - start-up has no use for it
    from fimble.trust.granted import trusted_settings  # noqa: PLC0415

    workspace = Path(folders[0]) if folders else None
    return holder.ConfigurationHolder(
        load.SettingSources(
            user_file=load.user_config_file(),
            repository_file=load.repository_config_file(workspace) if workspace else None,
            further_files=tuple(load.repository_config_file(Path(it)) for it in folders[1:]),
            is_trusted=trusted_settings(workspace) if workspace else None,
            editor=options,
        )
    )


async def read_files_again(server: FimbleServer) -> None:
    """Take what the files say now: one of them changed, or what of them is trusted."""
    async with server.settings_turn:
        configuration = server.configuration
        if configuration is None:
            return
        errors = await in_daemon_thread(configuration.reload)
        server.status.mistake(_sentence(errors))
        if not errors:
            await _build(server, configuration)


async def read_for_folders(server: FimbleServer) -> None:
    """Build the completer for the folders that the workspace has now, with their settings."""
    async with server.settings_turn:
        former, folders = server.configuration, server.hello.folders
        if former is None:
            return
        configuration = await in_daemon_thread(lambda: _first_reading(folders, former.editor))
        server.configuration = configuration
        server.status.mistake(_sentence(configuration.current.errors))
        await _build(server, configuration)


async def _changed(server: FimbleServer, sent: object) -> None:
    """Take new settings, or fetch them where the client only says that there are some."""
    async with server.settings_turn:
        configuration = server.configuration
        if configuration is None:
            return
        if not isinstance(sent, Mapping):
            sent = await _pull(server)
        editor = cast("Mapping[str, object]", sent) if isinstance(sent, Mapping) else None
        errors = configuration.reload(editor=editor)
        server.status.mistake(_sentence(errors))
        if not errors:
            await _build(server, configuration)


async def _pull(server: FimbleServer, *, timeout_s: float = _PULL_TIMEOUT_S) -> object:
    """Ask the client for its settings; None where it cannot be asked or does not answer."""
    if not server.hello.answers_configuration:
        return None
    params = types.ConfigurationParams(items=[types.ConfigurationItem(section=_SECTION)])
    answer = server.rpc.send_request_async(types.WORKSPACE_CONFIGURATION, params)
    try:
        values = await asyncio.wait_for(answer, timeout_s)
    except (TimeoutError, Exception) as error:  # noqa: BLE001 - whatever the client answers with
        LOGGER.warning("The client did not send its settings: %s", crash_summary(error))
        return None
    return cast("list[object]", values)[0] if isinstance(values, list) and values else None


async def _build(server: FimbleServer, configuration: ConfigurationHolder) -> None:
    follow_settings(configuration.settings.log)
    try:
        await server.completions.build(
            configuration.settings, server.hello.folders, server.status.engine_changed
        )
    except FimbleError as error:
        server.status.failed(str(error))


def _sentence(errors: Sequence[ConfigError]) -> str:
    """Return one sentence about mistakes in the configuration; empty when there are none."""
    if not errors:
        return ""
    more = len(errors) - 1
    return str(errors[0]) if not more else f"{errors[0]} ({more} more.)"
