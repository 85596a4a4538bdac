"""Secrets to plant, drawn from a seed: shapes of real keys at the places where people leave them.

None is anybody's, and none stands in the repository: beginnings and random parts are put together
when a test asks, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import random
import string
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

SEED: Final = 15
_ALNUM: Final = string.ascii_letters + string.digits
_HEX: Final = "0123456789abcdef"
_URL_SAFE: Final = _ALNUM + "-_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One secret in one text."""

    shape: str
    place: str
    name: str
    """A file's name that such a text has, from the workspace's root."""
    text: str
    secrets: tuple[str, ...]
    """What must be nowhere: the secret, or for several lines each of them."""


class _Draw:
    """Random parts of keys."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def some(self, alphabet: str, count: int) -> str:
        return "".join(self._chance.choices(alphabet, k=count))

    def bytes64(self, count: int) -> str:
        return b64encode(self._chance.randbytes(count)).decode()

    def password(self) -> str:
        """As a generator of passwords makes them."""
        parts = [*self.some(_ALNUM, 11), *self.some("!#%&*+-=?@^~", 3), *self.some("0123456789", 2)]
        self._chance.shuffle(parts)
        return "".join(parts)


def _jwt(draw: _Draw) -> str:
    # Every header of JSON begins so, and so does every claim.
    start = "ey" + "J"
    return ".".join(
        (start + draw.some(_ALNUM, 33), start + draw.some(_ALNUM, 70), draw.some(_URL_SAFE, 43))
    )


_KNOWN: Final[dict[str, Callable[[_Draw], str]]] = {
    "aws-key": lambda draw: "AK" + "IA" + draw.some(string.ascii_uppercase + "234567", 16),
    "github": lambda draw: "gh" + "p_" + draw.some(_ALNUM, 36),
    "github-fine": lambda draw: (
        "github" + "_pat_" + draw.some(_ALNUM, 22) + "_" + draw.some(_ALNUM, 59)
    ),
    "gitlab": lambda draw: "gl" + "pat-" + draw.some(_ALNUM, 20),
    "slack": lambda draw: (
        "xo" + "xb-" + draw.some("0123456789", 12) + "-" + draw.some(_ALNUM, 24)
    ),
    "slack-hook": lambda draw: (
        "https://hooks.slack" + ".com/services/T" + draw.some(_ALNUM, 9).upper() + "/B"
        + draw.some(_ALNUM, 9).upper() + "/" + draw.some(_ALNUM, 24)
    ),
    "stripe": lambda draw: "sk" + "_live_" + draw.some(_ALNUM, 24),
    "google": lambda draw: "AI" + "za" + draw.some(_URL_SAFE, 34) + "x",
    "google-oauth": lambda draw: "GOC" + "SPX-" + draw.some(_URL_SAFE, 28),
    "openai": lambda draw: "sk" + "-proj-" + draw.some(_ALNUM, 48),
    "anthropic": lambda draw: "sk" + "-ant-api03-" + draw.some(_URL_SAFE, 93) + "AA",
    "npm": lambda draw: "np" + "m_" + draw.some(_ALNUM, 36),
    "pypi": lambda draw: "py" + "pi-AgEIcHlwaS5vcmc" + draw.some(_URL_SAFE, 130),
    "azure-client": lambda draw: (
        draw.some(_ALNUM, 3) + "8Q~" + draw.some(_ALNUM + "_.~-", 33) + "z"
    ),
    "sendgrid": lambda draw: "SG" + "." + draw.some(_URL_SAFE, 22) + "." + draw.some(_URL_SAFE, 43),
    "twilio": lambda draw: "SK" + draw.some(_HEX, 32),
    "huggingface": lambda draw: "h" + "f_" + draw.some(string.ascii_letters, 34),
    "jwt": _jwt,
}  # fmt: skip
"""Keys that say themselves what they are."""

_NAMED: Final[dict[str, Callable[[_Draw], str]]] = {
    "aws-secret": lambda draw: draw.bytes64(30),
    "hex": lambda draw: draw.some(_HEX, 40),
    "base64": lambda draw: draw.bytes64(33),
    "password": lambda draw: draw.password(),
    "azure-storage": lambda draw: draw.bytes64(64),
}
"""Random texts, which only their names betray."""

_ANYWHERE: Final[dict[str, tuple[str, str]]] = {
    "argument": ("src/app.py", "client = connect(region, '{}', retries=3)\n"),
    "comment": ("src/notes.go", "// it works with {} on staging\n"),
    "list": ("config/keys.yaml", "keys:\n  - {}\n"),
}
"""Places that say nothing: only for keys that do."""

_PLACES: Final[dict[str, tuple[str, str]]] = {
    "python": ("src/settings.py", 'API_TOKEN = "{}"\n'),
    "default": ("src/shop.py", 'def pay(amount, secret_key="{}"):\n    return amount\n'),
    "dict": ("src/options.py", "options = {{'client_secret': '{}', 'retries': 3}}\n"),
    "typescript": ("web/api.ts", "export const config = {{ apiKey: '{}' }} as const;\n"),
    "template": ("web/auth.ts", "const authToken: string = `{}`;\n"),
    "yaml": ("deploy/values.yaml", "database:\n  password: {}\n  port: 5432\n"),
    "kubernetes": (
        "deploy/pod.yaml",
        "env:\n  - name: DB_PASSWORD\n    value: {}\n  - name: MODE\n    value: fast\n",
    ),
    "compose": ("compose.yml", "environment:\n  - REDIS_PASSWORD={}\n"),
    "json": ("config/app.json", '{{\n  "accessToken": "{}",\n  "port": 80\n}}\n'),
    "shell": ("bin/run.sh", "#!/bin/sh\nexport SECRET_KEY={}\nexec app\n"),
    "option": ("bin/load.sh", "app --user me --password {} --quiet\n"),
    "dockerfile": ("Dockerfile", "FROM scratch\nENV APP_SECRET={}\n"),
    "dockerfile-arg": ("Dockerfile.dev", "ARG AUTH_TOKEN {}\n"),
    "toml": ("config/app.toml", '[server]\nprivate_key = "{}"\n'),
    "properties": ("app.properties", "spring.datasource.password={}\n"),
    "java": ("src/App.java", 'static final String PASSWORD = "{}";\n'),
    "csharp": ("src/App.cs", 'var cs = "Server=db;User Id=sa;Password={};Encrypt=true";\n'),
    "xml": ("config/web.xml", '<add key="ApiSecret" value="{}" />\n'),
}


def planted(seed: int = SEED) -> tuple[Planted, ...]:
    """Return all of them: every shape at every place that it fits."""
    return tuple(_planted(_Draw(seed)))


def _planted(draw: _Draw) -> Iterator[Planted]:
    for shape, make in (_KNOWN | _NAMED).items():
        for place, (name, text) in (_PLACES | (_ANYWHERE if shape in _KNOWN else {})).items():
            secret = make(draw)
            yield Planted(
                shape=shape,
                place=place,
                name=name,
                text=text.format(secret),
                secrets=(secret.partition("/services/")[2] or secret,),
            )
    yield from _urls(draw)
    yield from _headers(draw)
    yield from _key_blocks(draw)


def _urls(draw: _Draw) -> Iterator[Planted]:
    for scheme in ("postgres", "mysql+pymysql", "redis", "amqp", "https", "mongodb+srv"):
        secret = "pW" + draw.some(_ALNUM + "-_", 14)
        url = f"{scheme}://shop:{secret}@db.internal:5432/shop"
        for place, name, text in (
            ("python", "src/db.py", f'engine = create("{url}")\n'),
            ("yaml", "deploy/app.yml", f"url: {url}\n"),
            ("shell", "bin/dump.sh", f"dump {url} > all.sql\n"),
        ):
            yield Planted(shape="url", place=place, name=name, text=text, secrets=(secret,))


def _headers(draw: _Draw) -> Iterator[Planted]:
    for place, name, text in (
        ("python", "src/call.py", 'headers = {{"Authorization": "{} {}"}}\n'),
        ("typescript", "web/call.ts", "headers: {{ Authorization: `{} {}` }},\n"),
        ("shell", "bin/call.sh", "curl -H 'Authorization: {} {}' https://api.internal/x\n"),
    ):
        for kind in ("Bearer", "Basic", "token"):
            secret = draw.bytes64(24)
            yield Planted(
                shape=f"header-{kind}",
                place=place,
                name=name,
                text=text.format(kind, secret),
                secrets=(secret,),
            )


def _key_blocks(draw: _Draw) -> Iterator[Planted]:
    for kind in ("RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", ""):
        lines = [draw.bytes64(48) for _ in range(12)] + [draw.bytes64(18)]
        dashes, label = "-" * 5, f"{kind}PRIVATE" + " KEY"
        block = [f"{dashes}BEGIN {label}{dashes}", *lines, f"{dashes}END {label}{dashes}"]
        for place, name, text in (
            ("python", "src/keys.py", 'KEY = """' + "\n".join(block) + '"""\n'),
            ("json", "config/account.json", '{"private_key": "' + "\\n".join(block) + '"}\n'),
            ("yaml", "deploy/tls.yaml", "tls: |\n" + "".join(f"  {line}\n" for line in block)),
            ("go", "src/key.go", "const key = `" + "\n".join(block) + "`\n"),
            ("js", "web/key.js", "k = [\n" + "".join(f"  '{it}',\n" for it in block) + "];\n"),
            ("cut", "src/part.txt", "\n".join(lines[3:9]) + "\n"),
            ("removed", "changes.diff", "".join(f"-{line}\n" for line in block[3:])),
        ):
            shown = tuple(line for line in lines if line in text)
            yield Planted(shape="private-key", place=place, name=name, text=text, secrets=shown)
