"""Secrets inside texts that go to a model as context: replaced, and counted (security T15).

Two kinds are found: values whose shape is that of a known key (the shapes are those of
gitleaks/gitleaks:config/gitleaks.toml and of the issuers' own documents), and random-looking
values that something is named `password`, `secret`, `token` or the like. The file being edited is
not masked: its user has it on the screen, and a completion must fit it letter by letter.

Every pattern is linear, and none is tried on a text that lacks the letters that it begins with
(T17). A mask keeps the kind and hides the length.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from math import log2
from typing import Final

_SHAPES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    (
        "aws-key",
        (
            "AKIA",
            "ASIA",
            "ABIA",
            "ACCA",
            "A3T",
        ),
        r"\b(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z2-7]{16}\b",
    ),
    (
        "github-token",
        (
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
        ),
        r"\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,255}\b",
    ),
    ("github-token", ("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b"),
    (
        "gitlab-token",
        ("gl",),
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[A-Za-z0-9_.-]{20,255}",
    ),
    ("slack-token", ("xox",), r"\bxox[abposre]-[A-Za-z0-9-]{10,255}"),
    (
        "slack-webhook",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,100}",
    ),
    (
        "stripe-key",
        (
            "k_live_",
            "k_test_",
            "k_prod_",
        ),
        r"\b(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,247}\b",
    ),
    ("google-key", ("AIza",), r"\bAIza[A-Za-z0-9_-]{35}"),
    ("google-token", ("ya29.",), r"\bya29\.[A-Za-z0-9_-]{20,255}"),
    ("google-secret", ("GOCSPX-",), r"\bGOCSPX-[A-Za-z0-9_-]{20,60}"),
    ("anthropic-key", ("sk-ant-",), r"\bsk-ant-[A-Za-z0-9_-]{20,255}"),
    ("huggingface-token", ("hf_",), r"\bhf_[A-Za-z0-9]{30,60}\b"),
    ("npm-token", ("npm_",), r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("pypi-token", ("pypi-",), r"\bpypi-[A-Za-z0-9_-]{50,255}"),
    ("docker-token", ("dckr_",), r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,100}"),
    ("twilio-key", ("SK",), r"\bSK[0-9a-f]{32}\b"),
    ("sendgrid-key", ("SG.",), r"\bSG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16,80}"),
    ("mailgun-key", ("key-",), r"\bkey-[0-9a-f]{32}\b"),
    ("telegram-token", (":AA",), r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}"),
    ("digitalocean-token", ("_v1_",), r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    (
        "vault-token",
        (
            "hvs.",
            "hvb.",
            "hvr.",
        ),
        r"\bhv[sbr]\.[A-Za-z0-9_-]{24,255}",
    ),
    (
        "azure-key",
        ("Key=",),
        r"(?:AccountKey|SharedAccessKey)=(?P<value>[A-Za-z0-9+/]{40,100}={0,2})",
    ),
    (
        "shopify-token",
        (
            "shpat_",
            "shpca_",
            "shppa_",
            "shpss_",
        ),
        r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b",
    ),
    ("linear-key", ("lin_api_",), r"\blin_api_[A-Za-z0-9]{30,60}\b"),
    ("age-key", ("AGE-SECRET-KEY-",), r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,70}\b"),
    (
        "jwt",
        ("eyJ",),
        r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,1000}",
    ),
    (
        "url-password",
        ("://",),
        r"://(?P<value>[A-Za-z0-9._%+-]{1,64}:(?![$<{*])[^\s:/@'\"<>]{3,128})@",
    ),
    ("basic-auth", ("asic ",), r"[Bb]asic (?P<value>[A-Za-z0-9+/]{16,255}={0,2})"),
    ("bearer-token", ("earer ",), r"[Bb]earer (?P<value>[A-Za-z0-9._~+/-]{20,2000}={0,2})"),
    ("openai-key", ("sk-",), r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,255}"),
)
"""Kind, texts of which one is in every such key, and the key; its group `value` is the secret."""

_NAMES: Final = (
    *("passwd", "password", "passphrase", "secret", "token", "key", "credential", "pwd"),
)
_KEY_BLOCK: Final = re.compile(
    r"(-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----)"
    r"[^-]{1,20000}(-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----)?"
)
_NAMED: Final = re.compile(
    r"""(?ix)
    (?: passw(?:or)?d | passphrase | secret | token | api[_-]?key | access[_-]?key
      | (?:auth|private|client|encryption|signing)[_-]?key | credential | pwd )
    (?P<rest>[\w-]{0,20})
    ["']?\ {0,4}(?::=|=>|[:=])\ {0,4}
    [brfu]{0,2}(?P<quote>["'`]?)
    (?P<value>[^\s"'`,;<>(){}\[\]]{8,400})
    """
)
_ABOUT: Final = re.compile(r"(?i)_?(?:name|ur[il]|path|file|type|kind|length|id|hint|prefix)s?\Z")
"""Ends of names for what belongs to a secret and is none."""
_PLACEHOLDER: Final = re.compile(
    r"(?i)(?:example|change_?me|your|placeholder|dummy|sample|insert|redacted|todo|none|null|true"
    r"|false|xxx|\*\*\*|\.\.\.|<|\$\{|\{\{|%\(|process\.env|os\.environ|getenv|test_?password)"
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z_]*(?:[.\[][A-Za-z_]+)*\Z")
_MIN_ENTROPY: Final = 3.0
"""Bits for each character: words of a language have 2 to 2.8 at this length, random hex 3.2 up."""


def mask_secrets(text: str) -> tuple[str, int]:
    """Return `text` with its secrets replaced, and how many there were."""
    count = 0
    if "PRIVATE KEY" in text:
        text, count = _KEY_BLOCK.subn(_masked_block, text)
    for kind, triggers, pattern in _SHAPES:
        if any(trigger in text for trigger in triggers):
            text, found = re.subn(pattern, partial(_masked_shape, kind), text)
            count += found
    lowered = text.lower()
    if not any(name in lowered for name in _NAMES):
        return text, count
    lines: list[str] = []
    for line in text.split("\n"):
        masked, found = _mask_named(line)
        lines.append(masked)
        count += found
    return "\n".join(lines), count


def _masked_block(match: re.Match[str]) -> str:
    return f"{match[1]}\n[masked: private-key]\n{match[2] or ''}"


def _masked_shape(kind: str, match: re.Match[str]) -> str:
    if "value" not in match.re.groupindex:
        return f"[masked: {kind}]"
    start, end = (each - match.start() for each in match.span("value"))
    return f"{match[0][:start]}[masked: {kind}]{match[0][end:]}"


def _mask_named(line: str) -> tuple[str, int]:
    lowered = line.lower()
    if not any(name in lowered for name in _NAMES):
        return line, 0
    count = 0

    def named(match: re.Match[str]) -> str:
        nonlocal count
        value = match["value"]
        if _ABOUT.search(match["rest"]) or not _is_random(value, quoted=bool(match["quote"])):
            return match[0]
        count += 1
        return f"{match[0][: match.start('value') - match.start()]}[masked: secret]"

    return _NAMED.sub(named, line), count


def _is_random(value: str, *, quoted: bool) -> bool:
    """Whether a value of a secret's name is one, rather than a word, a path or an expression."""
    if _PLACEHOLDER.match(value) or value.startswith(("/", "./", "http", "$", "@")):
        return False
    if not quoted and (_IDENTIFIER.match(value) or "." in value):
        return False  # Code: another variable, a call, an attribute.
    if value.isalpha() and (value.islower() or value.isupper()) and len(value) < 16:  # noqa: PLR2004
        return False
    return _entropy(value) >= _MIN_ENTROPY or _mixes(value)


def _mixes(value: str) -> bool:
    """Whether a short value is built as passwords are: letters, digits and signs together."""
    return (
        any(each.isdigit() for each in value)
        and any(each.isalpha() for each in value)
        and any(not each.isalnum() and each not in "_-./:" for each in value)
    )


def _entropy(value: str) -> float:
    """Return Shannon's entropy in bits for each character."""
    length = len(value)
    return -sum(n / length * log2(n / length) for n in Counter(value).values())
