"""What is in the `.vsix`: made by `make extension`, which CI runs before the tests."""

import json
import re
import zipfile
from pathlib import Path

import pytest

from fimble.version import VERSION

EXTENSION = Path(__file__).parents[2] / "extension"
PACKAGE = EXTENSION / "out" / "fimble.vsix"

pytestmark = pytest.mark.skipif(
    not PACKAGE.is_file(), reason="extension/out/fimble.vsix is not there: run `make extension`"
)

EXPECTED = {
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/LICENSE.txt",
    "extension/changelog.md",
    "extension/readme.md",
    "extension/package.json",
    "extension/package.nls.json",
    "extension/l10n/bundle.l10n.json",
    "extension/media/edit-ticked.png",
    "extension/media/ghost-text.png",
    "extension/media/icon.png",
    "extension/media/walkthrough/check.md",
    "extension/media/walkthrough/model.md",
    "extension/media/walkthrough/server.md",
    "extension/media/walkthrough/type.md",
    "extension/media/why-shown.png",
    "extension/out/extension.cjs",
    "extension/out/third-party-notices.txt",
}
LARGEST_BYTES = 1_000_000


@pytest.fixture(scope="module")
def package():
    """Open what was packaged."""
    with zipfile.ZipFile(PACKAGE) as archive:
        yield archive


def test_it_holds_the_bundle_and_its_papers_and_nothing_else(package):
    """Neither sources, nor tests, nor node_modules, nor a map that shows this machine's paths."""
    assert set(package.namelist()) == EXPECTED


def test_it_is_small(package):
    assert sum(entry.file_size for entry in package.infolist()) < LARGEST_BYTES


def test_every_file_that_the_manifest_names_is_there(package):
    manifest = json.loads(package.read("extension/package.json"))
    steps = manifest["contributes"]["walkthroughs"][0]["steps"]
    named = [manifest["main"].removeprefix("./"), manifest["icon"]]
    named += [step["media"]["markdown"] for step in steps]

    assert {f"extension/{name}" for name in named} <= EXPECTED


def test_it_says_the_version_of_the_server(package):
    assert json.loads(package.read("extension/package.json"))["version"] == VERSION
    assert f'Version="{VERSION}"' in package.read("extension.vsixmanifest").decode()


def test_nothing_of_the_building_machine_is_in_it(package):
    text = package.read("extension/out/extension.cjs").decode()

    assert str(EXTENSION) not in text
    assert str(Path.home()) not in text or str(Path.home()) == "/root"


def test_the_licences_of_what_is_bundled_come_along(package):
    notices = package.read("extension/out/third-party-notices.txt").decode()

    for name in ("vscode-languageclient", "vscode-jsonrpc", "minimatch", "semver"):
        assert f"\n{name} " in notices


def test_the_pictures_of_the_readme_come_along(package):
    shown = re.findall(r"\((media/[^)]+)\)", package.read("extension/readme.md").decode())

    assert len(shown) > 2
    assert {f"extension/{name}" for name in shown} <= EXPECTED
