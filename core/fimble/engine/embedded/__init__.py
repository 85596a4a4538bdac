"""The engine without a model: a cache language model over the workspace's own tokens."""
