"""The conversation: every turn of the branch, in one line-API widget."""
