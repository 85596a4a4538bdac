"""`fimble ask "…"`: one answer to stdout; reads what is piped in, and files that are mentioned.

git diff | fimble ask @review
fimble ask -x "a regular expression for ISO dates" > pattern.txt
fimble ask -c "and with time zones?"
"""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from fimble.config.load import workspace_root
from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser, UsageError

_MAX_INPUT_BYTES: Final = 8_000_000


def add_arguments(parser: CommandParser) -> None:
    """Declare the question and what goes with it."""
    parser.add_argument(
        "question",
        nargs="*",
        help="the question; mentions like @src/file.py:10-40 are read, and a first word like "
        "@review or /review uses that prompt",
    )
    parser.add_argument("-f", "--file", action="append", metavar="FILE", help="attach this file")
    parser.add_argument("-m", "--model", help="ask this model (default: the configured one)")
    parser.add_argument(
        "-c",
        "--continue",
        dest="carry_on",
        action="store_true",
        help="go on in this folder's newest conversation",
    )
    parser.add_argument(
        "-x", "--code", action="store_true", help="print only the answer's first code block"
    )
    parser.add_argument("--think", action="store_true", help="let the model think first")
    parser.add_argument(
        "--input", action="append", metavar="NAME=VALUE", help="an input of the prompt"
    )
    parser.add_argument("--prompt", metavar="FILE", help="use this template")
    parser.add_argument("--no-store", action="store_true", help="keep nothing of this conversation")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Ask once and print the answer as it comes."""
    words = " ".join(arguments.question)
    piped = _piped()
    if not words and not piped and not arguments.file:
        raise UsageError(
            "there is no question.", hint='Write one: fimble ask "why does this fail?" @src/a.py'
        )
    workspace = workspace_root(Path())
    command_line: list[tuple[str, object]] = []
    if arguments.think:
        command_line.append(("chat.think", True))
    if arguments.no_store:
        command_line.append(("chat.keep_sessions", False))
    settings = settings_for(Path(), command_line).settings
    from fimble_cli.one_answer import OneAnswer  # noqa: PLC0415 - mistakes above need no engine

    answer = OneAnswer(
        settings=settings,
        workspace=workspace,
        words=words,
        piped=piped,
        files=tuple(arguments.file or ()),
        model=arguments.model or "",
        carry_on=arguments.carry_on,
        inputs=tuple(arguments.input or ()),
        prompt_file=Path(arguments.prompt) if arguments.prompt else None,
        code_only=arguments.code,
        json=arguments.json,
    )
    return asyncio.run(answer.run(output, diagnostics))


def _piped() -> str:
    """Return what is piped in; nothing when a person types, or when stdin is closed."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    read = sys.stdin.buffer.read(_MAX_INPUT_BYTES + 1)
    if len(read) > _MAX_INPUT_BYTES:
        raise UsageError(f"more than {_MAX_INPUT_BYTES:,} bytes are piped in.")
    return read.decode("utf-8", "replace")
