"""A running stub and a client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from support.stub_ollama import Script, StubOllama


@pytest.fixture
def start() -> Iterator[Callable[[Script | None], StubOllama]]:
    """Start a stub that ends with the test."""
    with ExitStack() as stack:
        yield lambda script=None: stack.enter_context(StubOllama(script))


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """A client that obeys no proxy and follows no redirect."""
    with httpx.Client(trust_env=False, verify=False, timeout=5.0) as client:
        yield client
