"""`fimble models`: what the server has, what suits this machine, and fetching it."""
