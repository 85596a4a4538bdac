"""The chat's sessions in one SQLite file of this machine, written while answers stream.

A turn that was begun is on the disk before its question is sent; an answer's text is journalled
as it comes, and its end is flushed to the disk before it counts as finished (security F21).
"""
