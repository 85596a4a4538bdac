"""On which line of a TOML text each key stands, for error messages and origins.

`tomllib` tells no positions. This reader is only ever asked about text that `tomllib` accepted,
so it can be short: it looks for table headers and assignments at the start of a line and steps
over multi-line strings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"


def key_lines(text: str) -> dict[str, int]:
    """Return the line, counted from 1, on which each dotted key or table of `text` is first set."""
    statement = re.compile(
        rf"[ \t]*(?:\[\[?[ \t]*(?P<table>{_PATH})[ \t]*\]|(?P<key>{_PATH})[ \t]*=)"
    )
    part = re.compile(_PART)
    lines: dict[str, int] = {}
    table: list[str] = []
    open_string = ""
    for number, line in enumerate(text.split("\n"), start=1):
        start = 0
        if not open_string and (found := statement.match(line)):
            names = [name.strip("\"'") for name in part.findall(found["table"] or found["key"])]
            if found["table"]:
                table = names
            else:
                names = [*table, *names]
            for depth in range(len(names)):
                lines.setdefault(".".join(names[: depth + 1]), number)
            start = found.end()
        open_string = _string_left_open(line, start, open_string)
    return lines


def line_of(lines: Mapping[str, int], key: str) -> int | None:
    """Return the line of `key`, or of the nearest table above it (`ollama = { model = … }`)."""
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return None


def _string_left_open(line: str, start: int, delimiter: str) -> str:
    """Return the triple quote that is still open after `line`, or ""."""
    while True:
        if delimiter:
            end = line.find(delimiter, start)
            if end < 0:
                return delimiter
            start, delimiter = end + 3, ""
        found = re.compile(r"\"\"\"|'''|#").search(line, start)
        if found is None or found[0] == "#":
            return ""
        start, delimiter = found.end(), found[0]
