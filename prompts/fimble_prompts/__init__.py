"""Built-in prompt templates (data) and the one accessor for them."""
