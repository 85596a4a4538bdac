"""The version of Fimble.

`importlib.metadata` would have to search the installation for it at every start; a test in
tests/packaging holds this constant and the project file equal.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
