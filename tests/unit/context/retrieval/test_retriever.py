"""The retriever on a workspace on the disk, with and without a built index."""

from __future__ import annotations

import pytest

from fimble.context.index.symbol_index import SymbolIndex
from fimble.context.retrieval.records import ContextQuery
from fimble.context.retrieval.retriever import Retriever, Surroundings
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

TEXT = "from shop.cart import Cart\n\n\ndef show(cart: Cart):\n    return cart."
CART = '''\
class Cart:
    def total_in_cents(self) -> int:
        """Add it up."""
        return 1
'''


def count(text: str) -> int:
    return (len(text) + 3) // 4


@pytest.fixture
def workspace(tmp_path):
    root = tmp_path / "work"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "cart.py").write_text(CART)
    (root / "shop" / "view.py").write_text("")
    (root / "shop" / "credentials.json").write_text('{"cart": "total_in_cents_of_secrets"}')
    (root / "shop" / "ignored.py").write_text("def total_in_cents_ignored(cart): return cart\n")
    (root / ".gitignore").write_text("ignored.py\n")
    return root


@pytest.fixture(params=["built", "not built"])
def retriever(request, workspace, tmp_path):
    index = SymbolIndex(workspace, folder=tmp_path / "indexes")
    if request.param == "built":
        index.build(processes=0)
    yield Retriever(index)
    index.close()


def query(workspace, text=TEXT, path="shop/view.py"):
    snapshot = Snapshot.from_text(text, uri=(workspace / path).as_uri(), language_id="python")
    last = snapshot.line_count - 1
    cursor = Position(last, len(snapshot.line(last)))
    return ContextQuery(path=path, snapshot=snapshot, cursor=cursor, first_line=0, last_line=last)


def texts(found):
    return "\n".join(item.text for item in found.items)


def test_what_is_imported_is_found_before_and_after_the_index_is_built(retriever, workspace):
    found = retriever.retrieve(query(workspace), 600, count)

    assert "def total_in_cents(self) -> int" in texts(found)
    assert any(item.reason == "member of `Cart`" for item in found.items)


def test_ignored_and_secret_files_are_never_shown(retriever, workspace):
    shown = texts(retriever.retrieve(query(workspace), 4_000, count))

    assert "of_secrets" not in shown
    assert "total_in_cents_ignored" not in shown


def test_an_open_document_counts_as_the_editor_has_it(retriever, workspace):
    opened = Snapshot.from_text(
        "class Cart:\n    items = 0\n\n\ndef cart_as_typed_just_now(cart: Cart): return cart\n",
        uri=(workspace / "shop/cart.py").as_uri(),
        version=7,
    )
    around = Surroundings(open_texts={"shop/cart.py": opened}, recent=("shop/cart.py",))
    shown = texts(retriever.retrieve(query(workspace), 600, count, around=around))

    assert "cart_as_typed_just_now" in shown


def test_a_file_that_changed_on_the_disk_is_read_again(retriever, workspace):
    retriever.retrieve(query(workspace), 600, count)
    (workspace / "shop" / "cart.py").write_text(CART + "\n\ndef cart_of_today(cart): return cart\n")

    assert "cart_of_today" in texts(retriever.retrieve(query(workspace), 600, count))


def test_what_is_known_is_not_found_again(retriever, workspace):
    first = retriever.retrieve(query(workspace), 600, count)
    again = retriever.retrieve(
        query(workspace), 600, count, known={item.key for item in first.items}
    )

    assert first.items
    assert not {item.key for item in first.items} & {item.key for item in again.items}


def test_the_same_question_has_the_same_answer(retriever, workspace):
    one, other = (retriever.retrieve(query(workspace), 600, count).items for _ in range(2))

    assert one == other


def test_own_file_only_reads_nothing_else(retriever, workspace):
    found = retriever.retrieve(query(workspace), 600, count, own_file_only=True)

    assert {item.path for item in found.items} <= {"shop/view.py"}
    assert found.files == 1


def test_what_similar_code_uses_is_shown_with_its_definition(workspace, tmp_path):
    (workspace / "shop" / "bill.py").write_text(
        "from ledger.book import enter_amount\n\n\n"
        "def close_bill(order):\n    order.open_positions.sort()\n    enter_amount(order)\n"
    )
    (workspace / "ledger").mkdir()
    (workspace / "ledger" / "book.py").write_text(
        "def enter_amount(order, *, twice=False):\n    return order\n"
    )
    text = "def cancel(order):\n    order.open_positions.sort()\n    "
    index = SymbolIndex(workspace, folder=tmp_path / "indexes")
    index.build(processes=0)
    found = Retriever(index).retrieve(query(workspace, text), 600, count)
    index.close()

    shown = next(item for item in found.items if item.path == "ledger/book.py")
    assert shown.text == "def enter_amount(order, *, twice=False)"
    assert shown.reason == "`enter_amount` is used in similar code"


def test_a_file_far_away_is_found_by_a_rare_word_that_it_holds(workspace, tmp_path):
    for number in range(300):
        folder = workspace / f"part{number:03}"
        folder.mkdir()
        (folder / "code.py").write_text(f"def run_{number}(order):\n    return order\n")
    (workspace / "part299" / "code.py").write_text("def late(it):\n    return it.dispatch_moment\n")
    index = SymbolIndex(workspace, folder=tmp_path / "indexes")
    index.build(processes=0)
    retriever = Retriever(index)
    asked = query(workspace, "def soon(it):\n    return dispatch_moment(")
    assert "it.dispatch_moment" in texts(retriever.retrieve(asked, 600, count))

    (workspace / "part299" / "code.py").write_text("def late(it):\n    return it\n")
    index.refresh("part299/code.py")
    index.close()
    assert index.store.holders("dispatch_moment", 9) == []
    assert index.store.holders("run_7", 9) != []
    assert "it.dispatch_moment" not in texts(retriever.retrieve(asked, 600, count))
    index.close()
