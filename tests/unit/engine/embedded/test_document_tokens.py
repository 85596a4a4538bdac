"""Reading only changed lines gives the same tokens as reading everything."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from fimble.engine.embedded.document_tokens import DocumentTokens
from fimble.engine.embedded.lexer import LineLexer
from fimble.engine.embedded.lexical_rules import rules_for
from fimble.engine.embedded.vocabulary import Vocabulary

LINES = st.sampled_from(
    ["a = 1\n", "    b(c)\n", "\n", '"""\n', '    """Doc."""\n', "# only\n", "x = '''\n", "'''\n",
     "  if d:  # e\n", "f", "  "]
)  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.integers(0, 12), st.integers(0, 4), st.lists(LINES, max_size=4), st.integers(-1, 14)
    ),
    min_size=1,
    max_size=6,
)


def read(document: DocumentTokens, lines: list[str], open_line: int | None, step: int) -> None:
    document.set_lines(lines, open_line)
    while not document.advance(step):
        pass


@example(["a = 1\n"] * 4, [(0, 0, ["a = 1\n"] * 2, 5), (0, 1, [], 4)], 1, False)
@given(st.lists(LINES, min_size=1, max_size=12), EDITS, st.integers(1, 5), st.booleans())
def test_any_edits_give_what_a_fresh_reading_gives(lines, edits, step, interrupted):
    vocabulary = Vocabulary()
    lexer = LineLexer(rules_for("python", ""), vocabulary)
    document = DocumentTokens(lexer, vocabulary)
    read(document, lines, None, step)
    for first, removed, added, opened in edits:
        lines = lines[:first] + added + lines[first + removed :] or [""]
        open_line = opened if 0 <= opened < len(lines) else None
        document.set_lines(lines, open_line)
        if interrupted and not document.advance(1):
            continue
        read(document, lines, open_line, step)
    open_line = document.open_line
    read(document, lines, open_line, step)
    fresh = DocumentTokens(lexer, vocabulary)
    read(fresh, lines, open_line, 100)

    assert document.ready
    for line in range(len(lines)):
        one, two = document.around(line, 2), fresh.around(line, 2)
        assert one.state == two.state
        assert one.current == two.current
        for mine, theirs in ((one.before, two.before), (one.after, two.after)):
            assert (mine.tokens, mine.blanks) == (theirs.tokens, theirs.blanks)
            assert mine.shapes == theirs.shapes
            assert len(mine.shapes) == len(mine.tokens) == len(mine.blanks)


def test_typing_on_one_line_reads_no_other_line():
    vocabulary = Vocabulary()
    seen: list[str] = []

    class Watched(LineLexer):
        def lex(self, line, state, *, learn=True):
            seen.append(line)
            return super().lex(line, state, learn=learn)

    document = DocumentTokens(Watched(rules_for("python", ""), vocabulary), vocabulary)
    lines = [f"value_{number} = {number}\n" for number in range(1_000)]
    read(document, lines, 500, 10_000)
    seen.clear()
    for text in ("n", "ne", "new"):
        lines = [*lines[:500], f"{text}\n", *lines[501:]]
        read(document, lines, 500, 10_000)

    assert set(seen) <= {"n\n", "ne\n", "new\n", "value_501 = 501\n"}


def test_the_line_being_typed_is_no_source_and_teaches_no_words():
    vocabulary = Vocabulary()
    document = DocumentTokens(LineLexer(rules_for("python", ""), vocabulary), vocabulary)
    read(document, ["known = 1\n", "unfinished_wo\n", "after\n"], 1, 100)

    assert "unfinished_wo" not in vocabulary.texts
    assert {"known", "after"} <= set(vocabulary.texts)
