"""A folder of prompts is read with the distrust that a cloned repository deserves (T2, T14)."""

import os

import pytest

from fimble.errors import PathRefusedError
from fimble.prompt_files.folder import MAX_PROMPT_BYTES, PromptFolder
from fimble.prompt_files.layers import repository_folder
from fimble.prompting.cases.case_file import read_case_file
from fimble.prompting.catalogue import PromptLayer

CASES = "prompt: chat/a\ncases:\n  - {name: x, FIXTURE, assert: [EXPECTED]}\n"


@pytest.fixture
def folder(tmp_path):
    return repository_folder(tmp_path)


def refusals(folder: PromptFolder) -> dict[str, str]:
    return {source.name: source.refusal for source in folder.prompts()}


def test_templates_are_found_by_kind_and_name_and_nothing_else_is(folder, put):
    put(folder.path, "chat", "b")
    put(folder.path, "chat", "a")
    put(folder.path, "edit", "a")
    put(folder.path, "other", "a")
    (folder.path / "chat" / "README.md").write_text("no template")
    (folder.path / "chat" / ".hidden.prompt.md").write_text("an editor's copy")

    found = [(each.kind.value, each.name, each.refusal) for each in folder.prompts()]

    assert found == [("chat", "a", ""), ("chat", "b", ""), ("edit", "a", "")]


def test_no_folder_is_no_prompts(folder):
    assert list(folder.prompts()) == []
    assert list(folder.tests()) == []


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_t14_links_are_refused_wherever_they_are(folder, put, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    secret = put(outside, "chat", "x")
    (folder.path / "chat").mkdir(parents=True)
    (folder.path / "chat" / "link.prompt.md").symlink_to(secret)
    (folder.path / "edit").symlink_to(outside / "chat")

    assert "symbolic link" in refusals(folder)["link"]
    assert "symbolic link" in refusals(folder)["x"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_t14_a_link_in_place_of_the_whole_folder_is_refused(folder, put, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    put(outside / "prompts", "chat", "x")
    (folder.root / ".fimble").symlink_to(outside)

    assert "symbolic link" in refusals(folder)["x"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_t14_a_fifo_is_refused_and_not_waited_for(folder):
    (folder.path / "chat").mkdir(parents=True)
    os.mkfifo(folder.path / "chat" / "fifo.prompt.md")

    assert "no regular file" in refusals(folder)["fifo"]


def test_t14_what_is_huge_or_no_text_is_refused_and_the_rest_goes_on(folder, put):
    put(folder.path, "chat", "good")
    (folder.path / "chat" / "huge.prompt.md").write_bytes(b"x" * (MAX_PROMPT_BYTES + 1))
    (folder.path / "chat" / "latin.prompt.md").write_bytes(b"a\ncaf\xe9\n")

    found = refusals(folder)

    assert found["good"] == ""
    assert "is larger than 256 KiB." in found["huge"]
    assert "is not UTF-8 on line 2." in found["latin"]


def test_broken_tests_are_reported_with_their_place_and_the_rest_goes_on(folder):
    (folder.path / "tests").mkdir(parents=True)
    (folder.path / "tests" / "bad.test.yaml").write_text("promt: chat/a\n")
    (folder.path / "tests" / "good.test.yaml").write_text(
        "prompt: chat/a\ncases: [{name: x, assert: [contains: y]}]\n"
    )

    bad, good = folder.tests()

    assert "bad.test.yaml:1:1: The key `promt` does not exist" in str(bad.error)
    assert good.file is not None


def trees(folder: PromptFolder, fixture: str = "values: {}", expected: str = "contains: x"):
    text = CASES.replace("FIXTURE", fixture).replace("EXPECTED", expected)
    return folder.trees(read_case_file(text, source="t"))


def test_fixtures_are_read_whole_with_their_paths(folder):
    below = folder.path / "fixtures" / "shop" / "src"
    below.mkdir(parents=True)
    (below / "a.py").write_text("a")
    (below.parent / "b.py").write_text("b")

    assert trees(folder, "fixture: shop").fixtures == {"shop": {"b.py": "b", "src/a.py": "a"}}
    assert trees(folder, "fixture: nowhere").fixtures == {}


def test_t02_expected_texts_cannot_lie_elsewhere(folder):
    (folder.path / "tests").mkdir(parents=True)
    (folder.root / "secret.txt").write_text("x")

    with pytest.raises(PathRefusedError, match="goes up"):
        trees(folder, expected="equals: {file: ../../../secret.txt}")


def test_t15_a_fixture_with_a_file_of_secrets_is_refused(folder):
    (folder.path / "fixtures" / "shop").mkdir(parents=True)
    (folder.path / "fixtures" / "shop" / ".env").write_text("KEY=1")

    with pytest.raises(PathRefusedError, match="file of secrets"):
        trees(folder, "fixture: shop")


def test_a_fixture_that_does_not_end_is_refused(folder):
    for number in range(60):
        (folder.path / "fixtures" / "shop" / f"d{number}").mkdir(parents=True)

    with pytest.raises(PathRefusedError, match="holds more than 50 files or folders"):
        trees(folder, "fixture: shop")


def test_a_user_s_folder_may_itself_be_reached_through_a_link(tmp_path, put):
    put(tmp_path / "dotfiles", "chat", "mine")
    if os.name != "nt":
        (tmp_path / "prompts").symlink_to(tmp_path / "dotfiles")
        folder = PromptFolder(root=tmp_path / "prompts", folder="", layer=PromptLayer.USER)

        assert refusals(folder) == {"mine": ""}
