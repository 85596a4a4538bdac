"""Random-looking values of what is named `password`, `secret`, `token` or the like (security T15).

A password of plain words is not told from an identifier: only randomness is. What is named a
password is believed sooner than what is named a token, which in code is mostly a piece of syntax.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from math import log2
from typing import Final

NAMES: Final = (
    *("passwd", "password", "passphrase", "secret", "token", "key", "credential", "pwd"),
)
"""One of these, in lower case, is in every line that can hold a named secret."""

_NAME: Final = r"""(?P<name> passw(?:or)?d | passphrase | pwd | secret | token | api[_-]?key
    | access[_-]?key | credential
    | (?:auth|private|client|encryption|signing|account|storage|master|shared)[_-]?key )
    (?P<rest>[\w-]{0,20})"""
_VALUE: Final = r"""[brfu]{0,2}
    (?: (?P<quote>["'`])(?P<quoted>[^"'`\s\\]{8,400})(?P=quote)
      | \\?["'`]?(?P<bare>[^\s"'`,;<>(){}\[\]\\]{8,400}) )"""
_ASSIGNED: Final = re.compile(
    rf"""(?ix) {_NAME}
    (?: \\?["']?\]?\ {{0,4}}(?::=|=>|[:=])\ {{0,4}}
      | ["']\ {{1,4}}value\ {{0,2}}=\ {{0,2}}
      | \??:\ {{0,4}}[\w.<>|?&\[\]' ]{{1,40}}=\ {{0,4}} )
    {_VALUE}"""
)
"""In source code of any language, YAML, JSON, TOML, properties, shells, XML, .NET's strings."""
_HANDED_OVER: Final = re.compile(
    rf"""(?ix) (?: (?:--?|\b(?:ARG|ENV)\ {{1,4}})[\w-]{{0,30}} {_NAME} \ {{1,4}}
      | {_NAME.replace("?P<name>", "?P<name2>").replace("?P<rest>", "?P<rest2>")}
        (?:["']\ {{0,2}},\ {{0,2}}|\(\ {{0,2}})(?=["'`]) )
    {_VALUE}"""
)
"""As an option, of a Dockerfile, or as an argument."""
_ENTRY_NAME: Final = re.compile(rf"""(?ix) \b(?:name|key)["']?\ {{0,4}}[:=] .{{0,60}}? {_NAME} """)
_ENTRY_VALUE: Final = re.compile(
    rf"""(?ix) ^[-+\ \t]{{0,80}}["']?(?:value|default)["']?\ {{0,4}}[:=]\ {{0,4}} {_VALUE}"""
)
"""Name and value on two lines, as Kubernetes, GitHub's workflows and Terraform have it."""

_ABOUT: Final = re.compile(
    r"(?i)_?-?(?:name|ur[il]|path|file|type|kind|length|id|hint|prefix|suffix|ref|label|class|field)"
    r"s?\Z"
)
"""Ends of names for what belongs to a secret and is none."""
_PASSWORD: Final = re.compile(r"(?i)pass|pwd")
_PLACEHOLDER: Final = re.compile(
    r"(?i)(?:example|change_?me|your|placeholder|dummy|sample|insert|redacted|todo|none|null|true"
    r"|false|xxx|\*\*\*|\.\.\.|<|\[masked|process\.env|os\.environ|getenv|test_?password)"
)
_TEMPLATE: Final = re.compile(r"\$[{(]|\{\{|%\(|<%|\{[A-Za-z_][\w.]*\}|#\{")
_REFERENCE: Final = re.compile(r"[$@&*!%][A-Za-z_][\w.-]*\Z")
_PLACE: Final = re.compile(r"(?i)\.{0,2}/|~/|[a-z][a-z+.-]{1,10}:|[a-z]:\\")
_CODE: Final = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->|\?\.)[A-Za-z_$*][\w$]*)*[.:?!&|*]*\Z")
_WORDS: Final = re.compile(
    r"(?:[A-Za-z]*\d{0,2}|\d{1,4})(?:[-_./: ]+(?:[A-Za-z]*\d{0,2}|\d{1,4}))*\Z"
)
_MIN_ENTROPY: Final = 3.0
"""Bits for each character: words of a language have 2 to 2.8 at this length, random hex 3.2 up."""
_DENSE_LENGTH: Final = 20
_DENSE_ENTROPY: Final = 3.4
_PLAIN_WORD: Final = 16


def mask_named(text: str) -> tuple[str, int]:
    """Return `text` with the values of secrets' names replaced, and how many there were."""
    count = 0
    entry = False

    def masked(match: re.Match[str]) -> str:
        nonlocal count
        if not _is_secret(match):
            return match[0]
        count += 1
        start, end = (each - match.start() for each in match.span(_group(match)))
        return f"{match[0][:start]}[masked: secret]{match[0][end:]}"

    lines = text.split("\n")
    for number, line in enumerate(lines):
        lowered = line.lower()
        if any(name in lowered for name in NAMES):
            line = _HANDED_OVER.sub(masked, _ASSIGNED.sub(masked, line))  # noqa: PLW2901
            lines[number] = line
            entry = _ENTRY_NAME.search(line) is not None
        elif entry:
            lines[number] = _ENTRY_VALUE.sub(masked, line)
            entry = False
    return "\n".join(lines), count


def entropy(value: str) -> float:
    """Return Shannon's entropy in bits for each character."""
    length = len(value)
    return -sum(n / length * log2(n / length) for n in Counter(value).values())


def _group(match: re.Match[str]) -> str:
    return "quoted" if match["quoted"] else "bare"


def _is_secret(match: re.Match[str]) -> bool:
    """Whether a value of a secret's name is one, rather than a word, a path or an expression."""
    groups = match.groupdict()
    rest = groups.get("rest") or groups.get("rest2") or ""
    name = groups.get("name") or ""
    value, quoted = match[_group(match)], match["quoted"] is not None
    if _ABOUT.search(rest) or _PLACEHOLDER.match(value) or _TEMPLATE.search(value):
        return False
    if _is_dense(value):
        return True
    if _REFERENCE.match(value) or _PLACE.match(value) or (not quoted and _CODE.match(value)):
        return False
    if value.isalpha() and (value.islower() or value.isupper()) and len(value) < _PLAIN_WORD:
        return False
    if _WORDS.match(value) and not _PASSWORD.match(name):
        return False
    return entropy(value) >= _MIN_ENTROPY or _mixes(value)


def _is_dense(value: str) -> bool:
    """Whether a value is long and without the words that names and paths are made of."""
    if len(value) < _DENSE_LENGTH or entropy(value) < _DENSE_ENTROPY:
        return False
    pairs = sum(1 for a, b in itertools.pairwise(value) if _kind(a) != _kind(b))
    if any(each.isdigit() for each in value):
        return pairs >= len(value) * 0.4 and not _WORDS.match(value)
    return value.isalpha() and sum(map(str.isupper, value)) >= len(value) * 0.3


def _kind(character: str) -> int:
    if character.isdigit():
        return 0
    return 1 if character.isupper() else 2 if character.isalpha() else 3


def _mixes(value: str) -> bool:
    """Whether a short value is built as passwords are: letters, digits and signs together."""
    return (
        any(each.isdigit() for each in value)
        and any(each.isalpha() for each in value)
        and any(not each.isalnum() and each not in "_-./:" for each in value)
    )
