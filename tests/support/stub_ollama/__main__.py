"""A stub in a process of its own: ``PYTHONPATH=tests python -m support.stub_ollama --port 0``.

Prints its URL as the first line and runs until its standard input ends or it is interrupted.
``GET /_stub/requests`` gives the journal as JSON; times in it are of the system-wide monotonic
clock, so that another process may compare them with its own.
``POST /_stub/hang`` lets the next generation say one token and no more until it is given up.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from support.stub_ollama.answers import Answer, fixed, noise
from support.stub_ollama.oracle import Oracle
from support.stub_ollama.script import Script, StubModel, Timing, graphics_card_timing
from support.stub_ollama.server import StubOllama


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a stub until standard input ends; returns the exit code."""
    options = _parser().parse_args(arguments)
    with StubOllama(_script(options), port=options.port) as stub:
        print(stub.url, flush=True)  # noqa: T201 - the interface to the caller
        _wait(until_input_ends=not options.forever)
    return 0


def _wait(*, until_input_ends: bool) -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.set())
    with contextlib.suppress(KeyboardInterrupt):
        if until_input_ends:
            threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
        stopped.wait()


def _script(options: argparse.Namespace) -> Script:
    answer: Answer = fixed(options.answer)
    if options.oracle:
        answer = Oracle(targets=tuple(Path(it).read_text("utf-8") for it in options.oracle))
    if options.reply is not None:
        answer = _replying(options.reply)
    if options.right_for is not None:
        answer = noise(answer, right_for=options.right_for)
    timing = graphics_card_timing(scale=options.scale)
    if not options.graphics_card:
        timing = Timing(
            base_s=options.first_token_ms / 1000,
            per_prompt_token_s=options.prompt_token_ms / 1000,
            per_generated_token_s=1 / options.tokens_per_s if options.tokens_per_s else 0.0,
            load_s=options.load_s,
            cancel_poll_s=options.cancel_poll_s,
            scale=options.scale,
        )
    model = StubModel(name=options.model, cache=options.cache, default_num_ctx=options.num_ctx)
    return Script(answer=answer, models=(model,), timing=timing)


def _replying(reply: str) -> Answer:
    from support.chatting import conversing  # noqa: PLC0415 - brings the chat, for few callers

    return conversing(lambda _question: reply)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stub_ollama", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--model", default="qwen3.6:27b")
    add("--cache", choices=("dense", "hybrid"), default="hybrid")
    add("--num-ctx", type=int, default=4096, help="context when a request names none")
    add("--answer", default="return value\n", help="the text of every answer")
    add("--reply", help="the answer to every question of a chat, however many pieces it comes in")
    add("--oracle", nargs="*", default=[], metavar="FILE", help="answer with what follows in FILE")
    add("--right-for", type=int, default=None, metavar="N", help="right for N characters only")
    add("--graphics-card", action="store_true", help="speed of a 27B model on a 24 GB card")
    add("--first-token-ms", type=float, default=0.0)
    add("--prompt-token-ms", type=float, default=0.0, help="for each evaluated prompt token")
    add("--tokens-per-s", type=float, default=0.0, help="0 is as fast as possible")
    add("--load-s", type=float, default=0.0)
    add("--cancel-poll-s", type=float, default=0.0)
    add("--scale", type=float, default=1.0, help="multiplies all times")
    add("--forever", action="store_true", help="do not stop when standard input ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
