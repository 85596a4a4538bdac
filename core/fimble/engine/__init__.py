"""Edge: model servers and the embedded engine behind one protocol (`engine.protocol`)."""
