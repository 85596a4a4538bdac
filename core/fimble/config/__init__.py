"""Configuration: one schema, layered loading."""
