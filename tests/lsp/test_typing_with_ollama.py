"""A person types, through the whole server, against a model that takes 400 ms to say something.

The client does what VS Code was seen to do: a change and a request for each key, and the request
before it taken back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fimble.syntax.languages import languages
from support.lsp_buffer import EditorBuffer
from support.lsp_client import GHOST_TEXT, LspClient, RequestId, running_server
from support.stub_ollama import Oracle, Script, StubOllama, Timing, fixed

EVERY_LSP_ID = {lsp_id for language in languages() for lsp_id in language.lsp_ids}

_FIRST_TOKEN_S = 0.4
_METHOD = "textDocument/inlineCompletion"
_REAL_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")


@pytest.fixture
def timing() -> Timing:
    """How fast the model is, where a test does not say otherwise."""
    return Timing(base_s=_FIRST_TOKEN_S)


@pytest.fixture
def stub(timing: Timing) -> Iterator[StubOllama]:
    """A model server on a free port."""
    with StubOllama(Script(timing=timing)) as running:
        yield running


@pytest.fixture
async def typist(stub: StubOllama, tmp_path: Path) -> AsyncIterator[LspClient]:
    """A client of the server as it is shipped, with the stub for a model server."""
    async with running_server(_REAL_SERVER, home=tmp_path) as client:
        await client.initialize(
            {**GHOST_TEXT, "general": {"positionEncodings": ["utf-16"]}},
            initializationOptions={"engine": {"kind": "ollama"}, "ollama": {"endpoint": stub.url}},
        )
        await client.notification("fimble/status", state="ready")
        yield client


async def _type_keys(
    client: LspClient, buffer: EditorBuffer, keys: str, *, pause_s: float = 0.0
) -> list[RequestId]:
    """Type as an editor does; return the ids of all requests, the last one not taken back."""
    ids: list[RequestId] = []
    for key in keys:
        await client.type(buffer, key)
        if ids:
            await client.cancel(ids[-1])
        ids.append(await client.begin(_METHOD, client.inline_params(buffer)))
        await asyncio.sleep(pause_s)  # The rhythm of the keys is the input of this test.
    return ids


_MANY_LINES = "".join(f"value_{number} = {number}\n" for number in range(50_000))

CASES = {
    "plain": ("def area(w, h):\n    ", "return w", " * h", "\n"),
    "surrogate pairs": ("def f(𝒳, b):\n    s = '😀'\n    ", "return 𝒳", " + b", "\n\nz = '😀'\n"),
    "CRLF": ("def area(w, h):\r\n    ", "return w", " * h", "\r\n\r\nx = 1\r\n"),
    "tabs": ("func area(w int, h int) int {\n\t", "return w", " * h", "\n}\n"),
    "empty file": ("", "import sys", ", os", ""),
    "byte 0": ("", "import sys", ", os", "\n\nprint(sys.path)\n"),
    "50,000 lines": (_MANY_LINES + "total = ", "value_1", " + value_2", "\n" + _MANY_LINES),
}


@pytest.mark.parametrize("case", CASES)
async def test_typed_key_by_key_and_accepted_the_file_is_as_expected(
    typist: LspClient, stub: StubOllama, case: str
) -> None:
    before, typed, suggested, after = CASES[case]
    language = "go" if case == "tabs" else "python"
    # Prompts have LF everywhere, as models do not write CRLF.
    wanted = before + typed + suggested + after
    stub.answer_with(Oracle(targets=[wanted.replace("\r\n", "\n")]))
    buffer = await typist.open(before + after, uri=f"file:///work/{case}", language_id=language)
    buffer.cursor = len(before)
    ids = await _type_keys(typist, buffer, typed)
    answer = await typist.answer(ids[-1])
    items = answer["result"]["items"]
    if not items:
        items = await typist.ghost(buffer, trigger_kind=1)
    await typist.change(buffer, accepted := buffer.accept(items[0]))
    await typist.settle()

    assert buffer.text == wanted
    assert accepted["text"].endswith(suggested)
    assert [len(typist.answers_to(id_)) for id_ in ids] == [1] * len(ids)
    assert not typist.requests
    assert stub.max_concurrent <= 1


@pytest.mark.parametrize("timing", [Timing(base_s=0.05, per_generated_token_s=1.0)])
async def test_a_key_that_contradicts_the_stream_frees_the_model_before_its_next_token(
    typist: LspClient, stub: StubOllama
) -> None:
    """As soon as the model has said something else than what is typed, its only slot is wanted.

    How soon that is, `python -m bench.completion` measures.
    """
    stub.answer_with(fixed("nothing_that(is).ever + typed\n"))
    buffer = await typist.open("def area(w, h):\n    return ")
    ids = [await typist.begin(_METHOD, typist.inline_params(buffer, trigger_kind=1))]
    said: list[int] = []
    for number, key in enumerate("abcdefgh"):
        record = (await stub.wait_for(lambda _, count=number: stub.generations[count:]))[0]
        await stub.wait_for(lambda _, record=record: record.first_token_at)
        await typist.type(buffer, key)
        await typist.cancel(ids[-1])
        ids.append(await typist.begin(_METHOD, typist.inline_params(buffer, trigger_kind=1)))
        await stub.wait_for(lambda _, record=record: record.closed_by_client_at)
        said.append(record.generated_tokens)
    await typist.cancel(ids[-1])
    await typist.answer(ids[-1])
    await typist.settle()

    assert said == [1] * len(said)
    assert stub.max_concurrent <= 1
    assert [len(typist.answers_to(id_)) for id_ in ids] == [1] * len(ids)


async def test_a_stream_that_agrees_with_what_is_typed_is_kept(
    typist: LspClient, stub: StubOllama
) -> None:
    """The editor takes every request back; the model must not notice."""
    target = "def area(w, h):\n    return w * h + 1\n"
    stub.answer_with(Oracle(targets=[target]))
    buffer = await typist.open("def area(w, h):\n    return")
    first = await typist.begin(_METHOD, typist.inline_params(buffer, trigger_kind=1))
    await stub.wait_for(lambda _: stub.generations)
    ids = await _type_keys(typist, buffer, " w *")
    items = (await typist.answer(ids[-1]))["result"]["items"]

    assert (await typist.answer(first)) is not None
    assert items[0]["insertText"] == " h + 1"
    assert len(stub.generations) == 1


async def test_the_end_of_the_client_closes_the_stream_at_the_model(
    typist: LspClient, stub: StubOllama
) -> None:
    """F12: nobody reads the answer any more, so the model must not go on."""
    buffer = await typist.open("def area(w, h):\n    return ")
    await typist.begin(_METHOD, typist.inline_params(buffer, trigger_kind=1))
    [record] = await stub.wait_for(lambda _: stub.generations)
    assert typist.process.stdin is not None
    typist.process.stdin.close()
    began = time.monotonic()
    await stub.wait_for(lambda _: record.closed_by_client_at)
    await typist.exit_code()

    assert time.monotonic() - began < 3


@pytest.mark.parametrize("timing", [Timing()])
async def test_every_language_completes_and_so_does_text_of_none(
    typist: LspClient, stub: StubOllama
) -> None:
    """One server for all of them, as in a workspace of many languages."""
    stub.answer_with(fixed("value_of_it\n"))
    of_no_grammar = ("plaintext", "haskell", "", "made-up")
    for number, language_id in enumerate((*sorted(EVERY_LSP_ID), *of_no_grammar)):
        uri = f"file:///work/{number}-{language_id}"
        buffer = await typist.open("one = two\nit is = ", uri=uri, language_id=language_id)
        items = await typist.ghost(buffer, trigger_kind=1)

        assert [item["insertText"] for item in items] == ["value_of_it"], language_id
