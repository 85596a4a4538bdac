"""A language server like a user's other one: it completes nothing and keeps the document."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("other", "1")


@server.feature(types.TEXT_DOCUMENT_COMPLETION)
def complete(_: types.CompletionParams) -> list[types.CompletionItem]:
    """Offer nothing."""
    return []


if __name__ == "__main__":
    server.start_io()
