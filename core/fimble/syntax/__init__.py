"""Pure: language registry, budgeted incremental parse, scopes, outlines, imports."""
