"""A stub Ollama: a real HTTP server that behaves like v0.33 with a scripted model behind it.

Start with `StubOllama` (server.py) and `Script` (script.py). What it imitates, in one place each:
Go's JSON (go_json.py), HTTP framing (http_wire.py), request checks (request_body.py, options.py),
loading and unloading (scheduler.py), the slot and its timing (llama_slot.py), the prefix cache of
dense and hybrid models (prefix_cache.py), stop strings (stopping.py), the reply (reply_stream.py),
administration (library.py, pulling.py). Answers are in answers.py and oracle.py, failures in
faults.py, and what happened in journal.py.
"""

from support.stub_ollama import faults
from support.stub_ollama.answers import Answer, Reply, fixed, noise, queue
from support.stub_ollama.journal import RequestRecord
from support.stub_ollama.oracle import Oracle
from support.stub_ollama.prefix_cache import PrefixCache
from support.stub_ollama.script import Script, StubModel, Timing, graphics_card_timing
from support.stub_ollama.server import StubOllama
from support.stub_ollama.tokens import tokenize

__all__ = [
    "Answer",
    "Oracle",
    "PrefixCache",
    "Reply",
    "RequestRecord",
    "Script",
    "StubModel",
    "StubOllama",
    "Timing",
    "faults",
    "fixed",
    "graphics_card_timing",
    "noise",
    "queue",
    "tokenize",
]
