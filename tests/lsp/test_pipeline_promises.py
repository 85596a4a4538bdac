"""What the pipeline promises of its requests, seen from outside: by an editor and by a model.

The server is the one that is shipped; the model server is a stub with one slot.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from itertools import pairwise
from pathlib import Path

import pytest

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.measured_cache import ProbeResult
from fimble.config.schema import OllamaSettings
from fimble.pipeline.probe_store import ProbeKey, ProbeStore
from support.lsp_buffer import EditorBuffer
from support.lsp_client import GHOST_TEXT, LspClient, RequestId, running_server
from support.stub_ollama import (
    Oracle,
    Reply,
    Script,
    StubModel,
    StubOllama,
    Timing,
    fixed,
)

_REAL_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")
_BY_TYPING, _BY_KEY = 2, 1
_BODY = "def area(w, h):\n    "


@asynccontextmanager
async def editing(
    stub: StubOllama, home: Path, *, statistics: bool = True, **completion: object
) -> AsyncGenerator[LspClient]:
    """Start the server for one stub."""
    async with running_server(_REAL_SERVER, home=home) as client:
        await client.initialize(
            GHOST_TEXT,
            initializationOptions={
                "engine": {"kind": "ollama"},
                "ollama": {"endpoint": stub.url},
                "completion": completion,
                "statistics": {"enabled": statistics},
            },
        )
        await client.notification("fimble/status", state="ready")
        yield client


def _counted_under(home: Path) -> dict[str, float]:
    """Return the counts of all statistics files there."""
    counts: dict[str, float] = {}
    for path in home.rglob("statistics.sqlite3"):
        with closing(sqlite3.connect(path)) as connection:
            counts |= dict(connection.execute("SELECT counter, value FROM counts"))
    return counts


async def _type_slowly(editor: LspClient, buffer: EditorBuffer, keys: str) -> list[RequestId]:
    """Type and ask, with gaps longer than any usual pause and shorter than a real one."""
    asked: list[RequestId] = []
    for key in keys:
        await editor.type(buffer, key)
        if asked:
            await editor.cancel(asked[-1])
        params = editor.inline_params(buffer, trigger_kind=_BY_TYPING)
        asked.append(await editor.begin("textDocument/inlineCompletion", params))
        await asyncio.sleep(0.6)
    return asked


async def test_the_first_whole_unit_is_shown_and_extended_when_the_editor_asks_again(
    tmp_path: Path,
) -> None:
    lines = [f"value_{number} = w * {number}\n    " for number in range(1, 9)]
    whole = "".join(lines) + "return w"
    timing = Timing(per_generated_token_s=0.02)
    with StubOllama(Script(answer=fixed(f"{whole}\n"), timing=timing)) as stub:
        async with editing(stub, tmp_path, debounce_ms=0, prefetch=False) as editor:
            buffer = await editor.open(_BODY)
            shown: list[str] = []
            while not shown or len(shown[-1]) < len(whole):
                [item] = await editor.ghost(buffer, trigger_kind=_BY_TYPING)
                if not shown or item["insertText"] != shown[-1]:
                    shown.append(item["insertText"])
                [record] = stub.generations
                said = record.sent_tokens
                await stub.wait_for(
                    lambda _, record=record, said=said: (
                        record.sent_tokens > said or record.outcome != "open"
                    )
                )

    assert shown[0] == "value_1 = w * 1"
    assert len(shown) > 2, "more of it before all of it"
    assert all(later.startswith(earlier) for earlier, later in pairwise(shown))
    assert shown[-1] == whole


async def test_a_model_that_would_answer_late_is_asked_only_in_a_real_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 tokens a second: a new place takes seconds, and who types on is not waiting for it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    lines = "".join(f"name_{n} = {n}\n" for n in range(100))
    with StubOllama(
        Script(answer=fixed("w * h\n"), timing=Timing(per_prompt_token_s=0.01))
    ) as stub:
        known = ProbeKey(
            endpoint=stub.url,
            server_version=Script().version,
            model_digest=StubModel().digest,
            num_ctx=OllamaSettings().num_ctx,
        )
        ProbeStore().save(known, ProbeResult(kind=CacheKind.HYBRID, prompt_tokens_per_s=100))
        async with editing(stub, tmp_path, prefetch=False) as editor:
            for number in range(20):
                # What was measured earlier is recalled with the model's facts, soon after "ready".
                buffer = await editor.open(f"{lines}size = ", uri=f"file:///work/{number}.py")
                asked = await _type_slowly(editor, buffer, "a")
                if not stub.generations:
                    break
                await editor.cancel(asked[-1])
                await stub.wait_for(lambda all_: all(each.outcome != "open" for each in all_))
                stub.forget_requests()
            asked += await _type_slowly(editor, buffer, "rea")
            assert not stub.generations

            await stub.wait_for(lambda _: stub.generations)
            await editor.cancel(asked[-1])
            for id_ in asked:
                await editor.answer(id_)
                assert len(editor.answers_to(id_)) == 1


async def test_a_slow_model_is_asked_at_once_by_a_key_that_is_pressed_for_it(
    tmp_path: Path,
) -> None:
    with StubOllama(Script(answer=fixed("w * h\n"))) as stub:
        async with editing(stub, tmp_path, prefetch=False, debounce_ms=5_000) as editor:
            buffer = await editor.open("size = ")
            await editor.type(buffer, "w")
            by_typing = await editor.begin(
                "textDocument/inlineCompletion",
                editor.inline_params(buffer, trigger_kind=_BY_TYPING),
            )
            await editor.settle()
            assert not stub.generations

            assert await editor.ghost(buffer, trigger_kind=_BY_KEY)
            await editor.cancel(by_typing)
            await editor.answer(by_typing)
            assert len(stub.generations) == 1


async def test_an_idle_model_goes_on_as_if_accepted_until_a_key_says_otherwise(
    tmp_path: Path,
) -> None:
    target = _BODY + "size = w * h\n    return size\n"
    timing = Timing(per_generated_token_s=0.1)
    script = Script(answer=Oracle(targets=[target]), timing=timing)
    with StubOllama(script) as stub:
        async with editing(stub, tmp_path, debounce_ms=0) as editor:
            buffer = await editor.open(_BODY + "size = ")
            [item] = await editor.ghost(buffer, trigger_kind=_BY_KEY)
            assert item["insertText"] == "w * h"
            await stub.wait_for(lambda _: len(stub.generations) > 1)
            ahead = stub.generations[1]
            assert "size = w * h" in str(ahead.body["prompt"])

            await editor.type(buffer, "w")
            await editor.settle()
            assert ahead.closed_by_client_at is None, "the key is what is shown"

            await editor.type(buffer, "x")
            assert await stub.wait_for(lambda _: ahead.closed_by_client_at)
            assert stub.max_concurrent == 1


async def test_what_was_prefetched_is_there_when_the_suggestion_is_accepted(
    tmp_path: Path,
) -> None:
    target = _BODY + "size = w * h\n    return size\n"
    with StubOllama(Script(answer=Oracle(targets=[target]))) as stub:
        async with editing(stub, tmp_path, debounce_ms=5_000) as editor:
            buffer = await editor.open(_BODY + "size = ")
            [item] = await editor.ghost(buffer, trigger_kind=_BY_KEY)
            await stub.wait_for(lambda _: [r for r in stub.generations[1:] if r.outcome != "open"])
            await editor.settle()
            asked = len(stub.generations)
            await editor.change(buffer, buffer.accept(item))
            [following] = await editor.ghost(buffer, trigger_kind=_BY_TYPING)

            assert following["insertText"] == "\n    return size"
            assert len(stub.generations) == asked


@pytest.mark.parametrize(("gate", "shown"), [("off", True), (-1.0, False), (-4.0, True)])
async def test_a_suggestion_that_the_model_doubts_is_shown_as_the_gate_says(
    tmp_path: Path, gate: float | str, *, shown: bool
) -> None:
    doubtful = Reply(text="w * h\n", logprobs=(-3.0,) * 8)
    with StubOllama(Script(answer=lambda _: doubtful)) as stub:
        async with editing(
            stub, tmp_path, debounce_ms=0, prefetch=False, logprob_gate=gate
        ) as editor:
            buffer = await editor.open(_BODY + "return ")
            items = await editor.ghost(buffer, trigger_kind=_BY_KEY)

            assert bool(items) is shown
            assert stub.generations[0].body["logprobs"] is (gate != "off")
            assert stub.loads == 1, "asking for them is no reason to load the model anew"


@pytest.mark.parametrize("enabled", [True, False])
async def test_statistics_are_kept_unless_one_setting_says_no(
    tmp_path: Path, *, enabled: bool
) -> None:
    with StubOllama(Script(answer=fixed("w * h\n"))) as stub:
        async with editing(
            stub, tmp_path, statistics=enabled, debounce_ms=0, prefetch=False
        ) as editor:
            buffer = await editor.open(_BODY + "return ")
            [item] = await editor.ghost(buffer, trigger_kind=_BY_KEY)
            await editor.change(buffer, buffer.accept(item))
            await editor.settle()
            assert await editor.shut_down() == 0

    counts = _counted_under(tmp_path)
    assert bool(counts) is enabled
    if enabled:
        assert counts["shown"] == counts["accepted"] == counts["requests"] == 1
        assert counts["accepted_characters"] == counts["kept_characters"] == 5
