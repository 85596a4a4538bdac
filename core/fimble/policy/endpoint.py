"""Which address may receive code: this machine, or a host that the user named (threat T6).

The one place that decides. An endpoint is a literal loopback address, or `localhost` when that
name resolves to loopback only; any other host must be named, exactly, in a user-level setting and
be reached over https. The address that was checked is the address that is connected to: a
`localhost` is replaced by the loopback address it resolved to, so that a resolver which answers
differently the second time changes nothing.

Nothing here reads OLLAMA_HOST, OLLAMA_API_KEY or proxy variables.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from fimble.errors import EngineNotLocalError

Resolve = Callable[[str], Sequence[str]]
"""Addresses of a host name, as text; raises OSError when there are none."""

OLLAMA_PORT = 11434
"""Where `ollama serve` listens unless told otherwise (ollama/ollama:envconfig/config.go)."""

_LONGEST_URL = 512
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~%-]+")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*")
_PATH = re.compile(r"(?:/[A-Za-z0-9][A-Za-z0-9._~-]*)*/?")
"""Plain names only: no dots alone, no escapes, nothing empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A checked address of a model server."""

    base_url: str
    """Scheme, literal address (or named remote host) and port, then the path where one is
    allowed; no slash at the end."""
    local: bool
    """Whether it is on this machine."""

    @property
    def encrypted(self) -> bool:
        """Whether requests travel over TLS."""
        return self.base_url.startswith("https:")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What an address may be, and whose it is."""

    section: str
    port: int
    with_path: bool

    @property
    def setting(self) -> str:
        return f"{self.section}.endpoint"


def check_endpoint(
    url: str,
    *,
    allowed_remote_hosts: Collection[str] = frozenset(),
    resolve: Resolve | None = None,
    default_port: int = OLLAMA_PORT,
    section: str = "ollama",
    with_path: bool = False,
) -> Endpoint:
    """Return the endpoint that `url` names.

    Args:
        url: Scheme, host and optional port; nothing else.
        allowed_remote_hosts: Hosts other than this machine that the user named.
        resolve: Looks up `localhost`; the system's resolver when None.
        default_port: Port of a loopback http address without one; https and remote hosts
            default to 443.
        section: The settings that the address and the hosts come from, for the sentences.
        with_path: Whether the address may go on with a path, as that of a gateway does.

    Raises:
        EngineNotLocalError: The address is not on this machine and not allowed, or is written
            in a way that different programs read differently.
    """
    rules = _Rules(section=section, port=default_port, with_path=with_path)
    parts = _split(url, rules)
    path = parts.path.rstrip("/") if with_path else ""
    host = parts.hostname or ""
    port = _port(parts, url, rules)
    address = _literal_address(host, rules)
    if address is None and host == "localhost":
        address = _resolve_localhost(resolve or _system_resolve, rules)
    if address is not None and address.is_loopback:
        standard = 443 if parts.scheme == "https" else default_port
        return Endpoint(
            base_url=f"{parts.scheme}://{_bracketed(address)}:{port or standard}{path}",
            local=True,
        )
    named = host if address is None else str(address)
    _check_remote(url, named, parts.scheme, allowed_remote_hosts, rules)
    shown = named if address is None else _bracketed(address)
    return Endpoint(base_url=f"https://{shown}:{port or 443}{path}", local=False)


def _split(url: str, rules: _Rules) -> SplitResult:
    """Take the address apart, refusing everything that is not scheme, host and port."""
    if len(url) > _LONGEST_URL or not _URL_CHARACTERS.fullmatch(url):
        raise EngineNotLocalError(
            f"{rules.setting}: {url[:80]!r} is empty, too long or holds characters "
            "that do not belong in an address.",
            hint=f'Write it as "http://127.0.0.1:{rules.port}".',
        )
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise EngineNotLocalError(
            f"{rules.setting}: {url!r} is not an address: {error}."
        ) from error
    if parts.scheme not in ("http", "https") or "://" not in url:
        raise EngineNotLocalError(
            f"{rules.setting}: {url!r} does not begin with http:// or https://.",
            hint=f'Write it as "http://127.0.0.1:{rules.port}".',
        )
    if "@" in parts.netloc:
        raise EngineNotLocalError(
            f"{rules.setting}: an address may not hold a user name or password.",
            hint="Remove everything before the @.",
        )
    if rules.with_path and "?" not in url and "#" not in url:
        if not _PATH.fullmatch(parts.path):
            raise EngineNotLocalError(
                f"{rules.setting}: the path in {url!r} is not made of plain names.",
                hint="Give scheme, host and port, and a path such as /v1 where there is one.",
            )
    elif parts.path not in ("", "/") or "?" in url or "#" in url:
        raise EngineNotLocalError(
            f"{rules.setting}: {url!r} has a path, query or fragment.",
            hint="Give only scheme, host and port.",
        )
    if not parts.hostname:
        raise EngineNotLocalError(f"{rules.setting}: {url!r} names no host.")
    return parts


def _port(parts: SplitResult, url: str, rules: _Rules) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise EngineNotLocalError(f"{rules.setting}: the port in {url!r} is no port.") from error
    if port == 0:
        raise EngineNotLocalError(f"{rules.setting}: {url!r} asks for port 0, which nobody serves.")
    return port


def _literal_address(
    host: str, rules: _Rules
) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read a literal address; None for a name.

    Short, octal and hexadecimal forms ("127.1", "0x7f.1") are no addresses here: resolvers
    disagree on them. An IPv4 address dressed as IPv6 counts as what it is on the wire, IPv6.
    """
    if "%" in host:
        raise EngineNotLocalError(f"{rules.setting}: {host!r} holds a zone or an escape.")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise EngineNotLocalError(
            f"{rules.setting}: {host} is an IPv4 address written as IPv6.",
            hint=f"Write {address.ipv4_mapped}.",
        )
    return address


def _resolve_localhost(
    resolve: Resolve, rules: _Rules
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the loopback address behind `localhost`, IPv4 first as Ollama listens there."""
    try:
        answers = [ipaddress.ip_address(answer) for answer in resolve("localhost")]
    except (OSError, ValueError) as error:
        raise EngineNotLocalError(
            f"{rules.setting}: this system cannot say what localhost is ({error}).",
            hint="Write 127.0.0.1 instead.",
        ) from error
    outside = [str(answer) for answer in answers if not answer.is_loopback]
    if outside or not answers:
        said = ", ".join(outside) or "nothing"
        raise EngineNotLocalError(
            f"{rules.setting}: on this system localhost means {said}, which is not this machine.",
            hint="Write 127.0.0.1 instead, and look at the hosts file.",
        )
    return min(answers, key=lambda answer: answer.version)


def _system_resolve(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _check_remote(
    url: str, host: str, scheme: str, allowed: Collection[str], rules: _Rules
) -> None:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 (a comparison, nothing is bound)
        raise EngineNotLocalError(
            f"{rules.setting}: {host} is an address to listen on, not one to connect to.",
            hint="Write 127.0.0.1.",
        )
    if host not in {name.casefold() for name in allowed}:
        raise EngineNotLocalError(
            f"{rules.setting}: {url} is not on this machine, and your code would be sent there.",
            hint=f'If you want that, add "{host}" to {rules.section}.allowed_remote_hosts '
            "in your own configuration.",
        )
    if not (_HOST_NAME.fullmatch(host) or _literal_address(host, rules)):
        raise EngineNotLocalError(f"{rules.setting}: {host!r} is not the name of a host.")
    if scheme != "https":
        raise EngineNotLocalError(
            f"{rules.setting}: {url} would carry your code over the network unencrypted.",
            hint=f"Use https, or a tunnel: `ssh -N -L {rules.port}:127.0.0.1:{rules.port} {host}`.",
        )


def _bracketed(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 (IPv6)
