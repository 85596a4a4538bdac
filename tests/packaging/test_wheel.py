"""What `pip install fimble` puts on a machine."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from fimble.version import VERSION

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "fimble": ROOT / "core" / "fimble",
    "fimble_prompts": ROOT / "prompts" / "fimble_prompts",
    "fimble_lsp": ROOT / "lsp" / "fimble_lsp",
    "fimble_tui": ROOT / "tui" / "fimble_tui",
    "fimble_cli": ROOT / "cli" / "fimble_cli",
}
METADATA = f"fimble-{VERSION}.dist-info"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel once, with the backend of our project file and no network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.iterdir()
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_it_is_one_pure_wheel_of_the_version(wheel):
    assert Path(wheel.filename).name == f"fimble-{VERSION}-py3-none-any.whl"


def test_it_holds_the_five_packages_and_nothing_else(wheel):
    assert {name.split("/")[0] for name in wheel.namelist()} == {*PACKAGES, METADATA}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_in_it_and_no_other(wheel, package):
    """Templates and styles are data files: a forgotten one would break installations only."""
    source = PACKAGES[package]
    tracked = {
        f"{package}/{path.relative_to(source).as_posix()}"
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {name for name in wheel.namelist() if name.startswith(f"{package}/")} == tracked


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_that_it_is_typed(wheel, package):
    assert f"{package}/py.typed" in wheel.namelist()


def test_the_command_and_the_licence_come_along(wheel):
    entry_points = wheel.read(f"{METADATA}/entry_points.txt").decode()

    assert "[console_scripts]\nfimble = fimble_cli.main:main" in entry_points
    assert f"{METADATA}/licenses/LICENSE" in wheel.namelist()


def test_nothing_is_fetched_or_run_at_installation(wheel):
    suffixes = {Path(name).suffix for name in wheel.namelist()}

    assert not suffixes & {".so", ".pyd", ".dll", ".dylib", ".exe", ".sh", ".pth", ".pyc"}


def test_every_place_that_states_the_version_agrees():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = tomllib.loads((ROOT / "uv.lock").read_text())

    (locked,) = [package for package in lock["package"] if package["name"] == "fimble"]
    assert project["project"]["version"] == VERSION
    assert locked["version"] == VERSION


def test_the_language_server_tells_clients_the_same_version():
    from fimble_lsp import server  # noqa: PLC0415 - a second of imports, for this test only

    assert server.VERSION == VERSION
