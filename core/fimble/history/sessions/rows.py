"""Rows of the session store as the chat's values, and the other way round."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

import msgspec

from fimble.chat.transcript import (
    Answer,
    AnswerState,
    AnswerStatistics,
    Attachment,
    AttachmentKind,
    PromptUse,
    Question,
    SessionSummary,
    Turn,
)

TURN_COLUMNS: Final = (
    "turn_id, parent, question, expanded, system, prompt, answer, thinking, state, problem, "
    "model, model_digest, prompt_digest, statistics, created_at, owner"
)

SUMMARY_COLUMNS: Final = (
    "session_id, name, directory, created_at, updated_at, head, model, forked_from"
)


def turn_of(row: sqlite3.Row, attachments: tuple[Attachment, ...], pieces: tuple[str, str]) -> Turn:
    """Return a turn; `pieces` is what its journal holds of answer and thinking."""
    prompt = row["prompt"]
    return Turn(
        turn_id=row["turn_id"],
        parent=row["parent"],
        created_at=row["created_at"],
        question=Question(
            text=row["question"],
            attachments=attachments,
            prompt=None if prompt is None else msgspec.json.decode(prompt, type=PromptUse),
            expanded=row["expanded"],
            system=row["system"],
        ),
        answer=Answer(
            text=row["answer"] + pieces[0],
            thinking=row["thinking"] + pieces[1],
            state=AnswerState(row["state"]),
            problem=row["problem"],
            model=row["model"],
            model_digest=row["model_digest"],
            prompt_digest=row["prompt_digest"],
            statistics=msgspec.json.decode(row["statistics"], type=AnswerStatistics),
        ),
    )


def typed_of(row: sqlite3.Row) -> str:
    """Return a question as it was typed, with the prompt that it was asked through."""
    prompt = row["prompt"]
    use = None if prompt is None else msgspec.json.decode(prompt, type=PromptUse)
    return Question(text=row["question"], prompt=use).typed


def attachment_of(row: sqlite3.Row) -> Attachment:
    """Return an attachment with its text."""
    return Attachment(
        kind=AttachmentKind(row["kind"]),
        label=row["label"],
        text=row["text"],
        language=row["language"],
        tokens=row["tokens"],
        masked=row["masked"],
    )


def question_values(question: Question) -> dict[str, Any]:
    """Return the columns of a question."""
    prompt = question.prompt
    return {
        "question": storable(question.text),
        "expanded": storable(question.expanded),
        "system": storable(question.system),
        "prompt": None if prompt is None else msgspec.json.encode(prompt).decode(),
    }


def answer_values(answer: Answer) -> dict[str, Any]:
    """Return the columns of an answer."""
    return {
        "answer": storable(answer.text),
        "thinking": storable(answer.thinking),
        "state": answer.state.value,
        "problem": answer.problem,
        "model": answer.model,
        "model_digest": answer.model_digest,
        "prompt_digest": answer.prompt_digest,
        "statistics": msgspec.json.encode(answer.statistics).decode(),
    }


def summary_of(row: sqlite3.Row, *, turns: int, first_question: str) -> SessionSummary:
    """Return a session; one without a name is called by its first question."""
    return SessionSummary(
        session_id=row["session_id"],
        name=row["name"] or name_from(first_question),
        directory=row["directory"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        turns=turns,
        head=row["head"],
        model=row["model"],
        forked_from=row["forked_from"],
    )


_NAME_LENGTH: Final = 60


def name_from(question: str) -> str:
    """Return a session's name from its first question: its first line, cut at a word."""
    first = " ".join(next((line for line in question.splitlines() if line.strip()), "").split())
    if len(first) <= _NAME_LENGTH:
        return first
    return first[: _NAME_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def storable(text: str) -> str:
    """Return text that SQLite can hold: lone surrogates become "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")
