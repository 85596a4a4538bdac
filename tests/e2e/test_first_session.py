"""A first session of the chat in a real terminal of 80x24, against the stub Ollama.

What the screen shows is kept under docs/chat/ and shown in docs/chat.md; after a wanted change run
with `FIMBLE_UPDATE_GOLDEN=1`, which writes both, and read the new screens.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.chatting import conversing
from support.stub_ollama import Script, StubOllama
from support.terminal import Terminal, needs_tmux, terminal

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "docs" / "chat"
GUIDE = ROOT / "docs" / "chat.md"
QUESTION = "Why does mean fail for an empty list? @sh"
SHOP = "def mean(prices):\n    return sum(prices) / len(prices)\n"
MENDED = """\
def mean(prices):
    if not prices:
        return 0.0
    return sum(prices) / len(prices)
"""
ANSWER = f"""\
`len(prices)` is 0, and Python does not divide by zero. Say what an empty list means:

```python shop.py
{MENDED}```

An empty list has the mean 0.0 now.
"""
_FIGURES = re.compile(r"[\d.,]+ tokens/s · [\d.]+ s")
"""What differs from run to run."""
_SHOWN = re.compile(r"(?s)(<!-- screen ([\w-]+) -->\n```text\n).*?```")
"""A screen in the guide, with its name."""

CheckScreen = Callable[[str, str], None]


@pytest.fixture
def check_screen() -> CheckScreen:
    """Compare a screen with the one that is kept, or keep it."""

    def check(name: str, screen: str) -> None:
        path = SCREENS / f"{name}.txt"
        now = _FIGURES.sub("48.0 tokens/s · 1.2 s", screen)
        if os.environ.get("FIMBLE_UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(now, encoding="utf-8")
        assert now == path.read_text(encoding="utf-8")

    return check


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Terminal]:
    """A shell in a workspace with one file, whose `fimble` talks to the stub."""
    shop = tmp_path / "shop"
    (shop / ".git").mkdir(parents=True)
    (shop / "shop.py").write_text(SHOP)
    settings = tmp_path / "config" / "fimble" / "config.toml"
    settings.parent.mkdir(parents=True)
    with StubOllama(Script(answer=conversing(lambda _: ANSWER))) as stub:
        settings.write_text(f'[ollama]\nendpoint = "{stub.url}"\n')
        environment = {
            "HOME": str(tmp_path),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **{
                f"XDG_{each}_HOME": str(tmp_path / each.lower())
                for each in ("CONFIG", "STATE", "CACHE")
            },
        }
        with terminal(shop, environment) as shown:
            yield shown


@needs_tmux
def test_a_first_session_from_the_start_to_its_resuming(
    shell: Terminal, check_screen: CheckScreen, tmp_path: Path
):
    file = tmp_path / "shop" / "shop.py"

    shell.type("fimble chat")
    shell.press("Enter")
    check_screen("1-start", shell.shows("a chat about your code", "by the tokenizer", "^q quit"))
    shell.type(QUESTION)
    check_screen("2-mention", shell.shows("file     shop.py", "question ", without=["≤"]))
    shell.press("Tab")
    shell.shows("@shop.py", without=["file     shop.py"])
    shell.press("Enter")
    check_screen(
        "3-answer", shell.shows("An empty list has", "tokens/s", "conversation ", without=["≤"])
    )

    shell.press("C-l")
    check_screen("4-letters", shell.shows("press a letter"))
    shell.press("a")
    shell.shows("a apply")
    shell.press("a")
    check_screen("5-apply", shell.shows("Apply to shop.py", "write"))
    assert file.read_text() == SHOP
    _preview_takes_keys(shell)
    shell.press("Enter")
    shell.shows("Wrote 1 hunk")
    assert file.read_text() == MENDED
    shell.shows(without=["Wrote 1 hunk"])
    shell.press("u")
    check_screen("6-undo", shell.shows("shop.py is what it was"))
    assert file.read_text() == SHOP

    shell.press("C-q")
    shell.shows("$ fimble chat", without=["Guard", "^q quit"])
    assert not shell.in_other_screen()
    shell.type("fimble chat --resume")
    shell.press("Enter")
    check_screen("7-resumed", shell.shows("An empty list has", "ready", without=["≤"]))


def _preview_takes_keys(shell: Terminal) -> None:
    """Unstage until it is done: in its first moments a preview takes no key, lest one was stray."""
    while "[ ]" not in shell.screen():
        shell.press("n")
    shell.shows("[ ]")
    shell.press("a")
    shell.shows("[x]")


def test_the_guide_shows_the_screens_as_they_are():
    """Each screen stands behind a comment with its name."""
    guide = GUIDE.read_text(encoding="utf-8")
    screens = {path.stem: path.read_text(encoding="utf-8") for path in SCREENS.glob("*.txt")}
    shown = _SHOWN.sub(lambda match: f"{match[1]}{screens[match[2]]}```", guide)
    if os.environ.get("FIMBLE_UPDATE_GOLDEN"):
        GUIDE.write_text(shown, encoding="utf-8")

    assert GUIDE.read_text(encoding="utf-8") == shown
    assert {match[2] for match in _SHOWN.finditer(guide)} == screens.keys()
