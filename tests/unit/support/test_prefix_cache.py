"""The prefix cache against the real server: a measured table, and recorded scripts.

The table holds evaluated prompt tokens per request, measured on llama-server b10488 with tiny
models, one slot, n_batch 512 and a prefix of 1599 tokens. The token counts of the edits are those
of the tiny vocabulary (40 characters = 15 tokens), so every row is exact here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.stub_ollama.prefix_cache import (
    HOST_CACHE_MIB,
    MAX_CHECKPOINTS,
    CacheKind,
    PrefixCache,
)
from support.stub_ollama.tokens import Tokens, tokenize

RECORDED = json.loads((Path(__file__).parent / "data/llama_server_traces.json").read_text("utf-8"))


def made(name: str, count: int) -> Tokens:
    """`count` tokens that occur nowhere else."""
    return tuple(f"{name}{number}" for number in range(count))


PREFIX = made("prefix", 1599)
ANSWER = made("answer", 8)
KEY = ("key",)


def psm(before: Tokens, after: Tokens) -> Tokens:
    return ("<|fim_prefix|>", *before, "<|fim_suffix|>", *after, "<|fim_middle|>")


def spm(before: Tokens, after: Tokens) -> Tokens:
    return ("<|fim_suffix|>", *after, "<|fim_prefix|>", *before, "<|fim_middle|>")


def evaluated(
    kind: CacheKind, requests: Sequence[tuple[Tokens, Tokens]], n_batch: int = 512
) -> int:
    """Tokens that the last request evaluates, after the others with their answers."""
    cache = PrefixCache(kind=kind, n_batch=n_batch)
    last = 0
    for prompt, answer in requests:
        last = cache.evaluate(prompt).evaluated
        cache.generated_all(answer)
    return last


AFTER_13, AFTER_47, AFTER_136, AFTER_102 = (made("after", it) for it in (13, 47, 136, 102))
HEAD = ("<|fim_prefix|>", *PREFIX)

TABLE = [
    pytest.param(PREFIX, ANSWER, PREFIX, 1, 4, id="identical prompt again"),
    pytest.param(PREFIX, ANSWER, PREFIX + KEY, 1, 5, id="one key appended, answer rejected"),
    pytest.param(PREFIX, ANSWER, PREFIX + ANSWER + KEY, 2, 2, id="answer accepted and a key"),
    # 17 tokens go and 2 come, since the deletion ends inside a word.
    pytest.param(
        PREFIX,
        ANSWER,
        PREFIX[:-17] + made("word", 2),
        2,
        497,
        id="40 characters deleted at the end",
    ),
    pytest.param(
        PREFIX, ANSWER, PREFIX[:806] + made("edit", 5) + PREFIX[806:], 798, 1604, id="middle edit"
    ),
    *(
        pytest.param(
            psm(PREFIX, after), ANSWER, psm(PREFIX + KEY, after), dense, 513, id=f"psm {len(after)}"
        )
        for after, dense in ((AFTER_13, 16), (AFTER_47, 50), (AFTER_136, 139))
    ),
    pytest.param(spm(PREFIX, AFTER_136), ANSWER, spm(PREFIX + KEY, AFTER_136), 2, 5, id="spm"),
    pytest.param(
        PREFIX, ANSWER, PREFIX + made("typed", 6), 6, 10, id="prefill, 15 characters (6 tokens)"
    ),
    pytest.param(
        PREFIX, ANSWER, PREFIX + made("typed", 11), 11, 15, id="prefill, 15 characters (11 tokens)"
    ),
]


@pytest.mark.parametrize(("first", "answer", "second", "dense", "hybrid"), TABLE)
def test_evaluated_tokens_are_those_of_the_real_server(
    first: Tokens, answer: Tokens, second: Tokens, dense: int, hybrid: int
) -> None:
    assert evaluated("dense", [(first, answer), (second, ())]) == dense
    assert evaluated("hybrid", [(first, answer), (second, ())]) == hybrid


def test_psm_costs_a_batch_and_one_at_n_batch_1024() -> None:
    requests = [(psm(PREFIX, AFTER_136), ANSWER), (psm(PREFIX + KEY, AFTER_136), ())]

    assert evaluated("hybrid", requests, n_batch=1024) == 1025


def test_psm_costs_all_when_the_suffix_is_longer_than_a_batch() -> None:
    after = made("after", 600)
    requests = [(psm(PREFIX, after), ANSWER), (psm(PREFIX + KEY, after), ())]

    assert evaluated("hybrid", requests) == len(psm(PREFIX + KEY, after))


@pytest.mark.parametrize("changed_after", [AFTER_102, made("edited", 102)])
def test_psm_after_warming_the_head_costs_line_and_suffix(changed_after: Tokens) -> None:
    """105 to 123 in the table: a line of 1 to 19 tokens, the suffix of 102, two control tokens."""
    cache = PrefixCache(kind="hybrid")
    cache.evaluate(HEAD)
    cache.generated_all(("one",))
    costs: list[int] = []
    for length in range(1, 20):
        after = AFTER_102 if length < 10 else changed_after
        costs.append(cache.evaluate(psm(PREFIX + made("line", length), after)).evaluated)
        cache.generated_all(ANSWER)

    assert costs == list(range(105, 124))


@pytest.mark.parametrize(("kind", "costs"), [("dense", {1}), ("hybrid", {4, 5})])
def test_alternating_two_prompts_is_cheap_after_the_first_time(
    kind: CacheKind, costs: set[int]
) -> None:
    chat, code = made("chat", 700), PREFIX
    cache = PrefixCache(kind=kind)
    for prompt in (chat, code):
        assert cache.evaluate(prompt).evaluated == len(prompt)
        cache.generated_all(ANSWER)
    seen: set[int] = set()
    for typed in range(4):
        seen.add(cache.evaluate(chat).evaluated)
        cache.generated_all(ANSWER)
        seen.add(cache.evaluate(code + made("typed", typed)).evaluated)
        cache.generated_all(ANSWER)

    assert seen == costs


@pytest.mark.parametrize(("kind", "cost"), [("dense", 224), ("hybrid", 237)])
def test_a_second_chat_turn_costs_the_last_answer_and_the_new_turn(
    kind: CacheKind, cost: int
) -> None:
    """History drops the think block, here 6 tokens: N-4 is too late, the turn's start serves."""
    system, question, think = made("system", 300), made("question", 13), made("think", 6)
    answer, turn = made("answer", 213), made("turn", 11)
    cache = PrefixCache(kind=kind)
    for prompt, generated in ((system, ("one",)), (system + question + think, answer)):
        cache.evaluate(prompt)
        cache.generated_all(generated)

    assert cache.evaluate(system + question + answer + turn).evaluated == cost


@pytest.mark.parametrize(
    "trace", RECORDED, ids=lambda it: f"{it['cache']}-{it['n_batch']}-{it['seed']}"
)
def test_recorded_scripts_give_the_real_servers_figures(trace: dict) -> None:
    """Typing, edits, PSM, alternating prompts and chats, as llama-server b10488 counted them."""
    cache = PrefixCache(
        kind=trace["cache"],
        n_batch=trace["n_batch"],
        checkpoint_mib=0.2,  # of the tiny models, so that host memory never is short
        kv_mib_per_token=0.001,
    )
    answers: list[list[int]] = []
    for number, step in enumerate(trace["steps"]):
        prompt = [token for part in step["prompt"] for token in expanded(part, answers)]
        evaluation = cache.evaluate(tuple(map(str, prompt)))
        cache.generated_all(tuple(map(str, step["generated"])))
        answers.append(step["generated"])

        assert (number, evaluation.evaluated) == (number, step["evaluated"])


def expanded(part: list[int], answers: list[list[int]]) -> list[int]:
    """Token ids of one part of a recorded prompt: a slice of a stream or of an earlier answer."""
    stream, start, end = part
    if stream < 0:
        return answers[-stream - 1][start:end]
    return [(stream * 37 + place * place + 7 * place) % 450 for place in range(start, end)]


def test_batches_break_where_checkpoints_lie() -> None:
    evaluation = PrefixCache(kind="hybrid").begin(made("t", 1600))

    assert evaluation.batches == (512, 512, 64, 508, 4)


def test_dense_batches_are_full() -> None:
    assert PrefixCache(kind="dense").begin(made("t", 1600)).batches == (512, 512, 512, 64)


def test_a_cancelled_prompt_keeps_the_batches_that_ran() -> None:
    cache = PrefixCache(kind="hybrid")
    evaluation = cache.begin(PREFIX)
    for batch_tokens in evaluation.batches[:2]:
        cache.advance(evaluation, batch_tokens)

    assert cache.begin(PREFIX).cached == 1024


def test_at_most_32_checkpoints_are_kept_and_the_first_survives() -> None:
    cache = PrefixCache(kind="hybrid")
    for typed in range(100):
        cache.evaluate(PREFIX + made("typed", typed))
        cache.generated_all(ANSWER)

    assert len(cache.slot.checkpoints) <= MAX_CHECKPOINTS
    assert cache.slot.checkpoints[0].tokens == len(PREFIX) - 512


def test_the_host_prompt_cache_stays_within_its_memory() -> None:
    cache = PrefixCache(kind="hybrid")
    for number in range(40):
        cache.evaluate(made(f"prompt{number}-", 900))
    states = sum(len(it.checkpoints) + 1 for it in cache.saved)

    assert 10 < len(cache.saved) < 40
    assert states * cache.checkpoint_mib <= HOST_CACHE_MIB


def test_text_typed_key_by_key_stays_cheap_when_the_prompt_only_grows() -> None:
    """The same through the stub's tokenizer: what clients of the stub will see."""
    cache = PrefixCache(kind="hybrid")
    code = "import os\n\n\ndef main() -> None:\n" + "    print(os.getcwd())\n" * 80
    cache.evaluate(tokenize(code))
    costs: list[int] = []
    for end in range(1, 20):
        cache.generated_all(ANSWER)
        costs.append(cache.evaluate(tokenize(code + "    value = compute(1)"[:end])).evaluated)

    assert max(costs) <= 8


def test_an_empty_prompt_is_refused() -> None:
    with pytest.raises(ValueError, match="empty prompt"):
        PrefixCache(kind="dense").begin(())
