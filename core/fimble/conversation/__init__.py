"""A conversation with the model: asks, streams, waits, stores; what every chat of ours holds on to.

Edges of the chat: the model server, the store, the workspace's files. What can be decided without
them is decided in `fimble.chat`.
"""
