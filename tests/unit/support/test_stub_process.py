"""The stub as a process of its own, as benchmarks run it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

TESTS = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    target = tmp_path / "target.py"
    target.write_text("def answer():\n    return 42\n", "utf-8")
    command = [sys.executable, "-m", "support.stub_ollama", "--oracle", str(target)]
    with subprocess.Popen(
        [*command, "--first-token-ms", "20"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(TESTS), "PATH": ""},
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        assert process.stdin is not None
        process.stdin.close()

        assert process.wait(10) == 0


def test_it_prints_its_url_answers_gives_its_journal_and_ends_with_its_input(
    url: str, client: httpx.Client
) -> None:
    body = {"model": "qwen3.6:27b", "raw": True, "prompt": "def answer():\n    ", "stream": False}
    reply = client.post(f"{url}/api/generate", json=body).json()
    journal = client.get(f"{url}/_stub/requests").json()

    assert reply["response"] == "return 42\n"
    assert reply["prompt_eval_duration"] >= 20_000_000
    assert len(journal["requests"]) == 1
    assert journal["requests"][0]["outcome"] == "done"
    assert (journal["loads"], journal["max_concurrent"]) == (1, 1)
