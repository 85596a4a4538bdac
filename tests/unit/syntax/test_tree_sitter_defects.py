"""Why py-tree-sitter is pinned: what its releases get wrong, held against the calls we make.

Every release crashes or leaks in some public call; 0.25.2 does so in none that Fimble needs. One
test per known defect: either the call is sound on the pin, in a subprocess where another release
crashes, or Fimble must not make it, which is read off the sources. Before an upgrade, run these.
"""

import ast
import gc
import importlib.metadata
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_javascript
import tree_sitter_python

import fimble.syntax
from fimble.syntax.grammars import compiled
from fimble.syntax.languages import language_named, languages
from fimble.syntax.parser import SlicedParser

ROOM = Path(fimble.syntax.__file__).parent
PYTHON = tree_sitter.Language(tree_sitter_python.language())
SOURCE = b"def f(a):\n    return [a, {'b': a}]\n\n" * 20_000
SETUP = (
    "import gc, tree_sitter, tree_sitter_python\n"
    "language = tree_sitter.Language(tree_sitter_python.language())\n"
    "parser = tree_sitter.Parser(language)\n"
    "tree = parser.parse(b'def f(a):\\n    return a\\n' * 200)\n"
)


def survives(program: str):
    """Run a program in a process of its own; a crash must not take the tests with it."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SETUP + program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-500:]


def shape(tree: tree_sitter.Tree) -> list[tuple[str, int, int]]:
    cursor = tree.walk()
    found: list[tuple[str, int, int]] = []
    while True:
        node = cursor.node
        assert node is not None
        found.append((node.type, node.start_byte, node.end_byte))
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found


def row_of_python():
    row = language_named("python")
    assert row is not None
    return row


def test_the_release_is_the_one_that_was_examined():
    assert importlib.metadata.version("tree-sitter") == "0.25.2"


def test_query_with_a_predicate_before_set_survives_being_freed():
    """0.26.1 over-releases it; tree-sitter-javascript's own highlights.scm has the pattern."""
    survives(
        'pattern = \'((identifier) @a (#eq? @a "f") (#set! kind "x"))\'\n'
        "for _ in range(200):\n"
        "    query = tree_sitter.Query(language, pattern)\n"
        "    tree_sitter.QueryCursor(query).matches(tree.root_node)\n"
        "    del query\n"
        "    gc.collect()\n"
    )


def test_the_highlights_of_javascript_survive_being_freed():
    language = tree_sitter.Language(tree_sitter_javascript.language())

    for _ in range(5):
        tree_sitter.Query(language, tree_sitter_javascript.HIGHLIGHTS_QUERY)
        gc.collect()


def test_points_can_be_read_often():
    """0.26.0 crashes."""
    survives(
        "for _ in range(300_000):\n"
        "    node = tree.root_node\n"
        "    node.start_point.row, node.end_point.column\n"
    )


def test_a_parse_stops_at_its_budget_and_resumes_to_the_same_tree():
    """`timeout_micros` works on 0.25 only; 0.26 has nothing sound that stops a parse of bytes."""
    parser = SlicedParser(row_of_python())
    unfinished = 0
    while (tree := parser.run(SOURCE, None, budget_us=2000)) is None:
        unfinished += 1

    assert unfinished > 5
    assert shape(tree_sitter.Parser(PYTHON).parse(SOURCE)) == shape(tree)


def test_the_warning_about_the_budget_is_silenced_at_one_place_only():
    parser = tree_sitter.Parser(PYTHON)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SlicedParser(row_of_python()).run(b"x = 1", None, budget_us=1000)
        with pytest.warns(DeprecationWarning, match="timeout_micros|progress_callback"):
            parser.timeout_micros = 1000


def test_a_parse_that_was_given_up_is_reset():
    """Without the reset the next parse goes on with the old text and answers a wrong tree."""
    parser = SlicedParser(row_of_python())
    assert parser.run(SOURCE, None, budget_us=500) is None

    parser.give_up()
    tree = parser.run(b"x = 1\n", None, budget_us=1_000_000)

    assert tree is not None
    assert tree.root_node.end_byte == 6


def test_without_a_reset_the_tree_would_be_wrong():
    """The reason for `give_up`; should this fail after an upgrade, it may go."""
    parser = SlicedParser(row_of_python())
    assert parser.run(SOURCE, None, budget_us=500) is None

    tree = parser.run(b"x = 1\n", None, budget_us=1_000_000)

    assert tree is None or tree.root_node.end_byte != 6


def test_a_copied_tree_is_edited_without_touching_the_original():
    tree = tree_sitter.Parser(PYTHON).parse(b"x = 1\ny = 2\n")
    before = shape(tree)

    tree.copy().edit(0, 0, 6, (0, 0), (0, 0), (1, 0))

    assert before == shape(tree)


def test_copies_of_trees_survive_many_edits_in_any_order_of_release():
    survives(
        "held = []\n"
        "for number in range(5_000):\n"
        "    copied = tree.copy()\n"
        "    copied.edit(number % 900, number % 900 + 1, number % 900, (0, 0), (0, 1), (0, 0))\n"
        "    held.append((tree.root_node, copied))\n"
        "    held = held[-40:][::-1]\n"
        "gc.collect()\n"
        "assert tree.root_node.child_count == 200\n"
    )


def test_the_walk_of_a_tree_outlives_the_tree():
    survives(
        "cursor = tree.walk()\n"
        "del tree, parser\n"
        "gc.collect()\n"
        "seen = 0\n"
        "while cursor.goto_first_child() or cursor.goto_next_sibling():\n"
        "    seen += len(cursor.node.type)\n"
        "assert seen\n"
    )


def test_each_thread_may_parse_with_a_parser_of_its_own():
    """One parser in two threads crashes with a read callback, in every release."""
    results: list[int] = []

    def work():
        for _ in range(3):
            tree = tree_sitter.Parser(PYTHON).parse(SOURCE[:100_000])
            results.append(tree.root_node.end_byte)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 12
    assert len(set(results)) == 1


def test_a_missing_old_tree_must_be_left_out():
    """The stubs allow None for it, the binding does not."""
    with pytest.raises(TypeError):
        tree_sitter.Parser(PYTHON).parse(b"x", None)  # pyright: ignore[reportArgumentType]


def test_only_bytes_are_parsed():
    """`str` is a TypeError; a read callback leaks each buffer it returns."""
    with pytest.raises(TypeError):
        tree_sitter.Parser(PYTHON).parse("x")  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_half_characters_harm_nothing():
    parser = tree_sitter.Parser(PYTHON)

    for source in (b"\xff\xfe", b"x = '\xed\xa0\x80'", b"\x00", "é".encode()[:1]):
        assert parser.parse(source).root_node.end_byte == len(source)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in languages()])
def test_every_grammar_loads_and_parses(row):
    """The binding takes ABI 13 to 15; a wheel that moves on must not go unnoticed."""
    grammar = compiled(row)

    assert grammar.abi_version >= tree_sitter.MIN_COMPATIBLE_LANGUAGE_VERSION
    assert grammar.abi_version <= tree_sitter.LANGUAGE_VERSION
    assert tree_sitter.Parser(grammar).parse(b"x\n").root_node.end_byte in {1, 2}


FORBIDDEN_NAMES = {
    "progress_callback": "crashes for parses and queries (dangling pointer)",
    "Query": "not needed, and its cursor cannot be stopped soundly after 0.25",
    "QueryCursor": "not needed, and its callbacks crash",
    "text": "Node.text is None after an edit and slower than slicing our bytes",
    "parent": "searches from the root, quadratic in deep trees",
    "sexp": "recurses, so deep trees overflow the stack",
}


@pytest.mark.parametrize("name", FORBIDDEN_NAMES)
def test_calls_that_crash_or_leak_are_not_made(name: str):
    used = [
        f"{path.name}:{node.lineno}"
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr == name and not of_snapshot(node))
        or (isinstance(node, ast.keyword) and node.arg == name)
    ]

    assert used == []


def of_snapshot(node: ast.Attribute) -> bool:
    """`snapshot.text` and `excerpt.text` are the document's text, not a node's."""
    return isinstance(node.value, ast.Name | ast.Attribute) and ast.unparse(node.value).endswith(
        ("snapshot", "excerpt")
    )


def test_cursors_are_never_copied():
    """`TreeCursor.copy` crashes five times in ten; trees may be copied, and are in two places."""
    copied = [
        ast.unparse(node.value)
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"copy", "__copy__"}
    ]

    assert set(copied) <= {"tree", "self._tree"}
