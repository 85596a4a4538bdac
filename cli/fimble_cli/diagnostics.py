"""The one owner of standard error, and of the way from an error to an exit code.

People read this: one sentence for each fact, a next step where there is one, never a stack trace.
Everything passes `printable`, since error texts quote servers, files and names (T10).
"""

from __future__ import annotations

from typing import TextIO

from fimble.errors import EngineError, EngineNotLocalError, FimbleError
from fimble_cli.exit_codes import ExitCode


class Diagnostics:
    """Writes notes and errors to one stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def note(self, text: str) -> None:
        """Say one thing the user should know."""
        from fimble.policy.printable import printable_line  # noqa: PLC0415 - only when it speaks

        try:
            self._stream.write(f"fimble: {printable_line(text)}\n")
            self._stream.flush()
        except BrokenPipeError:
            return

    def progress(self, text: str) -> None:
        """Show one line that the next one replaces, where a person watches; "" takes it away."""
        if not self._stream.isatty():
            return
        from fimble.policy.printable import printable_line  # noqa: PLC0415 - only when it speaks

        try:
            self._stream.write(f"\r\x1b[K{printable_line(text)}")
            self._stream.flush()
        except BrokenPipeError:
            return

    def report(self, error: FimbleError) -> ExitCode:
        """Say what went wrong and return the exit code for it."""
        self.note(str(error))
        if isinstance(error, (EngineError, EngineNotLocalError)):
            return ExitCode.ENGINE
        return ExitCode.USAGE

    def report_defect(self, error: Exception) -> ExitCode:
        """Say that Fimble itself is wrong, and where; the error's own text may hold user code."""
        place = ""
        trace = error.__traceback__
        while trace is not None:
            module = str(trace.tb_frame.f_globals.get("__name__"))
            if module.startswith("fimble"):
                place = f" in {module}, line {trace.tb_lineno}"
            trace = trace.tb_next
        self.note(
            f"this is a defect in Fimble: {type(error).__name__}{place}. "
            "Please report it with this line; `python -X dev -m fimble_cli` shows more."
        )
        return ExitCode.DEFECT
