"""Models of other completion systems: when each asks, with what prompt, and what it keeps.

Each policy is read from its system's source, with `owner/repo:path` where a constant comes from,
and kept to what decides requests, prompts and what is on the screen. Doubts are settled in the
system's favour: all speak raw fill-in-the-middle with the right control tokens for the model, in
one constant option set, and none pays for its own context collection.
"""
