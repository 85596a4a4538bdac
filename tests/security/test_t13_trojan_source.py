"""T13: what a reviewer cannot see is refused in templates and rules, and never suggested."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.rules.characters import drop_hidden_characters
from fimble.completion.surroundings import Extent, look_around
from fimble.policy.hidden import hidden_characters, hidden_name
from fimble.prompting.parse import check_template
from fimble.prompting.read_partial import read_partial
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from support.prompting import GUARDS, write
from support.trojan_source import HIDDEN, SHAPES, first_hidden

PLACES = {
    "body": write("One.\n\nTwo{} here.\n"),
    "start of the body": write("{}\n"),
    "role line": write("[[user{}]]\nText.\n"),
    "include line": write("[[include a{}]]\n"),
    "name of a variable": write("${{in{}put}}\n"),
    "code fence": write("```python\nx = '{}'\n```\n"),
    "description": write("Text.\n").replace("An example.", "An {}example."),
    "name": write("Text.\n").replace("name: example", "name: exa{}mple"),
    "key": write("Text.\n").replace("kind: chat", "kind{}: chat"),
    "comment of the front matter": write("Text.\n", front="# a comment{}\n"),
    "closing fence": write("Text.\n").replace("---\nText", "---{}\nText"),
    "end of the file": write("Text.{}"),
}
"""Where a character may hide."""


def placed(template: str, character: str) -> str:
    return template.replace("{}", character).replace("{{", "{").replace("}}", "}")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("character", HIDDEN, ids=hidden_name)
def test_t13_a_hidden_character_is_refused_wherever_it_stands(character, place):
    text = placed(PLACES[place], character)

    first, *_ = check_template(text, source="t", guards=GUARDS)

    line, column = first_hidden(text)
    assert str(first).startswith(
        f"t:{line}:{column}: A hidden character stands here: {hidden_name(character)}"
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_t13_the_published_shapes_are_refused_in_templates_and_partials(shape):
    text = write(SHAPES[shape])
    partial = read_partial(SHAPES[shape], name="p", origin="p.md", guards=GUARDS)

    first, *_ = check_template(text, source="t", guards=GUARDS)

    assert (first.line, first.column) == first_hidden(text)
    assert "hidden character" in str(first)
    place = partial.problems[0].place
    assert (place.line, place.column) == first_hidden(SHAPES[shape])


def place_in(text: str) -> Place:
    """The end of a text as a place for suggestions."""
    snapshot = Snapshot.from_text(text)
    cursor = Position(snapshot.line_count - 1, 0)
    around = look_around(snapshot, cursor, None)
    return Place(around=around, extent=Extent.LINE)


def fimble(*arguments: str, cwd) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fimble_cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def on_a_terminal(*arguments: str, cwd) -> str:
    """Return what a command writes to a terminal, without its line ends and our own styles."""
    import pty  # noqa: PLC0415 - POSIX only

    master, slave = pty.openpty()
    with os.fdopen(master, "rb", buffering=0) as reading:
        done = subprocess.Popen(
            [sys.executable, "-m", "fimble_cli", *arguments],
            cwd=cwd,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=os.environ | {"NO_COLOR": "1"},
        )
        os.close(slave)
        written = bytearray()
        with contextlib.suppress(OSError):  # Linux says EIO at the end
            while part := reading.read(65_536):
                written += part
        done.wait(60)
    return written.decode().replace("\r\n", "\n")


def test_t13_the_command_points_at_every_hidden_character_of_the_corpus(tmp_path):
    texts = [write(shape) for shape in SHAPES.values()]
    texts += [write(f"ab{character}c\n") for character in HIDDEN]
    names = [f"row{number}.prompt.md" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (tmp_path / name).write_bytes(text.encode())

    done = fimble("prompts", "check", *names, "--json", cwd=tmp_path)

    found: dict[str, tuple[int, int]] = {}
    for problem in json.loads(done.stdout)["problems"]:
        if "hidden character" in problem["message"]:
            found.setdefault(problem["file"], (problem["line"], problem["column"]))
    assert done.returncode == 1
    assert found == dict(zip(names, map(first_hidden, texts), strict=True))


@pytest.mark.parametrize("shape", SHAPES)
def test_t13_what_is_printed_of_a_refused_template_hides_nothing_either(tmp_path, shape):
    (tmp_path / "x.prompt.md").write_bytes(write(SHAPES[shape]).encode())

    done = fimble("prompts", "check", "x.prompt.md", cwd=tmp_path)

    assert done.returncode == 1
    assert not [each for each in HIDDEN if each in done.stdout + done.stderr]


@pytest.mark.parametrize("shape", ["tags", "commenting out", "zero-width bits"])
def test_t13_rules_of_the_repository_are_refused_with_their_place(tmp_path, shape):
    (tmp_path / ".git").mkdir()
    text = f"# Rules\n\n{SHAPES[shape]}"
    (tmp_path / "AGENTS.md").write_bytes(text.encode())

    done = fimble(
        *("prompts", "render", "chat/regex", "--input", "input=x"),
        "--trust-workspace",
        cwd=tmp_path,
    )

    line, column = first_hidden(text)
    assert done.returncode != 0
    assert f"AGENTS.md:{line}:{column}: " in done.stderr
    assert not [each for each in HIDDEN if each in done.stdout + done.stderr]


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
def test_t13_what_tests_of_templates_print_hides_nothing(tmp_path):
    """Their files may hold anything, to try it; a terminal gets none of it."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / ".fimble" / "prompts" / "tests"
    folder.mkdir(parents=True)
    cases = "".join(
        f'- name: "a\\U{ord(character):08x}b"\n'
        f'  values: {{input: x}}\n  assert: [{{contains: "\\U{ord(character):08x}y"}}]\n'
        for character in HIDDEN
        if not 0xD800 <= ord(character) <= 0xDFFF
    )
    (folder / "x.test.yaml").write_text(f"prompt: chat/regex\ncases:\n{cases}", encoding="utf-8")

    shown = on_a_terminal("prompts", "test", cwd=tmp_path)

    assert "FAIL  chat/regex: a<U+202E>b" in shown
    assert not [each for each in HIDDEN if each in shown]


@pytest.mark.parametrize("character", HIDDEN, ids=hidden_name)
def test_t13_a_suggestion_with_a_hidden_character_is_dropped_unless_the_document_has_it(character):
    draft = Draft(text=f"is{character}admin()")
    clean, marked = place_in("x = \n"), place_in(f"# {character}\nx = \n")

    assert drop_hidden_characters(draft, clean) == Dropped(
        reason=f"hidden character {hidden_name(character)}"
    )
    assert drop_hidden_characters(draft, marked) is draft


@given(st.text())
def test_t13_no_suggestion_brings_a_hidden_character_in(text):
    kept = drop_hidden_characters(Draft(text=text), place_in("x = \n"))

    assert isinstance(kept, Dropped) == any(hidden_characters(text))
