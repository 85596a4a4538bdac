"""Which addresses may receive code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.errors import EngineNotLocalError
from fimble.policy.endpoint import check_endpoint


def _resolver(*answers: str):
    def resolve(host: str) -> tuple[str, ...]:
        assert host == "localhost", "only localhost is ever looked up"
        return answers

    return resolve


def _forbidden(host: str) -> tuple[str, ...]:
    message = f"{host} must not be looked up"
    raise AssertionError(message)


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("http://127.0.0.1:11434/", "http://127.0.0.1:11434"),
        ("http://127.8.9.10:80", "http://127.8.9.10:80"),
        ("http://127.0.0.1", "http://127.0.0.1:11434"),
        ("https://127.0.0.1", "https://127.0.0.1:443"),
        ("http://[::1]:11434", "http://[::1]:11434"),
        ("HTTP://127.0.0.1:1", "http://127.0.0.1:1"),
    ],
)
def test_literal_loopback_addresses_are_local_without_a_lookup(url, base_url):
    endpoint = check_endpoint(url, resolve=_forbidden)

    assert endpoint.base_url == base_url
    assert endpoint.local


@pytest.mark.parametrize(
    ("answers", "base_url"),
    [
        (("127.0.0.1",), "http://127.0.0.1:11434"),
        (("::1", "127.0.0.1"), "http://127.0.0.1:11434"),
        (("::1",), "http://[::1]:11434"),
    ],
)
def test_localhost_becomes_the_loopback_address_it_resolves_to(answers, base_url):
    endpoint = check_endpoint("http://LocalHost:11434", resolve=_resolver(*answers))

    assert endpoint.base_url == base_url
    assert endpoint.local


@pytest.mark.parametrize(
    "answers", [("127.0.0.1", "93.184.216.34"), ("10.0.0.1",), (), ("no address",)]
)
def test_localhost_that_means_anything_else_is_refused(answers):
    with pytest.raises(EngineNotLocalError, match="localhost"):
        check_endpoint("http://localhost:11434", resolve=_resolver(*answers))


def test_localhost_that_cannot_be_resolved_is_refused():
    def failing(_host: str) -> tuple[str, ...]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(EngineNotLocalError, match=r"127\.0\.0\.1"):
        check_endpoint("http://localhost:11434", resolve=failing)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " http://127.0.0.1",
        "http://127.0.0.1\n",
        "http://127.0.0.1\t@evil.example",
        "127.0.0.1:11434",
        "localhost:11434",
        "http:127.0.0.1",
        "file:///etc/passwd",
        "ftp://127.0.0.1",
        "unix:///run/ollama.sock",
        "ws://127.0.0.1",
        "http://",
        "http:///path",
        "http://user@127.0.0.1",
        "http://user:pass@127.0.0.1",
        "http://127.0.0.1@evil.example",
        "http://127.0.0.1/api",
        "http://127.0.0.1/?a=b",
        "http://127.0.0.1?",
        "http://127.0.0.1#x",
        "http://127.0.0.1\\@evil.example",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:port",
        "http://0.0.0.0:11434",
        "http://[::]:11434",
        "http://127.1:11434",
        "http://2130706433",
        "http://0x7f.0.0.1",
        "http://0177.0.0.1",
        "http://127.0.0.1.",
        "http://127.0.0.1.nip.io",
        "http://127.0.0.1.evil.example",
        "http://localhost.",
        "http://localhost.evil.example",
        "http://[::ffff:127.0.0.1]",
        "http://[::ffff:10.0.0.1]",
        "http://[::1%25eth0]",
        "http://[::1",
        "http://10.0.0.5:11434",
        "http://192.168.1.2:11434",
        "http://169.254.169.254",
        "http://evil.example",
        "https://evil.example",
        "http://ollama.com",
        "http://ⓛocalhost",
        "http://127。0。0。1",
        "http://" + "a" * 600,
    ],
)
def test_everything_else_is_refused_with_a_sentence_that_names_the_setting(url):
    with pytest.raises(EngineNotLocalError) as caught:
        check_endpoint(url, resolve=_forbidden)

    assert "ollama.endpoint" in caught.value.sentence


def test_a_remote_host_that_the_user_named_exactly_is_reached_over_tls():
    allowed = frozenset({"GPU.example.com"})

    endpoint = check_endpoint("https://gpu.example.com", allowed_remote_hosts=allowed)

    assert endpoint.base_url == "https://gpu.example.com:443"
    assert endpoint.encrypted
    assert not endpoint.local


@pytest.mark.parametrize(
    "url",
    [
        "https://gpu.example.com.evil.example",
        "https://xgpu.example.com",
        "https://example.com",
        "https://gpu.example.com:443@evil.example",
    ],
)
def test_a_host_that_only_looks_like_the_named_one_is_refused(url):
    with pytest.raises(EngineNotLocalError):
        check_endpoint(url, allowed_remote_hosts={"gpu.example.com"})


def test_plain_http_to_a_named_remote_host_is_refused_and_a_tunnel_proposed():
    with pytest.raises(EngineNotLocalError, match="unencrypted") as caught:
        check_endpoint("http://10.0.0.5:11434", allowed_remote_hosts={"10.0.0.5"})

    assert "ssh -N -L" in caught.value.hint


def test_the_environment_changes_nothing(monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "http://evil.example:1")
    monkeypatch.setenv("HTTP_PROXY", "http://evil.example:1")

    assert check_endpoint("http://127.0.0.1:11434").base_url == "http://127.0.0.1:11434"


@given(st.text(max_size=80))
def test_any_text_is_either_refused_or_loopback(text):
    for url in (text, f"http://{text}", f"http://{text}:11434"):
        try:
            endpoint = check_endpoint(url, resolve=_resolver("127.0.0.1"))
        except EngineNotLocalError:
            continue
        host = endpoint.base_url.split("://")[1].rsplit(":", 1)[0]
        assert host.startswith("127.") or host == "[::1]"
