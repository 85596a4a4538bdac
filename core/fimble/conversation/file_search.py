"""The search behind the prompt's popup, under the names that its users import."""

from fimble.context.index.candidates import Candidate
from fimble.context.index.search import WorkspaceSearch as FileSearch

__all__ = ["Candidate", "FileSearch"]
