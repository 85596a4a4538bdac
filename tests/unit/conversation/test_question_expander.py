"""What a question's attachments, inputs and words become in its template."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimble.chat.mentions import mentions
from fimble.chat.transcript import Attachment, AttachmentKind, PromptUse, Question
from fimble.conversation.context_reader import ContextReader
from fimble.conversation.question_expander import Expansion, QuestionExpander
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import FimbleError, TemplateError
from fimble.prompt_files.layers import PromptLayers
from support.prompting import write

SHOP = """\
import math

RATE = 2


def total(prices):
    return math.fsum(prices)


def average(prices):
    return total(prices) / len(prices)
"""
LOG = "commit 5efd3d9aa1\nAuthor: A <a@example.com>\n\n    Count both places\n"
DIFF = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-1\n+2\n"


def house(body: str, *, front: str = "") -> str:
    """Return a template that is named `house`."""
    return write(body, front=front).replace("name: example", "name: house")


def expander(folder: Path, template: str = "") -> QuestionExpander:
    """Return an expander over the bundled templates and one of the workspace."""
    if template:
        path = folder / ".fimble/prompts/chat/house.prompt.md"
        path.parent.mkdir(parents=True)
        path.write_text(template, encoding="utf-8")
    layers = PromptLayers(workspace=folder, allows=lambda _path, text: text, file=None)
    return QuestionExpander(catalogue=layers.catalogue, count_tokens=TokenEstimator().count)


def expanded(
    folder: Path, name: str, text: str = "", *attachments: Attachment, template: str = ""
) -> Expansion:
    """Expand a question through a template."""
    question = Question(text=text, attachments=attachments, prompt=PromptUse(name=name))
    return expander(folder, template).expand(question)


def attachment(kind: AttachmentKind, text: str, label: str = "") -> Attachment:
    """Return an attachment."""
    return Attachment(kind=kind, label=label or f"@{kind.value}", text=text)


def mentioned(folder: Path, text: str) -> Attachment:
    """Read what is mentioned out of a file of the workspace."""
    (folder / "shop.py").write_text(SHOP, encoding="utf-8")
    (found,) = ContextReader(folder, count_tokens=len).gather(text).attachments
    return found


@pytest.mark.parametrize("name", ["fix", "document", "refactor", "test"])
def test_a_name_that_the_editor_has_too_means_the_prompt_of_the_chat(
    tmp_path: Path, name: str
) -> None:
    lines = mentioned(tmp_path, "@shop.py:6-7")

    short, full = (expanded(tmp_path, each, "", lines) for each in (name, f"chat/{name}"))

    assert short.question == full.question


@pytest.mark.parametrize(
    ("name", "kind", "text", "shown"),
    [
        ("changelog", AttachmentKind.INPUT, LOG, "The commits:\n````text\ncommit 5efd3d9aa1"),
        ("changelog", AttachmentKind.INPUT, "Count both places\n", "````text\nCount both places"),
        ("pull-request", AttachmentKind.INPUT, LOG, "The commits:\n````text\ncommit 5efd3d9aa1"),
        ("pull-request", AttachmentKind.DIFF, DIFF, "The change:\n````diff\ndiff --git"),
        ("commit-message", AttachmentKind.DIFF, DIFF, "The staged change:\n````diff\ndiff --git"),
        ("commit-message", AttachmentKind.STAGED, DIFF, "The staged change:\n````diff\ndiff --git"),
        ("review", AttachmentKind.STAGED, DIFF, "The change:\n````diff\ndiff --git"),
        ("explain", AttachmentKind.INPUT, "x = 1\n", "The selection:\n````\nx = 1\n````"),
        ("fix", AttachmentKind.ERRORS, "a.py:1: no", "What the editor reports:\n````text\na.py:1"),
    ],
)
def test_what_is_attached_stands_in_the_place_that_is_made_for_it(
    tmp_path: Path, name: str, kind: AttachmentKind, text: str, shown: str
) -> None:
    code = [] if name != "fix" else [mentioned(tmp_path, "@shop.py:6-7")]

    asked = expanded(tmp_path, name, "", attachment(kind, text), *code).question.expanded

    assert shown in asked


def test_what_has_no_place_in_a_template_is_refused_and_never_left_out(tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as refused:
        expanded(tmp_path, "regex", "a date", *[attachment(AttachmentKind.DIFF, DIFF)] * 2)

    assert "/regex has no place for @diff." in str(refused.value)
    assert "`${selection}`" in refused.value.hint


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("explain", "Mention it: /explain @src/file.py:10-40"),
        ("commit-message", "/commit-message @staged"),
        ("changelog", "git log v1.0.. | fimble ask /changelog"),
        ("translate", "Write: /translate target=…"),
    ],
)
def test_what_is_missing_is_named_with_the_way_to_give_it(
    tmp_path: Path, name: str, words: str
) -> None:
    lines = [mentioned(tmp_path, "@shop.py:6-7")] if name == "translate" else []

    with pytest.raises(FimbleError) as refused:
        expanded(tmp_path, name, "", *lines)

    assert words in str(refused.value)


def test_inputs_are_typed_before_the_question(tmp_path: Path) -> None:
    lines = mentioned(tmp_path, "@shop.py:6-7")

    asked = expanded(
        tmp_path, "translate", 'target="C++ 20" keep names=short', lines
    ).question.expanded

    assert "Translate the selection into C++ 20." in asked
    assert asked.endswith("keep names=short")


def test_a_question_of_mentions_alone_says_nothing_in_particular(tmp_path: Path) -> None:
    lines = mentioned(tmp_path, "@shop.py:6-7")

    bare, asked = (
        expanded(tmp_path, "explain", text, lines).question.expanded
        for text in ("@shop.py:6-7", "why @shop.py:6-7")
    )

    assert "in particular" not in bare
    assert asked.endswith("Asked about it in particular:\nwhy @shop.py:6-7")


def test_mentioned_lines_bring_what_their_file_says_of_them(tmp_path: Path) -> None:
    lines = mentioned(tmp_path, "@shop.py:10-11")
    body = "${imports}|${outline}|${file}|${before}|${after}|${symbol}|${selection}"

    asked = expanded(tmp_path, "house", "", lines, template=house(body)).question.expanded

    imports, outline, file, before, after, symbol, selection = asked.split("|")
    assert imports == "import math"
    assert "def total(prices)" in outline
    assert file == SHOP
    assert before == SHOP.partition("\n\n\ndef average")[0]
    assert after == ""
    assert symbol == selection == SHOP[SHOP.index("def average") :].rstrip()


def test_secrets_around_mentioned_lines_are_masked_too(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("key = 'KEY'\n\nx = 1\n", encoding="utf-8")
    reader = ContextReader(
        tmp_path, count_tokens=len, mask=lambda text: (text.replace("KEY", "…"), text.count("KEY"))
    )

    (mention,) = mentions("@shop.py:3")
    (found,) = reader.read(mention)

    assert found.around["before"] == "key = '…'"
    assert all("KEY" not in value for value in found.around.values())
