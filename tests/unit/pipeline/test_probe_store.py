"""What was measured survives a restart, and nothing found on disk can do harm."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace

import pytest

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.measured_cache import ProbeResult
from fimble.pipeline.probe_store import ProbeKey, ProbeStore

KEY = ProbeKey(
    endpoint="http://127.0.0.1:11434", server_version="0.33.0", model_digest="abc", num_ctx=16_384
)
RESULT = ProbeResult(
    kind=CacheKind.HYBRID,
    prompt_tokens_per_s=1_700.5,
    overhead_s=0.03,
    whole_tokens=1_200,
    suffix_tokens=60,
    append_tokens=5,
    suffix_key_tokens=513,
    warm_suffix_tokens=62,
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "fimble" / "probes"


@pytest.fixture
def store(folder):
    return ProbeStore(folder)


def test_what_was_saved_is_loaded(store, folder):
    store.save(KEY, RESULT)

    assert ProbeStore(folder).load(KEY) == RESULT


def test_nothing_was_measured(store):
    assert store.load(KEY) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, endpoint="http://127.0.0.1:11500"),
        replace(KEY, server_version="0.34.0"),
        replace(KEY, model_digest="abd"),
        replace(KEY, num_ctx=8_192),
    ],
)
def test_a_result_holds_for_one_server_version_model_and_window(store, other):
    store.save(KEY, RESULT)

    assert store.load(other) is None


def test_a_later_result_takes_the_place_of_the_earlier(store, folder):
    store.save(KEY, RESULT)
    store.save(KEY, replace(RESULT, append_tokens=9))

    assert store.load(KEY) == replace(RESULT, append_tokens=9)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_only_the_owner_can_read_it(store, folder):
    store.save(KEY, RESULT)
    (file,) = folder.iterdir()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def _changed(**fields):
    def change(content):
        record = json.loads(content)
        record["result"].update(fields)
        return json.dumps(record).encode()

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: content[:-7], id="torn"),
        pytest.param(lambda _: b"\xff\xfe\x00", id="not text"),
        pytest.param(lambda _: b"[]", id="another shape"),
        pytest.param(lambda content: b" " * 20_000 + content, id="too long"),
        pytest.param(lambda content: content.replace(b'"format":1', b'"format":0'), id="older"),
        pytest.param(lambda content: content.replace(b"abc", b"xyz"), id="of another model"),
        pytest.param(_changed(kind=None), id="unclear"),
        pytest.param(_changed(kind="rotating"), id="unknown kind"),
        pytest.param(_changed(prompt_tokens_per_s=0), id="no speed"),
        pytest.param(_changed(prompt_tokens_per_s=-5), id="negative speed"),
        pytest.param(_changed(append_tokens=-1), id="negative cost"),
    ],
)
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(store, folder, change):
    store.save(KEY, RESULT)
    (file,) = folder.iterdir()
    file.write_bytes(change(file.read_bytes()))

    assert store.load(KEY) is None
    store.save(KEY, RESULT)
    assert store.load(KEY) == RESULT


def test_a_disk_that_cannot_be_written_to_costs_nothing_but_the_result(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = ProbeStore(tmp_path / "file" / "probes")

    store.save(KEY, RESULT)

    assert store.load(KEY) is None
