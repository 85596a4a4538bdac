"""A line of the workspace's own words is on show until the model has answered, and costs nothing.

The client shows ghost text, and asks again where it is told that it got a draft.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.lsp_buffer import EditorBuffer
from support.lsp_client import GHOST_TEXT, Json, LspClient, running_server
from support.stub_ollama import Oracle, Script, StubOllama, fixed

_METHOD = "textDocument/inlineCompletion"
_DRAFT = "fimble/draft"
_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")
_SAID_TWICE = "    response = build_response(request, settings)\n    return finish(response)\n"
_TEXT = (
    f"def one(request, settings):\n{_SAID_TWICE}\n\ndef two(request, settings):\n{_SAID_TWICE}\n\n"
)
_BEGUN = _TEXT + "def three(request, settings):\n    response ="
_LINE = " build_response(request, settings)"


@dataclass
class Desk:
    """A client of the server as it is shipped."""

    client: LspClient
    stub: StubOllama
    asks_again: bool

    async def see(self, buffer: EditorBuffer, *, trigger_kind: int = 2) -> list[str]:
        """Ask once, and again if told to; return what was on show, one after the other."""
        shown: list[str] = []
        for _ in range(2):
            told = self.drafts
            items = await self.client.ghost(buffer, trigger_kind=trigger_kind)
            shown.append(items[0]["insertText"] if items else "")
            if self.drafts == told:
                break
        return shown

    async def type(self, buffer: EditorBuffer, keys: str) -> list[list[str]]:
        """Type, and see what is shown at each key."""
        seen: list[list[str]] = []
        for key in keys:
            await self.client.type(buffer, key)
            seen.append(await self.see(buffer))
        return seen

    @property
    def drafts(self) -> int:
        """How often the client was told of a draft."""
        return sum(message["method"] == _DRAFT for message in self.client.notifications)

    @property
    def prompts(self) -> Sequence[str]:
        """What the model was asked, in order."""
        return [str(record.body["prompt"]) for record in self.stub.generations]


@asynccontextmanager
async def _desk(home: Path, *, asks_again: bool = True, **embedded: object) -> AsyncIterator[Desk]:
    abilities: Json = {**GHOST_TEXT, "general": {"positionEncodings": ["utf-16"]}}
    if asks_again:
        abilities["experimental"] = {"fimble": {"drafts": True}}
    with StubOllama(Script()) as stub:
        async with running_server(_SERVER, home=home) as client:
            await client.initialize(
                abilities,
                initializationOptions={
                    "ollama": {"endpoint": stub.url},
                    "completion": {"prefetch": False, "debounce_ms": 0},
                    "embedded": embedded,
                },
            )
            await client.notification("fimble/status", state="ready")
            yield Desk(client, stub, asks_again)


async def test_a_draft_is_shown_first_and_the_models_text_takes_its_place(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        desk.stub.answer_with(fixed(" settings.response_of(request)\n"))
        buffer = await desk.client.open(_BEGUN)

        assert await desk.see(buffer) == [_LINE, " settings.response_of(request)"]
        assert len(desk.prompts) == 1
        assert await desk.see(buffer) == [" settings.response_of(request)"], "known, so no draft"


async def test_a_draft_is_there_before_the_model_is_asked_anything(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        buffer = await desk.client.open(_BEGUN)
        items = await desk.client.ghost(buffer)

        assert [item["insertText"] for item in items] == [_LINE]
        assert not desk.prompts


async def test_the_client_is_told_of_a_draft_before_it_gets_it(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        buffer = await desk.client.open(_BEGUN)
        id_ = await desk.client.begin(_METHOD, desk.client.inline_params(buffer))
        await desk.client.answer(id_)
        told = desk.client.stdout.index(b'"fimble/draft"')

        assert told < desk.client.stdout.index(f'"id":{id_},"result"'.encode())
        document = (await desk.client.notification(_DRAFT))["textDocument"]
        assert document == {"uri": buffer.uri, "version": buffer.version}


async def test_what_is_typed_of_a_draft_stays_on_show(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        desk.stub.answer_with(fixed("!!\n"))
        buffer = await desk.client.open(_BEGUN)
        rest = _LINE
        assert (await desk.client.ghost(buffer))[0]["insertText"] == rest
        for key in _LINE[:12]:
            await desk.client.type(buffer, key)
            rest = rest[1:]

            assert (await desk.client.ghost(buffer))[0]["insertText"] == rest
        assert not desk.prompts


@pytest.mark.parametrize("keys", [_LINE, " None", " build(x)\n    retu"])
async def test_the_model_is_asked_the_same_as_without_drafts(tmp_path: Path, keys: str) -> None:
    """The whole price of a draft: not a request and not a byte of a prompt."""
    asked: list[Sequence[str]] = []
    drafts: list[int] = []
    for number, asks_again in enumerate((True, False)):
        home = tmp_path / str(number)
        home.mkdir()
        async with _desk(home, asks_again=asks_again) as desk:
            desk.stub.answer_with(Oracle(targets=[_BEGUN + " build(x)\n    return finish(x)\n"]))
            buffer = await desk.client.open(_BEGUN)
            await desk.type(buffer, keys)
            asked.append(desk.prompts)
            drafts.append(desk.drafts)

    assert asked[0] == asked[1]
    assert drafts[0] > 0
    assert drafts[1] == 0


async def test_a_stream_that_agrees_is_joined_and_not_asked_for_again(tmp_path: Path) -> None:
    """A draft in between must not let the stream go that the next request wants."""
    async with _desk(tmp_path) as desk:
        desk.stub.answer_with(fixed(" build_response(settings)\n"))
        buffer = await desk.client.open(_BEGUN)
        await desk.client.ghost(buffer)
        first = await desk.client.begin(_METHOD, desk.client.inline_params(buffer))
        await desk.stub.wait_for(lambda _: desk.stub.generations)
        await desk.client.type(buffer, " ")
        await desk.client.cancel(first)
        seen = await desk.type(buffer, "build")

        assert seen[-1][-1] == "_response(settings)"
        assert len(desk.prompts) == 1


@pytest.mark.parametrize("setting", [{"draft": False}, {"enabled": False}])
async def test_one_setting_turns_drafts_off(tmp_path: Path, setting: dict[str, bool]) -> None:
    async with _desk(tmp_path, **setting) as desk:
        desk.stub.answer_with(fixed(" None\n"))
        buffer = await desk.client.open(_BEGUN)

        assert await desk.see(buffer) == [" None"]
        assert not desk.drafts


async def test_who_asks_by_key_gets_the_model_alone(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        desk.stub.answer_with(fixed(" None\n"))
        buffer = await desk.client.open(_BEGUN)

        assert await desk.see(buffer, trigger_kind=1) == [" None"]


async def test_where_a_block_is_due_there_is_no_draft(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        desk.stub.answer_with(fixed("response = 1\n    return response\n"))
        buffer = await desk.client.open(_TEXT + "def three(request, settings):\n    ")

        assert len(await desk.see(buffer)) == 1
        assert not desk.drafts


async def test_a_draft_never_says_what_stands_in_a_file_of_secrets(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        desk.stub.answer_with(fixed("None\n"))
        secret = "KEY_OF_PAYMENTS = load_payments_key(settings)\n" * 3
        await desk.client.open(secret, uri="file:///work/.env", language_id="python")
        buffer = await desk.client.open("KEY_OF_PAYMENTS = ", uri="file:///work/a.py")

        assert await desk.see(buffer) == ["None"]
        assert not desk.drafts


async def test_drafts_are_counted_apart_from_what_the_model_says(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        desk.stub.answer_with(fixed(_LINE + "\n"))
        buffer = await desk.client.open(_BEGUN)
        assert await desk.see(buffer) == [_LINE, _LINE]
        await desk.client.change(buffer, buffer.replace(buffer.cursor, buffer.cursor, _LINE))
        await desk.client.settle()
        await desk.client.shut_down()

    counts = _counts(tmp_path)
    assert counts["draft", "shown"] == 1
    assert ("draft", "accepted") not in counts
    assert counts["ollama", "shown"] == 1
    assert counts["ollama", "accepted"] == 1


def _counts(home: Path) -> dict[tuple[str, str], float]:
    [path] = home.rglob("statistics.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT engine, counter, value FROM counts").fetchall()
    return {(engine, counter): value for engine, counter, value in rows}
