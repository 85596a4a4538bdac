"""The least that a server on pygls costs: its own transport and document, one feature, no work."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer


def main() -> None:
    """Serve over stdio."""
    server = LanguageServer("bare", "1")

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    def inline_completion(params: types.InlineCompletionParams) -> types.InlineCompletionList:
        del params
        return types.InlineCompletionList(items=[])

    del inline_completion
    server.start_io()


if __name__ == "__main__":
    main()
