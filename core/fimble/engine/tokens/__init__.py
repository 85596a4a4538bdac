"""How many tokens a text costs: by the model's own vocabulary, or estimated from above."""
