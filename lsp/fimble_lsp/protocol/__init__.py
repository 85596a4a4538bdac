"""Protocol hardening: all of it, and nothing else.

What pygls 2.1.1 leaves open is closed here, in the order bytes travel: `framing` (headers and
lengths), `envelope` (what kind of message it is), `dispatch` (one answer for every request, in
every state of the server), `crash` (what may be said of a defect). The editor's text and
tracebacks reach neither an answer nor the log.
"""
