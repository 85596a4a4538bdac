"""Every fault looks to a client as it says it does, and the next request is healthy."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable

import httpx
import pytest

from support.stub_ollama import RequestRecord, Script, StubOllama, faults, fixed

Start = Callable[[Script | None], StubOllama]

BODY = {"model": "qwen3.6:27b", "prompt": "def f", "raw": True}
ANSWER = "valué + naïve\n"


@pytest.fixture
def stub(start: Start) -> StubOllama:
    return start(Script(answer=fixed(ANSWER)))


def generate(client: httpx.Client, stub: StubOllama, **body: object) -> httpx.Response:
    return client.post(f"{stub.url}/api/generate", json=BODY | body)


def text_of(content: bytes) -> str:
    return "".join(json.loads(it)["response"] for it in content.split(b"\n") if it)


def last_closed(stub: StubOllama) -> RequestRecord:
    return stub.wait_until(lambda all_: all_[-1].outcome != "open" and all_[-1])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.reset_before_headers(), httpx.ReadError),
        (faults.close_before_headers(), httpx.RemoteProtocolError),
        (faults.reset(), httpx.ReadError),
        (faults.cut(), httpx.RemoteProtocolError),
        (faults.cut(inside_line=True), httpx.RemoteProtocolError),
    ],
)
def test_broken_connections(
    client: httpx.Client, stub: StubOllama, fault: faults.Fault, error: type[Exception]
) -> None:
    stub.inject(fault)
    with pytest.raises(error):
        generate(client, stub)

    assert last_closed(stub).outcome == "fault"
    assert text_of(generate(client, stub).content) == ANSWER


@pytest.mark.parametrize("fault", [faults.hang(), faults.hang_after(0), faults.hang_after(2)])
def test_silence_lasts_until_the_client_leaves(
    client: httpx.Client, stub: StubOllama, fault: faults.Fault
) -> None:
    stub.inject(fault)
    with pytest.raises(httpx.ReadTimeout):
        client.post(f"{stub.url}/api/generate", json=BODY, timeout=0.1)
    record = last_closed(stub)

    assert (record.outcome, record.detail) == ("cancelled", fault.name)
    assert record.closed_by_client_at is not None
    assert text_of(generate(client, stub).content) == ANSWER


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "needle"),
    [
        (faults.http_error(404, "model 'x' not found"), 404, "application/json", b"not found"),
        (faults.busy(), 503, "application/json", b"server busy, please try again.  maximum"),
        (faults.html_error(), 502, "text/html", b"\x1b[31mnginx"),
        (faults.redirect("http://192.0.2.1/"), 307, "application/json", b""),
        (faults.huge_error(1_000_000), 500, "application/json", b"x" * 1_000_000),
    ],
)
def test_answers_that_are_no_stream(
    client: httpx.Client,
    stub: StubOllama,
    *,
    fault: faults.Fault,
    status: int,
    content_type: str,
    needle: bytes,
) -> None:
    stub.inject(fault)
    response = generate(client, stub)

    assert response.status_code == status
    assert response.headers["content-type"].startswith(content_type)
    assert needle in response.content
    assert stub.loads == 0


def test_a_redirect_names_the_place(client: httpx.Client, stub: StubOllama) -> None:
    stub.inject(faults.redirect("http://192.0.2.1/"))

    assert generate(client, stub).headers["location"] == "http://192.0.2.1/"


def test_a_gzip_bomb_is_small_on_the_wire(client: httpx.Client, stub: StubOllama) -> None:
    bomb = gzip.compress(b"x" * 5_000_000)
    stub.inject(faults.encoded_body(bomb, "gzip"))
    response = generate(client, stub)

    assert int(response.headers["content-length"]) < 10_000
    assert len(response.content) == 5_000_000


def test_a_stream_may_end_cleanly_without_done(client: httpx.Client, stub: StubOllama) -> None:
    stub.inject(faults.end_without_done(after_tokens=2))
    response = generate(client, stub)

    assert response.status_code == 200
    assert text_of(response.content) == "valué"
    assert b'"done":true' not in response.content


def test_an_error_line_inside_the_stream_is_its_last(
    client: httpx.Client, stub: StubOllama
) -> None:
    stub.inject(faults.stream_error("an error was encountered", after_tokens=1))
    records = generate(client, stub).content.splitlines()

    assert json.loads(records[-1]) == {"error": "an error was encountered"}
    assert len(records) == 2


def test_out_of_memory_unloads_the_model(client: httpx.Client, stub: StubOllama) -> None:
    stub.inject(faults.out_of_memory())
    content = generate(client, stub).content
    stub.wait_until(lambda _: stub.loaded_models == ())

    assert b"out of memory" in content
    assert text_of(generate(client, stub).content) == ANSWER
    assert stub.loads == 2


@pytest.mark.parametrize("payload", [b"\n", b"[]\n", b"<html>\n", b'{"response":3}\n', b"\xff\n"])
def test_bytes_are_injected_as_they_are_between_two_lines(
    client: httpx.Client, stub: StubOllama, payload: bytes
) -> None:
    stub.inject(faults.inject(payload, after_tokens=1))
    content = generate(client, stub).content
    first_line_end = content.index(b"\n") + 1

    assert content[first_line_end:].startswith(payload)
    assert content.endswith(b"}\n")
    assert b'"done":true' in content


def test_an_endless_line_goes_on_as_long_as_one_reads(
    client: httpx.Client, stub: StubOllama
) -> None:
    stub.inject(faults.endless_line())
    seen = 0
    with client.stream("POST", f"{stub.url}/api/generate", json=BODY) as response:
        for data in response.iter_raw():
            seen += len(data)
            if seen > 3_000_000:
                break

    assert last_closed(stub).outcome == "cancelled"
    assert seen > 3_000_000


def test_bytewise_frames_split_every_character(client: httpx.Client, stub: StubOllama) -> None:
    stub.inject(faults.bytewise())
    with client.stream("POST", f"{stub.url}/api/generate", json=BODY) as response:
        frames = list(response.iter_raw())

    assert {len(it) for it in frames} == {1}
    assert text_of(b"".join(frames)) == ANSWER


def test_a_stall_only_delays(client: httpx.Client, stub: StubOllama) -> None:
    stub.inject(faults.stall(0.15, after_tokens=1))
    response = generate(client, stub)

    assert text_of(response.content) == ANSWER
    assert response.elapsed.total_seconds() >= 0.15


def test_faults_strike_as_often_as_told_and_only_what_matches(
    client: httpx.Client, stub: StubOllama
) -> None:
    stub.inject(faults.busy(), times=2)
    stub.inject(faults.http_error(500, "x"), times=None, when=lambda it: it.path == "/api/tags")

    statuses = [generate(client, stub).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert client.get(f"{stub.url}/api/version").status_code == 200
    assert [client.get(f"{stub.url}/api/tags").status_code for _ in range(2)] == [500, 500]
    stub.heal()
    assert client.get(f"{stub.url}/api/tags").status_code == 200


def test_while_down_connections_are_refused_and_open_ones_reset(
    client: httpx.Client, stub: StubOllama
) -> None:
    with client.stream("POST", f"{stub.url}/api/generate", json=BODY) as response:
        response.read()
    with stub.down(), pytest.raises(httpx.ConnectError):
        httpx.get(stub.url, trust_env=False, verify=False)

    assert text_of(generate(client, stub).content) == ANSWER


def test_a_half_closed_socket_cancels(stub: StubOllama) -> None:
    """Go reads EOF and cancels the request's context, though the client could still read."""
    stub.inject(faults.hang())
    body = json.dumps(BODY).encode()
    head = f"POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", stub.port)) as connection:
        connection.sendall(head.encode() + body)
        stub.wait_until(lambda all_: all_)
        connection.shutdown(socket.SHUT_WR)

        assert last_closed(stub).outcome == "cancelled"


def test_a_chunked_request_body_is_read(client: httpx.Client, stub: StubOllama) -> None:
    content = iter([b'{"model":"qwen3.6:27b",', b'"prompt":"x","raw":true}'])
    response = client.post(f"{stub.url}/api/generate", content=content)

    assert text_of(response.content) == ANSWER


def test_waiting_for_what_never_comes_says_what_was_seen(
    client: httpx.Client, stub: StubOllama
) -> None:
    client.get(f"{stub.url}/api/version")
    with pytest.raises(TimeoutError, match="GET /api/version status=200 done"):
        stub.wait_until(lambda _: False, timeout_s=0.01)


async def test_a_coroutine_can_wait_and_time_out_too(stub: StubOllama) -> None:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        await client.get(f"{stub.url}/api/version")
    record = await stub.wait_for(lambda all_: all_ and all_[0])

    assert record.path == "/api/version"
    with pytest.raises(TimeoutError):
        await stub.wait_for(lambda _: False, timeout_s=0.01)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(None, "done"), (faults.busy(), "fault"), (faults.end_without_done(), "fault")],
)
@pytest.mark.parametrize("stream", [True, False])
def test_who_has_read_an_answer_finds_it_finished_in_the_journal(
    client: httpx.Client,
    stub: StubOllama,
    fault: faults.Fault | None,
    outcome: str,
    *,
    stream: bool,
) -> None:
    for _ in range(20):
        if fault is not None:
            stub.inject(fault)
        generate(client, stub, stream=stream)

        assert stub.requests[-1].outcome == outcome


def test_forgetting_requests_starts_anew(client: httpx.Client, stub: StubOllama) -> None:
    generate(client, stub)
    stub.forget_requests()

    assert (stub.requests, stub.max_concurrent) == ((), 0)


def test_a_defect_of_the_stub_itself_fails_the_test() -> None:
    def broken(_prompt: str) -> str:
        raise ZeroDivisionError

    with (
        pytest.raises(RuntimeError, match="the stub itself has a defect"),
        StubOllama(Script(answer=broken)) as stub,
        httpx.Client(trust_env=False, verify=False, timeout=1) as client,
        pytest.raises(httpx.HTTPError),
    ):
        generate(client, stub)
