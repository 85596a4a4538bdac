"""The editor is the user's, its words are a list, and the line is given as each editor wants it."""

from pathlib import Path

import pytest

from fimble_tui.opening import editor_command, open_in_editor
from support.chat_screen import showing
from support.scripted_conversation import ScriptedConversation

FILE = Path("/src/a b;rm -rf.py")


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("vim", ["vim", "+7", str(FILE)]),
        ("/usr/bin/nvim -p", ["/usr/bin/nvim", "-p", "+7", str(FILE)]),
        ("code --wait", ["code", "--wait", "--goto", f"{FILE}:7"]),
        ("hx", ["hx", f"{FILE}:7"]),
        ("'/opt/my editor/ed' -x", ["/opt/my editor/ed", "-x", "+7", str(FILE)]),
        ("unheard-of", ["unheard-of", str(FILE)]),
    ],
)
def test_the_line_is_passed_in_the_editors_own_way(editor, words):
    assert editor_command(FILE, 7, {"EDITOR": editor}) == words


def test_visual_comes_first_and_no_editor_is_no_command():
    assert editor_command(FILE, None, {"VISUAL": "vi", "EDITOR": "ed"}) == ["vi", str(FILE)]
    assert editor_command(FILE, None, {"EDITOR": ""}) is None


@pytest.mark.parametrize(
    ("editor", "sentence"),
    [("", "No editor is named."), ("vi 'x", "its quotes do not match"), ("vi", "cannot be handed")],
)
async def test_what_went_wrong_is_a_sentence(monkeypatch, editor, sentence):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    async with showing(ScriptedConversation()) as chat:
        assert sentence in open_in_editor(chat.app, FILE, 1)
