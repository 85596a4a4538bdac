"""The prompt: where a question is written, completed, checked and sent.

Contract: `PromptDock` is the one widget that the chat's screen mounts. It lies over the foot of
the conversation, so that it can grow without anything being laid out again; `PromptDock.floor`
keeps the place free that it always takes. It posts `messages.DraftChanged` on every change,
`messages.PromptSubmitted` with a question that can be asked, and `messages.CommandSubmitted`.
"""
