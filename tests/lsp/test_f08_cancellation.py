"""F8: a request that is taken back is answered at once and once, and its work is stopped."""

from __future__ import annotations

import pytest

from support.lsp_client import LspClient

_METHOD = "textDocument/inlineCompletion"


@pytest.mark.parametrize("id_", [1000, "one thousand", "1000", -1])
@pytest.mark.parametrize("script", ["hang", "linger"])
async def test_f08_a_cancelled_request_is_answered_before_its_work_has_ended(
    editor: LspClient, id_: int | str, script: str
) -> None:
    buffer = await editor.open("", language_id=script)
    await editor.begin(_METHOD, editor.inline_params(buffer), id_=id_)
    await editor.notification("fimble/status", message="hanging 1")
    await editor.cancel(id_)
    answer = await editor.answer(id_)
    ended = any(it["params"].get("message") == "lingered" for it in editor.notifications)
    await editor.notification("fimble/status", message="cancelled 1")
    await editor.settle()

    assert answer["error"]["code"] == -32800
    assert not ended
    assert len(editor.answers_to(id_)) == 1


async def test_f08_ids_of_different_types_are_different_requests(editor: LspClient) -> None:
    buffer = await editor.open("", language_id="hang")
    for id_ in (7, "7"):
        await editor.begin(_METHOD, editor.inline_params(buffer), id_=id_)
    await editor.notification("fimble/status", message="hanging 2")
    await editor.cancel("7")
    await editor.answer("7")
    await editor.settle()

    assert not editor.answers_to(7)


async def test_f08_an_id_in_use_is_refused_and_the_first_request_lives_on(
    editor: LspClient,
) -> None:
    buffer = await editor.open("", language_id="hang")
    await editor.begin(_METHOD, editor.inline_params(buffer), id_="twice")
    await editor.notification("fimble/status", message="hanging 1")
    refusal = await editor.request(_METHOD, editor.inline_params(buffer), id_="twice")
    await editor.cancel("twice")
    await editor.until(lambda: len(editor.answers_to("twice")) == 2, "the second answer")

    assert refusal["error"]["code"] == -32600
    assert editor.answers_to("twice")[1]["error"]["code"] == -32800


async def test_f08_cancelling_in_the_same_write_as_asking_works(editor: LspClient) -> None:
    buffer = await editor.open("", language_id="hang")
    params = editor.inline_params(buffer)
    await editor.send(
        {"jsonrpc": "2.0", "id": "gone", "method": _METHOD, "params": params},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "gone"}},
    )

    assert (await editor.answer("gone"))["error"]["code"] == -32800


async def test_f08_cancelling_what_has_been_answered_changes_nothing(editor: LspClient) -> None:
    buffer = await editor.open("", language_id="plain")
    await editor.begin(_METHOD, editor.inline_params(buffer), id_="done")
    await editor.answer("done")
    await editor.cancel("done")
    await editor.settle()

    assert len(editor.answers_to("done")) == 1


@pytest.mark.parametrize("script", ["hang", "plain", "crash"])
async def test_f08_a_storm_of_cancellations_gives_one_answer_each(
    editor: LspClient, script: str
) -> None:
    buffer = await editor.open("x", language_id=script)
    ids: list[int | str] = [
        number if number % 2 else f"storm-{number}" for number in range(1000, 1500)
    ]
    for id_ in ids:
        change = buffer.replace(len(buffer.text), len(buffer.text), "y")
        await editor.change(buffer, change)
        await editor.begin(_METHOD, editor.inline_params(buffer), id_=id_)
        await editor.cancel(id_)
    await editor.until(lambda: all(editor.answers_to(id_) for id_ in ids), "every answer")
    await editor.settle()

    assert [len(editor.answers_to(id_)) for id_ in ids] == [1] * len(ids)
    assert await editor.shut_down() == 0


async def test_f08_a_client_that_reads_nothing_does_not_stop_the_server(editor: LspClient) -> None:
    """Answers beyond what the pipe holds wait in the server, and cancellations still arrive.

    Written in one go and read only afterwards, this would block a server that writes on its loop.
    """
    buffer = await editor.open("", language_id="plain")
    params = editor.inline_params(buffer)
    ids = range(10_000, 14_000)
    await editor.send(
        *({"jsonrpc": "2.0", "id": id_, "method": _METHOD, "params": params} for id_ in ids)
    )
    await editor.until(lambda: all(editor.answers_to(id_) for id_ in ids), "every answer")

    assert {len(editor.answers_to(id_)) for id_ in ids} == {1}
