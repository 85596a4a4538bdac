"""Edge: drives the pure completion rooms with an engine and a clock."""
