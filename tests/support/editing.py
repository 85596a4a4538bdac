"""A desk for a real editor: a workspace, a home of its own, and a model that knows what follows."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.chatting import conversing
from support.stub_ollama import Oracle, Script, StubOllama
from support.stub_ollama.answers import Answer

DOCUMENTED = Path(__file__).parents[2] / "docs" / "editors"
"""The files that people copy; editors in tests load these and no others."""

WHOLE = '''\
def area(width, height):
    """Return the area."""
    return width * height


def perimeter(width, height):
    if width < 0:
        raise ValueError(width)
    return 2 * (width + height)


print(area(3, 4))
'''
BEGUN = WHOLE.replace("    return width * height\n", "    \n")
"""The same without its third line; typing goes on there."""

ACTED_ON = """\
def perimeter(width, height):
    if width < 0:
        raise ValueError(width)
    return 2 * (width + height)
"""
DOCUMENTED_CODE = ACTED_ON.replace("    if", '    """Return the border."""\n    if')
"""What the model of `documenting` makes of the function, whatever it is told."""


def documenting() -> Answer:
    """A model that answers every question with the documented function."""
    return conversing(lambda _: f"````python\n{DOCUMENTED_CODE}````")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where an editor works."""

    stub: StubOllama
    workspace: Path
    file: Path
    """`shop.py` with the text `BEGUN`."""
    environment: Mapping[str, str]
    """All variables of the editor."""


@contextmanager
def desk_in(folder: Path, answer: Answer | None = None) -> Generator[Desk]:
    """Hold a desk below `folder` while its model server runs.

    Args:
        folder: Where the workspace and the home are made.
        answer: What the model says; by default what follows in `WHOLE`.
    """
    workspace = folder / "workspace"
    (workspace / ".git").mkdir(parents=True)
    file = workspace / "shop.py"
    file.write_text(BEGUN, encoding="utf-8")
    with StubOllama(Script(answer=answer or Oracle(targets=(WHOLE,)))) as stub:
        yield Desk(
            stub=stub,
            workspace=workspace,
            file=file,
            environment=_environment(folder / "home", stub.url),
        )


def _environment(home: Path, url: str) -> dict[str, str]:
    config = home / ".config" / "fimble"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(
        f'[engine]\nkind = "ollama"\n\n[ollama]\nendpoint = "{url}"\n', encoding="utf-8"
    )
    return {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "TMPDIR": str(home),
    }
