"""Titles and notifications: when they come, and that no text can steer the terminal with them."""

import re

import pytest

from fimble.chat.events import TurnBegan, TurnEnded
from fimble.chat.transcript import AnswerState
from fimble_tui.attention import LONG_S, Attention, notification
from support.chat_desk import Clock
from support.chat_screen import turn_of

HOSTILE = "\x1b]52;c;eA==\x07\x9c\x1b\\ name\u202e\n;9;4"


def told(
    *, state=AnswerState.FINISHED, seconds=LONG_S, focused=False, notifications=True, name="a name"
):
    """Return what was written for one answer."""
    written, clock = [], Clock()
    attention = Attention(
        written.append,
        clock=clock,
        session_name=lambda: name,
        environment={"TERM": "xterm"},
        notifications=notifications,
    )
    attention.focus(focused=focused)
    attention(TurnBegan(turn_of(1, HOSTILE, "")))
    clock.pass_by(seconds)
    attention(TurnEnded(turn_of(1, HOSTILE, "Yes.", state=state)))
    return written


def test_a_long_answer_calls_who_looks_elsewhere():
    *_, title, called = told()

    assert title == "\x1b]2;✓ fimble · a name\x1b\\"
    assert called.startswith("\x1b]9;fimble: The answer is there: ")


@pytest.mark.parametrize(
    "case",
    [
        {"focused": True},
        {"seconds": LONG_S - 0.1},
        {"state": AnswerState.STOPPED},
        {"notifications": False},
    ],
)
def test_nobody_is_called_without_need(case):
    assert not [text for text in told(**case) if text.startswith("\x1b]9")]


@pytest.mark.parametrize(
    ("environment", "start"),
    [
        ({"TERM": "xterm-kitty"}, "\x1b]9;fimble: "),
        ({"TERM": "foot"}, "\x1b]777;notify;fimble;"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "\x1b]777;notify;fimble;"),
        ({"TERM": "tmux-256color", "TMUX": "/s"}, "\x1bPtmux;\x1b\x1b]9;fimble: "),
    ],
)
def test_t10_a_sequence_holds_nothing_but_itself(environment, start):
    sequence = notification(HOSTILE, environment)

    assert sequence.startswith(start)
    body = sequence[len(start) :]
    assert re.fullmatch(r"[^\x00-\x1f\x7f-\x9f\u202e]*(\x1b\x1b\\)?\x1b\\", body)


def test_t10_a_title_holds_nothing_but_itself():
    for text in told(name=HOSTILE):
        assert re.fullmatch(r"\x1b\][29];[^\x00-\x1f\x7f-\x9f\u202e]*\x1b\\", text)
