"""Ranking and choosing: pure, with the cases as data."""

from __future__ import annotations

import pytest

from fimble.context.index.records import IndexedSymbol
from fimble.context.retrieval.choosing import by_file, choose
from fimble.context.retrieval.file_view import FileView
from fimble.context.retrieval.modules import ModuleNames
from fimble.context.retrieval.ranking import (
    rank_chunks,
    rank_signatures,
    types_of_names,
    wanted_at,
)
from fimble.context.retrieval.records import ContextItem, ContextQuery, ItemKind, Route
from fimble.context.retrieval.terms import terms_of, weighted_words
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

PATHS = (
    *("src/shop/__init__.py", "src/shop/cart.py", "src/shop/view.py", "src/shop/json.py"),
    *("tests/test_cart.py", "tests/cart_fixtures.py", "lib/cart.py"),
    *("web/app/index.ts", "web/app/cart.ts", "web/app/cart.spec.ts", "web/app/parts/row.tsx"),
    *("java/com/acme/Order.java", "crates/net/mod.rs"),
)


def count(text: str) -> int:
    return (len(text) + 3) // 4


def symbol(
    path: str, name: str, *, container: str = "", line: int = 1, signature: str = ""
) -> IndexedSymbol:
    shown = signature or f"def {name}()"
    return IndexedSymbol(path, name, container, "function", line, line + 1, shown, "")


def query(
    text: str, *, path: str = "here.py", window: tuple[int, int] | None = None
) -> ContextQuery:
    """Make a query at the bar in a text."""
    at = text.index("|")
    snapshot = Snapshot.from_text(text.replace("|", ""), uri=f"file:///{path}")
    line = text.count("\n", 0, at)
    cursor = Position(line, at - (text.rfind("\n", 0, at) + 1))
    first, last = window or (0, snapshot.line_count - 1)
    return ContextQuery(
        path=path, snapshot=snapshot, cursor=cursor, first_line=first, last_line=last
    )


def signatures(asked: ContextQuery, *views: FileView, **routes: Route) -> list[ContextItem]:
    typed = types_of_names(asked.snapshot.text)
    return rank_signatures(views, routes, asked, wanted_at(asked, (), (), typed))


@pytest.mark.parametrize(
    ("module", "name", "importer", "found"),
    [
        ("shop.cart", "Cart", "src/shop/view.py", "src/shop/cart.py"),
        (".cart", "Cart", "src/shop/view.py", "src/shop/cart.py"),
        (".", "cart", "src/shop/view.py", "src/shop/cart.py"),
        ("..shop.cart", "Cart", "src/shop/view.py", "src/shop/cart.py"),
        ("shop", "Cart", "tests/test_cart.py", "src/shop/__init__.py"),
        ("json", "loads", "src/shop/view.py", None),
        ("httpx", "", "src/shop/view.py", None),
        ("./cart", "Cart", "web/app/index.ts", "web/app/cart.ts"),
        ("./cart.js", "Cart", "web/app/index.ts", "web/app/cart.ts"),
        ("../cart", "Cart", "web/app/parts/row.tsx", "web/app/cart.ts"),
        ("..", "", "web/app/parts/row.tsx", "web/app/index.ts"),
        ("../../../../etc/cart", "x", "web/app/index.ts", None),
        ("com.acme.Order", "", "java/Main.java", "java/com/acme/Order.java"),
        ("crates::net", "Socket", "crates/main.rs", "crates/net/mod.rs"),
    ],
)
def test_an_import_names_a_file_of_the_workspace_or_none(module, name, importer, found):
    resolved = ModuleNames(PATHS).resolve(module, name, importer)

    assert (resolved[0] if resolved else None) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("src/shop/cart.py", ["tests/test_cart.py"]),
        ("tests/test_cart.py", ["src/shop/cart.py", "lib/cart.py"]),
        ("web/app/cart.ts", ["web/app/cart.spec.ts"]),
        ("web/app/cart.spec.ts", ["web/app/cart.ts"]),
        ("src/shop/view.py", []),
    ],
)
def test_the_test_stands_beside_the_module_and_the_module_beside_the_test(path, found):
    assert sorted(ModuleNames(PATHS).counterparts(path)) == sorted(found)


@pytest.mark.parametrize(
    ("word", "terms"),
    [
        ("total", ("total", "~total")),
        ("read_timeout", ("read_timeout", "~read", "~timeout")),
        ("parseHTTPHeader", ("parseHTTPHeader", "~header", "~http", "~parse")),
        ("self_is", ("self_is",)),
    ],
)
def test_identifiers_are_found_by_their_parts(word, terms):
    assert terms_of(word) == terms


def test_words_count_less_the_further_they_are_from_the_cursor():
    words = weighted_words("far = 1\n" + "\n" * 300 + "near = far_away\n", "behind\n")

    assert words["near"] > words["behind"] > words["far"]


def test_what_is_named_near_the_cursor_comes_before_what_is_not():
    view = FileView("lib.py", "", [symbol("lib.py", "other"), symbol("lib.py", "wanted", line=9)])
    found = signatures(query("x = wanted(|"), view)

    assert [item.text for item in found] == ["def wanted()"]
    assert found[0].reason == "`wanted` is named near the cursor"


@pytest.mark.parametrize(
    "text",
    ["def f(box: Crate):\n    box.|", "box = Crate()\nbox.|", "const box = new Crate()\nbox.|"],
)
def test_members_of_the_type_of_a_name_are_wanted(text):
    view = FileView(
        "lib.py",
        "",
        [
            symbol("lib.py", "Crate", signature="class Crate"),
            symbol("lib.py", "lift", container="Crate", line=2),
            symbol("lib.py", "sink", container="Anchor", line=8),
        ],
    )
    found = {item.text: item for item in signatures(query(text), view)}

    assert found["def lift()"].reason == "member of `Crate`"
    assert found["def lift()"].container == "class Crate"
    assert "def sink()" not in found


def test_nothing_of_the_window_is_shown_again():
    text = "\n".join(f"value_{line} = compute(value_{line})" for line in range(64))
    asked = query(text + "\ncompute(|", window=(20, 64))
    view = FileView("here.py", asked.snapshot.text, [symbol("here.py", "compute", line=40)])
    wanted = wanted_at(asked, (), (), {})

    for item in rank_chunks([view], {}, asked, wanted):
        assert item.last_line <= 20
    assert rank_signatures([view], {}, asked, wanted) == []


def test_a_file_with_a_route_comes_before_its_equal():
    text = "def helper_of_orders(order):\n    return order.price\n"
    filler = FileView("filler.py", "\n".join(f"word_{n} = {n}" for n in range(200)), [])
    views = [FileView("a.py", text, []), FileView("b.py", text, []), filler]
    asked = query("price = helper_of_orders(|")
    routes = {"b.py": Route(boost=0.5, reason="imported here")}
    found = rank_chunks(views, routes, asked, wanted_at(asked, (), (), {}))

    assert [item.path for item in found][:2] == ["b.py", "a.py"]
    assert found[0].reason == "similar code, imported here"


def item(
    text: str, *, path: str = "a.py", kind: ItemKind = ItemKind.CHUNK, line: int = 1
) -> ContextItem:
    return ContextItem(
        path=path, kind=kind, first_line=line, last_line=line, text=text, reason="", score=1.0
    )


@pytest.mark.parametrize("budget", [0, 10, 40, 100, 400])
def test_the_budget_holds_and_a_larger_one_shows_no_less(budget):
    chunks = [item("x" * 40, path=f"{n}.py", line=n) for n in range(10)]
    names = [item(f"def f{n}()", path=f"{n}.py", kind=ItemKind.SIGNATURE) for n in range(10)]
    chosen = choose(names, chunks, budget, count)

    assert sum(each.tokens for each in chosen) <= budget
    assert len(chosen) <= len(choose(names, chunks, budget + 100, count))


def test_nothing_is_chosen_twice_nor_what_is_known():
    same = [item("def f()", line=1), item("def f()", line=9), item("def g()", line=2)]
    chosen = choose([], same, 1_000, count, known={("a.py", "def g()")})

    assert [each.text for each in chosen] == ["def f()"]


def test_a_definition_that_stands_in_a_chosen_chunk_is_not_listed_besides():
    chunk = item("def f():\n    return compute_it(1)", line=1)
    name = item("def f() -> a_very_long_type_that_is_over_the_share", kind=ItemKind.SIGNATURE)
    # The share of definitions has no room for the name; what chunks leave over has.
    chosen = choose([name], [chunk], 56, count)

    assert [each.kind for each in chosen] == [ItemKind.CHUNK]


def test_a_file_is_laid_out_once_with_members_under_their_class():
    member = ContextItem(
        path="a.py", kind=ItemKind.SIGNATURE, first_line=3, last_line=4, text="def lift()",
        reason="", score=1.0, container="class Crate",
    )  # fmt: skip
    shown = by_file([item("x = 1", line=9), item("y = 2", path="b.py"), member])

    assert shown == [("a.py", "class Crate\n    def lift()\n\nx = 1"), ("b.py", "y = 2")]
