"""What becomes of raw model output before it is shown: one small function for each rule."""
