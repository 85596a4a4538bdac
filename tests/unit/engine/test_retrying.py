"""When a request is sent again."""

import email.utils
import time

import pytest

from fimble.engine.retrying import Backoff, retry_after_s
from fimble.errors import EngineBusy, EngineRejected, EngineTimeout, EngineUnavailable


def busy(after_s=None):
    error = EngineBusy("busy")
    error.retry_after_s = after_s
    return error


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), (" 0 ", 0.0), ("", None), ("soon", None), ("-1", None), ("9" * 100, 1e64)],
)
def test_the_header_holds_seconds(header, seconds):
    assert retry_after_s(header) == (pytest.approx(seconds) if seconds is not None else None)


def test_the_header_holds_a_date():
    later = email.utils.formatdate(time.time() + 100, usegmt=True)

    assert 90 < retry_after_s(later) <= 100
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


@pytest.mark.parametrize(
    ("error", "failed", "pause_s"),
    [
        (busy(), 1, 0.25),
        (busy(), 2, 0.5),
        (busy(), 3, None),
        (EngineUnavailable("gone"), 1, 0.25),
        (busy(5.0), 1, 5.0),
        (busy(0.0), 1, 0.25),
        (busy(600.0), 1, None),
        (EngineRejected("no", status=400), 1, None),
        (EngineTimeout("late", stage="first token", deadline_s=1), 1, None),
    ],
)
def test_the_pause_grows_follows_the_server_and_ends(error, failed, pause_s):
    assert Backoff().pause_s(error, failed=failed, chance=1.0) == pause_s


def test_chance_spreads_those_that_failed_together():
    assert Backoff().pause_s(busy(), failed=1, chance=0.0) == 0.125
