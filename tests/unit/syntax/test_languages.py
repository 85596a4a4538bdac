"""The registry: its rows fit their grammars, and documents find their row."""

import subprocess
import sys

import pytest

from fimble.syntax.grammars import compiled
from fimble.syntax.language import Language
from fimble.syntax.languages import (
    language_for,
    language_for_shebang,
    language_named,
    languages,
)

EVERY = [pytest.param(row, id=row.name) for row in languages()]


def test_all_promised_languages_are_there():
    promised = (
        "python typescript tsx javascript go rust java c cpp csharp ruby php bash lua kotlin scala "
        "html css json yaml toml markdown"
    )

    assert promised.split() == [row.name for row in languages()]


@pytest.mark.parametrize("row", EVERY)
def test_every_node_type_of_a_row_exists_in_its_grammar(row: Language):
    grammar = compiled(row)
    known = {grammar.node_kind_for_id(number) for number in range(grammar.node_kind_count)}
    nodes = row.nodes

    named = nodes.comments | nodes.strings | nodes.interpolations | nodes.open_ended
    named |= nodes.transparent | nodes.bodies | nodes.decorations | nodes.opaque
    named |= nodes.signatures
    named |= nodes.definitions.keys() | nodes.imports.keys() | nodes.keywords.keys()

    assert named - known == {"ERROR"} & named


@pytest.mark.parametrize("row", EVERY)
def test_every_step_of_a_path_is_a_field_or_a_node_type_of_the_grammar(row: Language):
    grammar = compiled(row)
    known = {grammar.node_kind_for_id(number) for number in range(grammar.node_kind_count)}
    known |= {grammar.field_name_for_id(number) for number in range(1, grammar.field_count + 1)}
    steps = {
        step.rstrip("*")
        for rule in row.nodes.definitions.values()
        for path in (*rule.name, *rule.body, *rule.variants, *rule.needs, *rule.owner)
        for step in path.split("/")
    }

    # These three are the defaults of `Definition`; a rule may have no use for them.
    assert steps - known <= {"name", "body", "value"}


@pytest.mark.parametrize(("field"), ["name", "lsp_ids", "suffixes", "filenames", "interpreters"])
def test_no_two_rows_claim_the_same(field: str):
    claims = [
        claim
        for row in languages()
        for claim in ([row.name] if field == "name" else getattr(row, field))
    ]

    assert len(set(claims)) == len(claims)
    assert [claim.lower() for claim in claims] == claims


@pytest.mark.parametrize(
    ("language_id", "path", "expected"),
    [
        ("python", "", "python"),
        ("Python", "x.txt", "python"),
        ("typescriptreact", "a.ts", "tsx"),
        ("javascriptreact", "", "javascript"),
        ("shellscript", "run", "bash"),
        ("", "a.PY", "python"),
        ("", "file:///home/a/b.d/types.d.ts", "typescript"),
        ("plaintext", "src/lib.rs", "rust"),
        ("", r"C:\src\Main.java", "java"),
        ("", "Rakefile", "ruby"),
        ("", ".bashrc", "bash"),
        ("", "a/.bashrc/notes", None),
        ("", "archive.tar.gz", None),
        ("cobol", "x.cob", None),
        ("", "", None),
        ("", "a.py/", None),
    ],
)
def test_the_identifier_then_the_name_decide(language_id: str, path: str, expected: str | None):
    found = language_for(language_id, path)

    assert expected == (found and found.name)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#!/usr/bin/python3.11", "python"),
        ("#!/usr/bin/env -S python3 -u", "python"),
        ("#! /bin/sh -e\n", "bash"),
        ("#!/usr/bin/env FOO=1 node", "javascript"),
        ("#!/usr/bin/env", None),
        ("#!", None),
        ("#!/usr/bin/perl", None),
        ("# python", None),
        ("", None),
    ],
)
def test_a_first_line_names_its_interpreter(line: str, expected: str | None):
    found = language_for_shebang(line)

    assert expected == (found and found.name)


def test_an_unknown_name_has_no_row():
    assert language_named("klingon") is None


def test_grammars_load_on_first_use_only():
    """A server that never sees Scala must not pay for it; neither does looking a language up."""
    program = (
        "import sys\n"
        "from fimble.syntax.languages import language_for\n"
        "from fimble.syntax.one_shot import parse\n"
        "from fimble.text.snapshot import Snapshot\n"
        "def loaded(): return sorted(m for m in sys.modules if m.startswith('tree_sitter_'))\n"
        "language_for('scala', 'a.scala')\n"
        "before = loaded()\n"
        "parse(Snapshot.from_text('x = 1', language_id='python'))\n"
        "print(before, loaded())\n"
    )

    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert output.startswith("[] ['tree_sitter_python'")
    assert "scala" not in output
