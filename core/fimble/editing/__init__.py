"""Edits that somebody asks the model for: the place, the request, the answer's code, the change.

Pure: whoever has a document, a template and an answer gets the smallest change out of them, or a
sentence that says why there is none. Nothing here knows an editor, and nothing here writes.
"""
