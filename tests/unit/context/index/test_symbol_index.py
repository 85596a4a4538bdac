"""The index holds what the files hold: after a build, an edit, a deletion, a broken cache."""

import os
import sqlite3
import stat
import threading
from contextlib import closing

import pytest

from fimble.context.index.database import VERSION
from fimble.context.index.lookups import SymbolLookups
from fimble.context.index.summarise import Summariser
from fimble.context.index.symbol_index import SymbolIndex
from fimble.errors import SymbolIndexError
from fimble.syntax.languages import language_named


def age(path):
    """Let a file be old, so that its size and time are believed."""
    os.utime(path, (1_600_000_000, 1_600_000_000))


def test_a_build_finds_symbols_with_all_that_is_known_of_them(index):
    report = index.build()

    assert (report.files, report.processes) == (2, 0)
    symbol = SymbolLookups(index).definitions("Cart.total")[0]
    assert symbol.place == "src/shop.py:13-15"
    assert (symbol.kind, symbol.signature) == ("method", "def total(self) -> Cash")
    assert symbol.doc == "Add everything up."
    assert [it.qualified for it in index.store.symbols_of("src/shop.py")] == [
        "Cart",
        "Cart.rate",
        "Cart.total",
        "add_prices",
    ]
    assert index.store.imports_of("src/shop.py") == [
        ("decimal", "", ""),
        ("money", "Money", "Cash"),
    ]


def test_references_are_counted_and_callers_are_read_fresh(index, workspace):
    index.build()
    lookups = SymbolLookups(index)

    assert lookups.references("add_prices") == [("src/checkout.py", 3), ("src/shop.py", 2)]
    callers = lookups.callers("add_prices", 10)
    assert [(it.path, it.line, it.inside) for it in callers] == [
        ("src/checkout.py", 1, ""),
        ("src/checkout.py", 4, "pay"),
        ("src/checkout.py", 5, "pay"),
        ("src/shop.py", 15, "Cart.total"),
    ]


@pytest.mark.parametrize("written", ["total", "Cart.total", "Cart::total", "Cart#total"])
def test_a_symbol_is_found_by_name_with_or_without_its_container(index, written):
    index.build()

    assert [it.qualified for it in SymbolLookups(index).definitions(written)] == ["Cart.total"]


def test_only_what_changed_is_parsed_again(index, workspace):
    for path in (workspace / "src").iterdir():
        age(path)
    index.build()
    again = index.build()
    (workspace / "src" / "shop.py").write_text("class Basket: pass\n", "utf-8")
    (workspace / "src" / "checkout.py").unlink()
    third = index.build()

    assert (again.files, again.unchanged) == (0, 2)
    assert (third.files, third.unchanged, third.removed) == (1, 0, 1)
    assert SymbolLookups(index).definitions("Cart") == []
    assert SymbolLookups(index).definitions("Basket")[0].path == "src/shop.py"
    assert index.store.references("pay") == []


def test_a_file_saved_with_the_same_text_is_not_parsed(index, workspace):
    index.build()
    age(workspace / "src" / "shop.py")

    report = index.build()

    assert (report.files, report.unchanged) == (0, 2)


def test_a_file_written_within_the_same_tick_is_not_missed(index, workspace):
    path = workspace / "src" / "shop.py"
    path.write_text("class Aaaa: pass\n", "utf-8")
    when = path.stat()
    index.build()
    path.write_text("class Bbbb: pass\n", "utf-8")
    os.utime(path, ns=(when.st_atime_ns, when.st_mtime_ns))

    index.build()

    assert SymbolLookups(index).definitions("Bbbb")


def test_a_refresh_takes_what_the_editor_has(index, workspace):
    index.build()

    assert index.refresh("src/shop.py", "class Trolley:\n    pass\n")
    assert not index.refresh("src/shop.py", "class Trolley:\n    pass\n")
    assert SymbolLookups(index).definitions("Trolley")
    assert index.build().files == 1  # The disk still holds the other text.
    assert SymbolLookups(index).definitions("Cart")


def test_a_refresh_never_takes_what_the_reader_refuses(index, workspace):
    (workspace / ".gitignore").write_text("generated.py\n", "utf-8")
    (workspace / "generated.py").write_text("class Made: pass\n", "utf-8")

    assert not index.refresh("generated.py", "class Made: pass\n")
    assert not index.refresh("../outside.py", "class Made: pass\n")
    assert SymbolLookups(index).definitions("Made") == []


def test_what_cannot_be_indexed_is_skipped_and_counted(index, workspace):
    (workspace / "binary.py").write_bytes(b"a\0b")
    (workspace / "minified.js").write_text("x" * 30_000, "utf-8")
    (workspace / "huge.py").write_text("x = 1\n" * 200_000, "utf-8")
    (workspace / "latin.py").write_bytes(b"# caf\xe9\ndef brew(): pass\n")
    (workspace / "empty.py").write_bytes(b"")
    (workspace / "secrets.py").symlink_to(workspace / "src" / "shop.py")
    (workspace / ".env.py").write_text("def leak(): pass\n", "utf-8")

    report = index.build()

    assert report.skipped["binary"] == report.skipped["minified"] == 1
    assert report.skipped["too large"] == 1
    assert SymbolLookups(index).definitions("brew")
    assert index.build().files == 0
    assert index.status().skipped == 3


def test_files_git_ignores_and_the_user_excludes_are_not_indexed(workspace, tmp_path):
    (workspace / ".gitignore").write_text("build/\n", "utf-8")
    for folder in ("build", "generated"):
        (workspace / folder).mkdir()
        (workspace / folder / "made.py").write_text("class Made: pass\n", "utf-8")
    index = SymbolIndex(workspace, exclude=("generated/",), folder=tmp_path / "cache")

    index.build()

    assert SymbolLookups(index).definitions("Made") == []
    index.close()


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_t08_the_index_is_for_its_user_alone(index):
    old = os.umask(0)
    try:
        index.build()
    finally:
        os.umask(old)

    assert stat.S_IMODE(index.path.parent.stat().st_mode) == 0o700
    for path in index.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 500])
def test_f22_a_broken_cache_is_made_again(index, damage):
    index.build()
    index.close()
    data = index.path.read_bytes()
    index.path.write_bytes(damage + data[len(damage) : 8192] if damage else b"SQL" + data[3:5000])

    assert index.build().files == 2
    assert SymbolLookups(index).definitions("Cart")


def test_damage_that_shows_while_it_is_used_is_one_error_and_then_mended(index):
    index.build()
    index.close()
    data = bytearray(index.path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    index.path.write_bytes(data)

    with pytest.raises(SymbolIndexError, match="fimble index clear"):
        index.build()
    assert index.build().files == 2


def test_a_cache_that_cannot_be_written_is_an_error_with_the_next_step(workspace, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    index = SymbolIndex(workspace, folder=tmp_path / "file" / "index")

    with pytest.raises(SymbolIndexError, match="could not be opened"):
        index.build()


def test_older_layouts_are_removed_and_newer_ones_left(index):
    index.path.parent.mkdir(parents=True)
    name = index.path.name.partition(".")[0]
    for version in (0, 999):
        (index.path.parent / f"{name}.v{version}.sqlite3").write_text("", "utf-8")

    index.build()

    assert {path.name.split(".")[1] for path in index.path.parent.glob("*.sqlite3")} == {
        f"v{VERSION}",
        "v999",
    }


def test_a_stopped_build_keeps_what_it_did_and_forgets_nothing(index, workspace):
    index.build()
    stop = threading.Event()
    stop.set()

    report = index.build(stop=stop)

    assert report.exhausted == "stopped"
    assert index.status().files == 2


def test_progress_is_told_and_ends_complete(index):
    told = []
    index.build(told.append)

    assert (told[-1].done, told[-1].found, told[-1].complete) == (2, 2, True)


def test_clear_deletes_every_file_of_the_index(index):
    index.build()
    index.clear()

    assert not index.exists
    assert list(index.path.parent.iterdir()) == []


def test_a_polite_parse_lets_go_every_two_milliseconds():
    pauses = []
    text = "def f(a, b):\n    return [a, b, {a: b}]\n\n" * 12_000
    language = language_named("python")
    summary = Summariser(pause=lambda: pauses.append(1)).summarise(text, language)

    assert len(summary.symbols) == 12_000
    assert len(pauses) >= 5  # Half a megabyte parses in 40 ms and more.


def test_halves_of_surrogate_pairs_are_stored(index):
    index.build()

    assert index.refresh("src/shop.py", 'X = "\ud800"\nclass \ud800: pass\n')
    assert index.store.symbols_of("src/shop.py")[0].name == "X"


def test_the_version_of_the_store_changes_with_its_content(index):
    index.build()
    before = index.store.version()
    with closing(sqlite3.connect(index.path)) as other:
        other.execute("DELETE FROM symbols")
        other.commit()

    assert index.store.version() != before
