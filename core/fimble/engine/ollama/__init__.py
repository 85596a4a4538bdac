"""Edge: Ollama over HTTP, by our own client for generation, by its package for administration."""
