"""What holds for every test: nothing of the developer's machine gets in, nothing gets out.

One empty home for the whole session; tests that need files in a home make their own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.socket_guard import LOG_VARIABLE, install

_HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
_PREFIXES = ("XDG_", "PYTHON")
_LEFT_OUT = ("FIMBLE_EDITOR_SETTINGS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS", "LINES")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


_REACHED = pytest.StashKey[Path]()
"""The record of what was to leave the machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Let no test, and no process that it starts, reach anything but this machine (T6, T7)."""
    number, path = tempfile.mkstemp(prefix="fimble-sockets-")
    os.close(number)
    config.stash[_REACHED] = Path(path)
    # No test is failed for its seconds; the whole suite's time-out finds what hangs.
    settings.register_profile("suite", deadline=None)
    settings.register_profile("fuzz", deadline=None, max_examples=2_000)
    settings.load_profile("fuzz" if "fuzz" in str(config.getoption("markexpr")) else "suite")
    os.environ[LOG_VARIABLE] = path
    install()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what looks for new inputs, unless it is asked for."""
    if "fuzz" in str(config.getoption("markexpr")):
        return
    wanted = [item for item in items if item.get_closest_marker("fuzz") is None]
    if len(wanted) < len(items):
        items[:] = wanted


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the record."""
    config.stash[_REACHED].unlink(missing_ok=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail the test during which something was to leave the machine, whoever was quiet about it."""
    yield
    record = item.config.stash[_REACHED]
    if record.stat().st_size:
        reached = record.read_text(encoding="utf-8")
        record.write_text("", encoding="utf-8")
        pytest.fail(f"{item.nodeid} reached for the network:\n{reached}", pytrace=False)


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
        # Where `sitecustomize` lies, which guards the sockets of what is started.
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        yield home
    assert [path for path in home.rglob("*") if path.is_file()] == []
