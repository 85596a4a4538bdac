"""Where a stream of generated text is cut: one small function for each reason."""
