"""The language server: protocol hardening, one file per LSP feature, conversion at the border."""
