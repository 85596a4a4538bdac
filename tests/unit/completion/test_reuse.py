"""Suggestions are found again from every place where they can still be shown."""

from __future__ import annotations

import pytest

from fimble.completion.reuse import StoredSuggestion, SuggestionCache, surroundings
from support.marked import CURSOR, marked


def stored(source: str, text: str, *, replaced: str = "", complete: bool = True) -> SuggestionCache:
    snapshot, cursor = marked(source)
    before, after = surroundings(snapshot, cursor)
    cache = SuggestionCache()
    cache.store(
        StoredSuggestion(
            uri=snapshot.uri,
            before=before,
            after=after,
            text=text,
            replaced=replaced,
            complete=complete,
            engine="ollama",
        )
    )
    return cache


def found(cache: SuggestionCache, source: str) -> tuple[str, str] | None:
    snapshot, cursor = marked(source)
    hit = cache.find(snapshot, cursor)
    return None if hit is None else (hit.text, hit.replaced)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param(f"x = {CURSOR}\ny\n", ("foo(bar)", ""), id="same place"),
        pytest.param(f"x = foo{CURSOR}\ny\n", ("(bar)", ""), id="typed through"),
        pytest.param(f"x = foo({CURSOR})\ny\n", ("bar)", ")"), id="the editor closed the bracket"),
        pytest.param(f"x = foo(bar{CURSOR})\ny\n", (")", ")"), id="still closed"),
        pytest.param(f"x ={CURSOR}\ny\n", (" foo(bar)", ""), id="one character back"),
        pytest.param(f"{CURSOR}\ny\n", ("x = foo(bar)", ""), id="back to the start of the line"),
        pytest.param(f"x = fob{CURSOR}\ny\n", None, id="diverged"),
        pytest.param(f"x = foo(bar){CURSOR}\ny\n", None, id="typed to its end"),
        pytest.param(f"x = {CURSOR}\nz\n", None, id="the text after has changed"),
        pytest.param(f"a\nx = {CURSOR}\ny\n", None, id="the text before has changed"),
        pytest.param(f"x {CURSOR}= \ny\n", None, id="moved back without deleting"),
    ],
)
def test_a_suggestion_is_found_from_where_it_still_fits(
    then: str, expected: tuple[str, str] | None
) -> None:
    cache = stored(f"x = {CURSOR}\ny\n", "foo(bar)")

    assert found(cache, then) == expected


def test_a_multi_line_suggestion_is_typed_through_over_its_lines() -> None:
    cache = stored(f"def f():{CURSOR}\n", "\n    a = 1\n    return a")

    assert found(cache, f"def f():\n    a = 1\n    r{CURSOR}\n") == ("eturn a", "")


def test_an_accepted_word_keeps_the_rest() -> None:
    cache = stored(f"x = {CURSOR}\n", "first + second")

    assert found(cache, f"x = first {CURSOR}\n") == ("+ second", "")


def test_nothing_to_say_is_remembered_only_for_its_own_place() -> None:
    cache = stored(f"x = 1{CURSOR}\n", "")

    assert found(cache, f"x = 1{CURSOR}\n") == ("", "")
    assert found(cache, f"x = {CURSOR}\n") is None


def test_the_replaced_text_survives_typing() -> None:
    cache = stored(f"f({CURSOR})\n", "a, b)", replaced=")")

    assert found(cache, f"f(a{CURSOR})\n") == (", b)", ")")


def test_the_newest_suggestion_wins() -> None:
    cache = stored(f"x = {CURSOR}\n", "old")
    snapshot, cursor = marked(f"x = {CURSOR}\n")
    before, after = surroundings(snapshot, cursor)
    cache.store(
        StoredSuggestion(
            uri=snapshot.uri,
            before=before,
            after=after,
            text="new",
            replaced="",
            complete=True,
            engine="ollama",
        )
    )

    assert found(cache, f"x = {CURSOR}\n") == ("new", "")


def test_other_documents_never_answer() -> None:
    cache = stored(f"x = {CURSOR}\n", "foo")
    snapshot, cursor = marked(f"x = {CURSOR}\n", uri="file:///w/other.py")

    assert cache.find(snapshot, cursor) is None


def test_the_least_recently_used_suggestion_leaves_first() -> None:
    cache = SuggestionCache(capacity=2)
    for name in ("one", "two", "three"):
        snapshot, cursor = marked(f"{name} = {CURSOR}\n")
        before, after = surroundings(snapshot, cursor)
        cache.store(
            StoredSuggestion(
                uri=snapshot.uri,
                before=before,
                after=after,
                text=name,
                replaced="",
                complete=True,
                engine="ollama",
            )
        )

    assert len(cache) == 2
    assert found(cache, f"one = {CURSOR}\n") is None
    assert found(cache, f"three = {CURSOR}\n") == ("three", "")


def test_a_closed_document_leaves_nothing_behind() -> None:
    cache = stored(f"x = {CURSOR}\n", "foo")
    cache.forget("file:///w/a.py")

    assert len(cache) == 0
    assert found(cache, f"x = {CURSOR}\n") is None


@pytest.mark.parametrize(
    ("then", "is_used_up"),
    [
        pytest.param(f"x = foo(bar){CURSOR}\ny\n", True, id="all of it stands"),
        pytest.param(f"x = foo(bar{CURSOR})\ny\n", False, id="the cursor is before its end"),
        pytest.param(f"x = foo(bar) {CURSOR}\ny\n", False, id="and more than it"),
        pytest.param(f"x = foo(bar){CURSOR}\nz\n", False, id="the text after has changed"),
        pytest.param(f"x = {CURSOR}\ny\n", False, id="nothing of it"),
    ],
)
def test_a_suggestion_is_used_up_where_all_of_it_stands(then: str, *, is_used_up: bool) -> None:
    cache = stored(f"x = {CURSOR}\ny\n", "foo(bar)")
    snapshot, cursor = marked(then)

    assert (cache.used_up(snapshot, cursor) is not None) is is_used_up
