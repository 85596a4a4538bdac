"""`fimble bugreport`: a bundle that people can look through and send with a report of a bug."""

from __future__ import annotations

import io
import time
import zipfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from fimble.config.load import load_settings, workspace_root
from fimble.config.schema import Settings
from fimble.errors import FimbleError
from fimble.kept_log import log_folder
from fimble.private_files import write_private
from fimble_cli.bug_report.contents import contents
from fimble_cli.bug_report.redaction import Redaction
from fimble_cli.commands.doctor import findings_of
from fimble_cli.configuration import sources_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser


class BugReportError(FimbleError):
    """The bundle could not be written."""


def add_arguments(parser: CommandParser) -> None:
    """Declare the workspace, and where the bundle goes."""
    parser.add_argument(
        "path", nargs="?", default=".", help="a file or folder of the workspace (default: here)"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the bundle (default: fimble-bug-….zip, here)"
    )
    parser.add_argument("--show", action="store_true", help="print it instead of writing it")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Collect, redact, and write or print."""
    path = Path(arguments.path)
    sources = sources_for(path)
    loaded = load_settings(sources)
    diagnostics.progress("looking at everything that `fimble doctor` looks at")
    try:
        findings = findings_of(sources, loaded, diagnostics)
    finally:
        diagnostics.progress("")
    redaction = Redaction.here(workspace_root(path), _hosts(loaded.settings))
    files = list(contents(findings, loaded, redaction, log_folder()))
    if arguments.show:
        for name, text in files:
            output.write_line(f"== {name}\n{text}")
        return ExitCode.OK
    bundle = Path(arguments.output or time.strftime("fimble-bug-%Y%m%d-%H%M%S.zip"))
    try:
        write_private(bundle.absolute(), _zipped(files))
    except OSError as error:
        raise BugReportError(
            f"{bundle} cannot be written ({error.strerror}).", hint="Say where with --output."
        ) from None
    output.write_line(str(bundle))
    diagnostics.note(
        "nothing was sent. Look into the bundle before you do; `fimble bugreport --show` prints it."
    )
    return ExitCode.OK


def _hosts(settings: Settings) -> Iterator[str]:
    """Yield the hosts that the settings name."""
    for server in (settings.ollama, settings.openai):
        with suppress(ValueError):  # The doctor says what is wrong with an address.
            yield urlsplit(server.endpoint).hostname or ""
        yield from server.allowed_remote_hosts


def _zipped(files: list[tuple[str, str]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return buffer.getvalue()
