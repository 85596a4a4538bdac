"""Symbol index, retrieval, ranking, budget; the store and the crawler are its only I/O."""
