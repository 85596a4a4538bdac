"""A stub of OpenAI-compatible servers: vLLM's and llama-server's wire, with a scripted model.

Start with `StubOpenAI` (server.py) and `ServedModel` (served.py). What the two put on the wire is
in wire.py, read in vllm-project/vllm:vllm/entrypoints/openai/{serving_completion,protocol}.py and
ggml-org/llama.cpp:tools/server/{server-task,server-context,server-common}.cpp. HTTP framing, the
journal and ways to fail are those of the stub Ollama.
"""

from support.stub_openai.served import ServedModel
from support.stub_openai.server import StubOpenAI

__all__ = ["ServedModel", "StubOpenAI"]
