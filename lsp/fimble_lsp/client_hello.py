"""What the client says of itself in `initialize`, as far as this server wants to know.

Read by hand and leniently: a server that refuses to start because of one unknown value in a
capability it never uses helps nobody. It also spares start-up the construction of some two
hundred classes' worth of converters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pygls.uris import to_fs_path

from fimble.text.encoding import PositionEncoding, negotiate
from fimble_lsp.protocol.parameters import InvalidParameters, member_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """The client, its abilities and its workspace."""

    process_id: int | None
    """The client's process; the server ends when it does."""
    encoding: PositionEncoding
    """What characters are counted in, chosen from what the client offers."""
    shows_inline_completions: bool
    """Whether the client can show ghost text by itself."""
    asks_again_after_drafts: bool
    """Whether the client asks for the model's text when it was told that it got a draft."""
    answers_configuration: bool
    """Whether the client can be asked for its settings."""
    brings_settings: bool
    """Whether the client sent settings with `initialize`; it will then send their changes too."""
    options: Mapping[str, object]
    """`initializationOptions`; empty where the client sends none."""
    folders: tuple[str, ...]
    """Paths of the workspace's folders, as far as they are files."""
    capabilities: Mapping[str, object]
    """As the client sent them, for features that look for one of their own (`member_at`)."""


def read_client_hello(raw: object) -> ClientHello:
    """Read the parameters of `initialize`; raises `InvalidParameters` for what it must know."""
    if not isinstance(raw, dict):
        raise InvalidParameters("Invalid parameters: initialize takes an object.")
    params = cast("dict[str, object]", raw)
    capabilities: object = params.get("capabilities")
    if not isinstance(capabilities, dict):
        raise InvalidParameters("Invalid parameters at $.capabilities.")
    process_id = params.get("processId")
    capabilities = cast("dict[str, object]", capabilities)
    if isinstance(process_id, bool) or not isinstance(process_id, (int, type(None))):
        raise InvalidParameters("Invalid parameters at $.processId.")
    encodings = member_at(capabilities, "general", "positionEncodings")
    names = cast("list[object]", encodings) if isinstance(encodings, list) else []
    inline = member_at(capabilities, "textDocument", "inlineCompletion")
    options = params.get("initializationOptions")
    return ClientHello(
        process_id=process_id,
        encoding=negotiate(name for name in names if isinstance(name, str)),
        shows_inline_completions=isinstance(inline, dict),
        asks_again_after_drafts=member_at(capabilities, "experimental", "fimble", "drafts") is True,
        answers_configuration=member_at(capabilities, "workspace", "configuration") is True,
        brings_settings=isinstance(options, dict),
        options=cast("dict[str, object]", options) if isinstance(options, dict) else {},
        folders=_folders(params),
        capabilities=capabilities,
    )


def _folders(params: Mapping[str, object]) -> tuple[str, ...]:
    """Return the workspace folders, or the single root that older clients send."""
    listed = params.get("workspaceFolders")
    entries = cast("Sequence[object]", listed) if isinstance(listed, list) else ()
    uris = [member_at(entry, "uri") for entry in entries] or [params.get("rootUri")]
    return folder_paths(uri for uri in uris if isinstance(uri, str))


def folder_paths(uris: Iterable[str]) -> tuple[str, ...]:
    """Return the paths of those folders that are files; others cannot be read."""
    paths = (to_fs_path(uri) for uri in uris if uri.startswith("file:"))
    return tuple(path for path in paths if path)
