"""The language server with an OpenAI-compatible model server, driven as an editor drives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.lsp_client import GHOST_TEXT, running_server
from support.stub_ollama import Oracle
from support.stub_openai import ServedModel, StubOpenAI

_REAL_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")
_METHOD = "textDocument/inlineCompletion"
_BEFORE, _LINE, _AFTER = "def area(w, h):\n    ", "return w * h", "\n\n\nprint(area(2, 3))\n"


@pytest.mark.parametrize("flavour", ["vllm", "llama-server"])
async def test_ghost_text_comes_typed_through_text_asks_nothing_more(
    tmp_path: Path, flavour: str
) -> None:
    answer = Oracle(targets=[_BEFORE + _LINE + _AFTER])
    served = ServedModel(flavour=flavour, name="qwen2.5-coder", answer=answer)
    with StubOpenAI(served) as stub:
        async with running_server(_REAL_SERVER, home=tmp_path) as client:
            await client.initialize(
                {**GHOST_TEXT, "general": {"positionEncodings": ["utf-16"]}},
                initializationOptions={"openai": {"endpoint": stub.url, "model": served.name}},
            )
            await client.notification("fimble/status", state="ready", engine="openai")
            buffer = await client.open(
                _BEFORE + _AFTER, uri="file:///work/a.py", language_id="python"
            )
            buffer.cursor = len(_BEFORE)
            for key in "return":
                await client.type(buffer, key)
            found = await client.request(_METHOD, client.inline_params(buffer))
            await stub.wait_for(lambda _: stub.generations)
            await client.type(buffer, " ")
            later = await client.request(_METHOD, client.inline_params(buffer))

        assert found["result"]["items"][0]["insertText"] == " w * h"
        assert later["result"]["items"][0]["insertText"] == "w * h"
        typed = [one for one in stub.generations if one.body["prompt"].endswith("return")]
        assert len(typed) == 1
        assert stub.max_concurrent == 1
