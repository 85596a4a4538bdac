"""`python -m fimble_cli`: the same as `fimble`, for machines whose PATH does not have it."""

from __future__ import annotations

import sys

from fimble_cli.main import main

if __name__ == "__main__":
    sys.exit(main())
