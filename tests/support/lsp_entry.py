"""`python -m support.lsp_entry`: the real server with a completer that tests can steer."""

from __future__ import annotations

import sys

from fimble_lsp.server import serve


def main() -> int:
    """Serve over stdio."""

    def build(*arguments: object) -> object:
        # The completer's imports are deferred as those of the real one are.
        from support.scripted_completer import build_scripted  # noqa: PLC0415

        return build_scripted(*arguments)  # type: ignore[arg-type]

    return serve(build)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
