"""One owner for each stream, and no way around `printable` (T10)."""

import io

import pytest

from fimble.errors import (
    ConfigError,
    EngineNotLocalError,
    EngineUnavailable,
    PathRefusedError,
    TemplateError,
)
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output, OutputClosedError
from fimble_cli.usage import UsageError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class ClosedPipe(io.StringIO):
    def write(self, text: str, /) -> int:
        raise BrokenPipeError


HOSTILE = "a\x1b]52;c;x\x07\tb\n"


def test_t10_a_terminal_gets_printable_text():
    terminal = Terminal()

    Output(terminal, environment={}).write(HOSTILE)

    assert terminal.getvalue() == "a␛]52;c;x␇\tb\n"


def test_a_pipe_gets_the_very_text():
    pipe = io.StringIO()

    Output(pipe, environment={}).write(HOSTILE)

    assert pipe.getvalue() == HOSTILE


def test_t10_ghost_text_holds_no_escape_but_the_style():
    output = Output(Terminal(), environment={"WT_SESSION": "1"})

    assert output.ghost("x\x1b[2J\ny") == "\x1b[2mx␛[2J\x1b[22m\n\x1b[2my\x1b[22m"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_ghost_text_is_marked_where_style_is_not_wanted(environment):
    assert Output(Terminal(), environment=environment).ghost("x") == "⟦x⟧"


def test_a_closed_pipe_is_told_apart_from_other_failures():
    with pytest.raises(OutputClosedError):
        Output(ClosedPipe(), environment={}).write("x")


def test_a_closed_stderr_is_nobodys_problem():
    Diagnostics(ClosedPipe()).note("x")


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (UsageError("no.", hint="Try."), ExitCode.USAGE, "fimble: no. Try.\n"),
        (ConfigError("no.", source="f", line=3), ExitCode.USAGE, "fimble: f:3: no.\n"),
        (TemplateError("no.", source="f"), ExitCode.USAGE, "fimble: f:1:1: no.\n"),
        (PathRefusedError("no.", path="p"), ExitCode.USAGE, "fimble: no.\n"),
        (EngineUnavailable("no."), ExitCode.ENGINE, "fimble: no.\n"),
        (EngineNotLocalError("no."), ExitCode.ENGINE, "fimble: no.\n"),
        (EngineUnavailable("a\nb\x1b[2J"), ExitCode.ENGINE, "fimble: a␊b␛[2J\n"),
    ],
)
def test_every_error_is_one_printable_line_and_a_code(error, code, text):
    stream = io.StringIO()

    assert Diagnostics(stream).report(error) is code
    assert stream.getvalue() == text


def test_t16_a_defect_is_told_without_the_errors_text():
    stream = io.StringIO()
    with pytest.raises(AttributeError) as raised:
        Output(None, environment={"password": "hunter2"})  # type: ignore[arg-type]
    raised.value.args = ("hunter2",)

    code = Diagnostics(stream).report_defect(raised.value)

    assert code is ExitCode.DEFECT
    assert "defect in Fimble: AttributeError in fimble_cli.output, line " in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert stream.getvalue().count("\n") == 1
