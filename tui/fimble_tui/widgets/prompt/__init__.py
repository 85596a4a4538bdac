"""The prompt: where a question is written.

Contract: `PromptArea` is the one widget that the chat screen mounts (`#prompt`). It posts
`messages.DraftChanged` on every change and `messages.PromptSubmitted` on Enter, and offers
`draft`, `set_draft` and `clear`. Popups are mounted on the screen's `popups` layer.
"""
