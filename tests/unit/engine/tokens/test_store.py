"""Vocabularies on disk: private, whole, versioned, few; what is damaged is as good as none."""

from __future__ import annotations

import os
import stat
import zlib

import msgspec
import pytest

from fimble.engine.tokens.store import VocabularyStore
from fimble.engine.tokens.vocabulary import checked_vocabulary
from support.vocabularies import stated_vocabulary

VOCABULARY = checked_vocabulary(stated_vocabulary())
DIGEST = "c" * 64


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "vocabularies"


def only_file(folder):
    (path,) = folder.iterdir()
    return path


def test_what_was_saved_comes_back_for_the_same_model_only(folder):
    store = VocabularyStore(folder)

    store.save(DIGEST, VOCABULARY)

    assert store.load(DIGEST) == VOCABULARY
    assert store.load("d" * 64) is None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_nobody_else_can_read_it(folder):
    VocabularyStore(folder).save(DIGEST, VOCABULARY)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        zlib.compress(b"garbage"),
        zlib.compress(msgspec.msgpack.encode([2, DIGEST, []])),
        zlib.compress(msgspec.msgpack.encode([1, "other", VOCABULARY])),
        zlib.compress(msgspec.msgpack.encode([1, DIGEST, ["next-year", ["a b"]]])),
        zlib.compress(msgspec.msgpack.encode([1, DIGEST, VOCABULARY]))[:-9],
        zlib.compress(b"\x00" * (200 << 20), 9),
    ],
    ids=["empty", "no zlib", "no record", "version", "model", "splitting", "cut", "bomb"],
)
def test_what_is_damaged_or_of_another_version_is_as_good_as_none(folder, content):
    store = VocabularyStore(folder)
    store.save(DIGEST, VOCABULARY)
    only_file(folder).write_bytes(content)

    assert store.load(DIGEST) is None

    store.save(DIGEST, VOCABULARY)

    assert store.load(DIGEST) == VOCABULARY


@pytest.mark.skipif(os.name != "posix", reason="links need no rights on POSIX")
def test_a_link_is_not_followed(folder, tmp_path):
    store = VocabularyStore(folder)
    store.save(DIGEST, VOCABULARY)
    path = only_file(folder)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    assert store.load(DIGEST) is None


def test_a_disk_that_cannot_be_written_to_costs_nothing_else(tmp_path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    store = VocabularyStore(tmp_path / "taken" / "vocabularies")

    store.save(DIGEST, VOCABULARY)

    assert store.load(DIGEST) is None


def test_the_oldest_go(folder):
    store = VocabularyStore(folder)

    for number in range(10):
        store.save(f"{number}", VOCABULARY)
        for age, path in enumerate(sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)):
            os.utime(path, (age, age))

    assert len(list(folder.iterdir())) == 8
    assert store.load("0") is None
    assert store.load("9") == VOCABULARY
