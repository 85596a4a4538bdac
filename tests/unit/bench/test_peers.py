"""Each modelled system asks as often, and for what, its own source says."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from bench.peer_models.llama_cpp import LlamaVim, LlamaVscode
from bench.peer_models.pausing import Continue, LlmLs, Tabby, Twinny
from bench.peer_models.throttled import LspAi, Minuet, MinuetLocal
from bench.peer_models.windows import first_lines_within, last_lines_within, until_less_indented
from bench.peer_models.wire import ModelServer
from bench.peers import PEERS

from fimble_cli.bench import typist as typist_module
from fimble_cli.bench.typist import Typist
from support.stub_ollama import Oracle, Script, StubModel, StubOllama, Timing, fixed
from support.typing_cases import SOURCE, keys_of, trace_of

MODEL = "qwen3.6:27b"
WANTED = "zone = width * height + 7"
TARGET = SOURCE.replace("total = width * height + 7", WANTED)


@pytest.fixture(autouse=True)
def _short_end(monkeypatch):
    monkeypatch.setattr(typist_module, "_AFTERWARDS_S", 0.05)


async def type_with(build, *, answer, timing=None, pause_s=0.0, keys=12, settle_s=0.6):
    """Type the first keys of `WANTED` at the end of their line, each after a pause.

    `settle_s` is longer than any of the peers waits for after a key. Gives generations and log.
    """
    script = Script(
        answer=answer,
        timing=timing or Timing(),
        models=(StubModel(name=MODEL, default_num_ctx=8192),),
    )
    wanted = WANTED[:keys]
    trace = trace_of(TARGET.replace(WANTED, wanted), wanted, keys_of(wanted, pause_s=pause_s))
    with StubOllama(script) as stub:
        peer = build(ModelServer(url=stub.url, model=MODEL, num_ctx=8192))
        await Typist(trace, peer).replay()
        await asyncio.sleep(settle_s)
        await peer.close()
        return list(stub.generations), peer.log


RIGHT = Oracle(targets=[TARGET])
WRONG = fixed("unrelated(answer)\n")


@pytest.mark.parametrize(
    ("build", "requests"),
    [(Continue, 1), (Tabby, 1), (Twinny, 1), (LlmLs, 1), (Minuet, 3), (MinuetLocal, 1)],
)
async def test_keys_without_a_pause_make_one_round_of_requests(build, requests):
    """Minuet's round is three identical requests."""
    generations, _ = await type_with(build, answer=WRONG)

    assert len(generations) == requests
    assert len({it.prompt for it in generations}) == 1


@pytest.mark.parametrize(
    ("build", "each"), [(Continue, False), (Tabby, False), (LlmLs, True), (Twinny, False)]
)
async def test_a_pause_of_a_quarter_of_a_second_is_enough_for_some(build, each):
    generations, _ = await type_with(build, answer=WRONG, pause_s=0.225, keys=5)

    assert (len(generations) == 5) is each


async def test_llama_vim_asks_on_every_key_that_is_not_cached():
    """Slow keys and a fast server: one request for each key and one for the jump, each followed
    by one for what comes after the suggestion."""
    generations, _ = await type_with(LlamaVim, answer=WRONG, pause_s=0.25, keys=5)

    assert len(generations) == 12
    assert not any(it.outcome == "cancelled" for it in generations)


async def test_llama_vscode_asks_once_and_goes_on_from_what_it_shows():
    generations, log = await type_with(LlamaVscode, answer=RIGHT, keys=1)

    assert [it.outcome for it in generations] == ["done", "done"]
    assert log.screens[-1].ghost is not None


async def test_lsp_ai_asks_once_a_second_and_cancels_nothing():
    generations, _ = await type_with(
        LspAi, answer=WRONG, pause_s=0.15, keys=10, timing=Timing(base_s=0.2)
    )

    arrivals = [it.received_at for it in generations]
    assert len(arrivals) >= 2
    assert all(after - before > 0.9 for before, after in pairwise(arrivals))
    # Typing ends while the last one may still run.
    assert not any(it.outcome == "cancelled" for it in generations[:-1])


async def test_minuet_does_not_ask_while_the_typing_agrees():
    """One request for the jump, then nothing more for keys that it had foreseen."""
    generations, log = await type_with(MinuetLocal, answer=RIGHT, pause_s=0.8, keys=4)

    assert len(generations) == 1
    assert [key.shown_before is not None for key in log.keys] == [False, *[True] * 4]


async def test_continue_stays_on_the_stream_that_agrees():
    timing = Timing(base_s=0.1, per_generated_token_s=0.15)
    generations, _ = await type_with(Continue, answer=RIGHT, pause_s=0.45, keys=4, timing=timing)

    assert len(generations) == 1


async def test_continue_gives_up_a_slow_answer_after_ten_pieces():
    long = fixed("word " * 60)
    generations, _ = await type_with(Continue, answer=long, keys=1, timing=Timing(base_s=0.5))

    assert generations[0].generated_text.count("word") < 60


@pytest.mark.parametrize("build", [Tabby, LlmLs])
async def test_aborted_requests_free_the_model(build):
    generations, _ = await type_with(
        build, answer=WRONG, pause_s=0.7, keys=3, timing=Timing(base_s=1.0)
    )

    assert {it.outcome for it in generations[:-1]} == {"cancelled"}


async def test_every_peer_shows_a_right_answer_in_the_end():
    runs = [type_with(peer.build, answer=RIGHT, keys=3, settle_s=1.2) for peer in PEERS]
    for peer, (_, log) in zip(PEERS, await asyncio.gather(*runs), strict=True):
        shown = [it.ghost.text for it in log.screens if it.ghost is not None]
        assert shown, peer.name
        assert WANTED[3:].startswith(shown[-1][: len(WANTED) - 3].rstrip("\n")), peer.name


async def test_tabby_cuts_its_prompt_from_the_front():
    [generation, *_], _ = await type_with(Tabby, answer=WRONG, keys=1)

    assert len(generation.prompt.encode()) <= 1536


def test_windows_of_whole_lines_fit_their_budget():
    text = "a" * 9 + "\n" + "b" * 9 + "\n" + "c" * 9

    assert last_lines_within(text, 10, 2) == "b" * 9 + "\n" + "c" * 9
    assert first_lines_within(text, 10, 2) == "a" * 9 + "\n" + "b" * 9 + "\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\n    b\nc", "a\n    b"), ("a\n    b\n\n    c", None), ("a", None)],
)
def test_a_less_indented_line_ends_an_infill(text, kept):
    end = until_less_indented(text, 4)

    assert (None if end is None else text[:end]) == kept
