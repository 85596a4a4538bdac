"""`fimble lsp`: the language server over stdin and stdout, never a listening port."""

from __future__ import annotations

from argparse import Namespace

from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser


def add_arguments(parser: CommandParser) -> None:
    """Accept what editors pass to every server."""
    parser.add_argument("--stdio", action="store_true", help="accepted; stdio is all there is")
    parser.add_argument("--clientProcessId", metavar="ID", help="accepted; the protocol tells it")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Serve until the editor leaves; the server owns both streams."""
    del arguments, output, diagnostics
    return serve()


def serve() -> ExitCode:
    """Run the server."""
    from fimble_lsp.server import run_stdio  # noqa: PLC0415 - heavy

    return ExitCode(run_stdio())
