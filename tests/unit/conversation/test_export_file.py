"""Exports: whole or not at all, and never over another file unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fimble.chat.transcript import Answer, AnswerState, Question, SessionSummary, Turn
from fimble.conversation.export_file import ExportExistsError, write_export
from fimble.errors import FimbleError

SESSION = SessionSummary(
    session_id=1, name="n", directory="/w", created_at=0, updated_at=0, turns=1, head=1
)
TURNS = (
    Turn(
        turn_id=1,
        parent=None,
        question=Question(text="Why?"),
        answer=Answer(text="So.", state=AnswerState.FINISHED),
        created_at=0,
    ),
)


def test_the_name_says_the_form(tmp_path: Path) -> None:
    for name in ("a.md", "a.html", "a.json"):
        write_export(tmp_path / name, SESSION, TURNS)

    assert (tmp_path / "a.md").read_text().startswith("# n")
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "a.json").read_text())["turns"][0]["answer"] == "So."
    assert len(list(tmp_path.iterdir())) == 3


def test_a_file_that_is_there_stays_until_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine")

    with pytest.raises(ExportExistsError):
        write_export(path, SESSION, TURNS)
    assert path.read_text() == "mine"

    write_export(path, SESSION, TURNS, replace=True)
    assert path.read_text().startswith("# n")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.txt", "a", "no/folder/a.md"])
def test_what_cannot_be_written_is_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(FimbleError):
        write_export(tmp_path / name, SESSION, TURNS)
    assert list(tmp_path.iterdir()) == []
