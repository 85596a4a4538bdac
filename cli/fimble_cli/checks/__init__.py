"""What `fimble doctor` looks at, one module for each side of the wire."""
