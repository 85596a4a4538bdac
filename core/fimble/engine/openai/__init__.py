"""Model servers that speak OpenAI's protocol: vLLM, SGLang, llama-server, LiteLLM before several.

For teams that outgrow one machine. Prompts are ours and raw, as with Ollama: /v1/completions gets
the fill-in-the-middle tokens of `engine.profiles`. What servers add to the protocol is in one
table (dialects.py); everything else sends nothing that OpenAI's own documentation does not have.
"""
