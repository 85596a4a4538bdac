"""One list of files, folders and symbols; an outline that keeps its budget."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fimble.chat.mentions import mentions
from fimble.context.index.search import WorkspaceSearch
from fimble.engine.token_estimate import TokenEstimator

COUNT = TokenEstimator().count


@pytest.fixture
def search(index, workspace):
    index.build()
    return WorkspaceSearch(workspace, index=index, count_tokens=COUNT)


def test_a_symbol_comes_with_its_kind_signature_place_and_price(search):
    found = search.find("Cart.tot", 5)[0]

    assert (found.kind, found.label, found.mention_text) == ("method", "Cart.total", "@Cart.total")
    assert "def total(self) -> Cash" in found.detail
    assert "src/shop.py:13-15" in found.detail
    assert found.tokens == COUNT(
        "    def total(self) -> Cash:\n"
        '        """Add everything up."""\n'
        "        return add_prices(self.items)\n"
    )


def test_files_folders_and_symbols_are_in_one_list(search):
    kinds = [(it.kind, it.label) for it in search.find("s", 20)]

    assert ("dir", "src/") in kinds
    assert ("file", "src/shop.py") in kinds
    assert ("class", "Cart") in [(it.kind, it.label) for it in search.find("cart", 20)]


def test_symbols_of_one_name_are_mentioned_by_their_lines(search, index, workspace):
    (workspace / "src" / "other.py").write_text("def add_prices(): pass\n", "utf-8")
    index.build()
    fresh = WorkspaceSearch(workspace, index=index)

    texts = {it.mention_text for it in fresh.find("add_prices", 5) if it.kind == "function"}

    assert texts == {"@src/other.py:1", "@src/shop.py:18-19"}


def test_before_the_first_build_paths_are_found(workspace, index):
    search = WorkspaceSearch(workspace, index=index)

    assert search.find("shop", 5)[0].label == "src/shop.py"
    assert {it.kind for it in search.find("shop", 5)} == {"file"}
    assert not index.exists


def test_special_words_come_first_and_what_is_at_the_top_when_nothing_is_typed(search):
    labels = [it.label for it in search.find("", 8)]

    assert labels[:5] == ["@diff", "@staged", "@errors", "@map", "src/"]
    assert search.find("ma", 3)[0].label == "@map"


def test_secret_files_are_no_candidates(workspace, search):
    (workspace / ".env").write_text("TOKEN=1\n", "utf-8")

    assert ".env" not in [it.label for it in WorkspaceSearch(workspace).find("env", 20)]


def test_what_was_used_lately_comes_first(workspace, index):
    search = WorkspaceSearch(workspace, recency=lambda path: 1.0 if path == "src/shop.py" else 0.0)

    assert search.find("sh", 5)[0].label == "src/shop.py"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=20), limit=st.integers(-2, 30))
def test_no_text_breaks_the_search(search, text, limit):
    found = search.find(text, limit)

    assert len(found) <= max(0, limit)
    for candidate in found:
        assert len(mentions(candidate.mention_text)) == 1


def test_many_threads_may_search_while_the_index_is_built(search, index):
    problems = []

    def look():
        try:
            for _ in range(20):
                search.find("cart", 10)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test fails with it
            problems.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        index.refresh("src/shop.py", f"class Cart{_}: pass\n")
    for thread in threads:
        thread.join()

    assert problems == []


def test_the_map_shows_what_others_use_first(index):
    index.build()

    found = index.repo_map(500, COUNT)

    assert found.text.startswith("src/shop.py\n  class Cart\n")
    assert "    def total(self) -> Cash\n" in found.text
    assert (found.shown, found.files) == (2, 2)


@pytest.mark.parametrize("budget", [0, 1, 20, 40, 80, 10_000])
def test_the_map_keeps_its_budget(index, budget):
    index.build()

    found = index.repo_map(budget, COUNT)

    assert COUNT(found.text) == found.tokens <= budget
