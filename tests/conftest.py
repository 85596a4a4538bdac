"""What holds for every test: nothing of the developer's machine gets in, nothing gets out.

One empty home for the whole session; tests that need files in a home make their own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

_HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
_PREFIXES = ("XDG_", "PYTHON")
_LEFT_OUT = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS", "LINES")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes `-n auto` starts: none for tests that were named.

    Half of the time of the whole suite is waiting for other processes, so that three of these
    keep two cores busy.
    """
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return 0
    return (os.cpu_count() or 1) * 3 // 2


@pytest.fixture(scope="session", autouse=True)
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the tests, and the processes they start, a home and an environment of their own.

    Of the interpreter's switches PYTHONDONTWRITEBYTECODE matters most: with it every server that
    a test starts would compile all of its modules again.
    """
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.startswith(_PREFIXES) or name in _LEFT_OUT or name.lower() in _PROXIES:
                patch.delenv(name)
        for name in _HOMES:
            patch.setenv(name, str(home))
        yield home
    assert [path for path in home.rglob("*") if path.is_file()] == []
