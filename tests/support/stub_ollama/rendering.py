"""From a request to the prompt the model sees, as Ollama's templates would render it.

Raw prompts pass as they are. Everything else becomes ChatML in the form of the ``qwen3.5``
renderer (facts: without thinking an empty think block precedes the answer; a last message by the
assistant is a prefill and loses its outer white space).
"""

from __future__ import annotations

from support.stub_ollama.request_body import GenerationBody, Message
from support.stub_ollama.script import StubModel


def rendered_prompt(body: GenerationBody, model: StubModel) -> str:
    """The text that is tokenised for this request."""
    if body.raw:
        return body.prompt
    if body.suffix:
        return f"<|fim_prefix|>{body.prompt}<|fim_suffix|>{body.suffix}<|fim_middle|>"
    messages = body.messages
    if not messages:
        system = (Message(role="system", content=body.system),) if body.system else ()
        messages = (*system, Message(role="user", content=body.prompt))
    return chat_prompt(messages, thinks=model.thinks, thinking=body.thinking or body.think is None)


def chat_prompt(messages: tuple[Message, ...], *, thinks: bool, thinking: bool) -> str:
    """ChatML with the generation prompt, or open-ended when the last message is a prefill."""
    prefill = messages[-1].role == "assistant"
    finished = messages[:-1] if prefill else messages
    turns = "".join(f"<|im_start|>{it.role}\n{it.content}<|im_end|>\n" for it in finished)
    if prefill:
        return f"{turns}<|im_start|>assistant\n{messages[-1].content.strip()}"
    opening = ""
    if thinks:
        opening = "<think>\n" if thinking else "<think>\n\n</think>\n\n"
    return f"{turns}<|im_start|>assistant\n{opening}"
