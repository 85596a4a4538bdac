"""A chat's templates and rules: as they are when a question comes, fixed where they must be."""

from __future__ import annotations

from pathlib import Path

from fimble.chat.events import PromptsChanged
from fimble.chat.transcript import Attachment, AttachmentKind, PromptUse, Question
from fimble.conversation.conversation import Conversation
from fimble.prompting.fingerprint import prompt_fingerprint
from fimble.prompting.template import Role
from fimble.trust.store import TrustStore
from fimble.trust.workspace import approve, review_of
from support.chatting import Listener, chatting, conversing, question
from support.prompting import write
from support.stub_ollama import StubOllama
from support.stub_ollama.script import Script

TEMPLATE = ".fimble/prompts/chat/house.prompt.md"
SCRIPT = Script(answer=conversing(lambda _: "Yes."))


def reviewed(folder: Path, **files: str) -> None:
    """Write files of the workspace and review all of it."""
    workspace = folder / "workspace"
    for name, text in files.items():
        path = workspace / (TEMPLATE if name == "template" else name.replace("__", "/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    store = TrustStore(folder / "trust")
    approve(workspace, review_of(workspace, store), store)


def house(body: str) -> str:
    """Return a template that is named like its file."""
    return write(body).replace("name: example", "name: house")


def asked(text: str, *files: str) -> Question:
    """Return a question through the house's template, with files."""
    attachments = tuple(
        Attachment(kind=AttachmentKind.FILE, label=f"{path}:1-2", text="x = 1\n") for path in files
    )
    return Question(text=text, attachments=attachments, prompt=PromptUse(name="chat/house"))


async def news(heard: Listener, part: str) -> str:
    """Wait for a sentence about prompts."""

    def found() -> str | None:
        told = [each.sentence for each in heard.events if isinstance(each, PromptsChanged)]
        return next((sentence for sentence in told if part in sentence), None)

    return await heard.until(found)


FEW_SHOT = """\
[[system]]
Answer in one word.

[[user]]
Is 2 even?

[[assistant]]
Yes.

[[user]]
${input}

[[assistant]]
Well:
"""


async def test_examples_are_turns_of_their_own_and_stay_where_they_were_sent(
    tmp_path: Path,
) -> None:
    reviewed(tmp_path, template=house(FEW_SHOT))
    with StubOllama(Script(answer=conversing(lambda _: "Well: no."))) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(asked("Is 3 even?"))
            first = await heard.ended(1)
            chat.ask(asked("Is 5 even?"))
            await heard.ended(2)
            prompts = [each.prompt for each in stub.generations]
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.resume(chat.keeper.session.session_id or 1)
            chat.ask(question("Why?"))
            await heard.ended(1)
            resumed = stub.generations[-1].prompt

    assert first.answer.text == "Well: no."
    assert prompts[0] == (
        "<|im_start|>system\nAnswer in one word.<|im_end|>\n"
        "<|im_start|>user\nIs 2 even?<|im_end|>\n<|im_start|>assistant\n"
        "<think>\n\n</think>\n\nYes.<|im_end|>\n"
        "<|im_start|>user\nIs 3 even?<|im_end|>\n<|im_start|>assistant\n"
        "<think>\n\n</think>\n\nWell:"
    )
    assert prompts[-1].startswith(f"{prompts[0]} no.")
    assert resumed.startswith(f"{prompts[-1]} no.")


async def test_what_a_file_says_of_mentioned_lines_reaches_the_model(tmp_path: Path) -> None:
    reviewed(tmp_path, template=house("${imports}/${selection}\n"))
    (tmp_path / "workspace/shop.py").write_text("import a\n\nx = 1\n", encoding="utf-8")
    with StubOllama(SCRIPT) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            found = chat.drafting.gather("@shop.py:3").attachments
            chat.ask(Question(text="", attachments=found, prompt=PromptUse(name="house")))
            turn = await heard.ended()

            assert turn.question.expanded == "import a/x = 1"
            assert "import a/x = 1" in stub.generations[-1].prompt


def system_of(chat: Conversation) -> str:
    return chat.turns[0].question.system


async def test_a_changed_template_counts_from_the_next_question_on(tmp_path: Path) -> None:
    reviewed(tmp_path, template=house("[[system]]\nOld.\n\n[[user]]\nFirst: ${input}\n"))
    with StubOllama(SCRIPT) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(asked("one"))
            await heard.ended(1)
            reviewed(tmp_path, template=house("[[system]]\nNew.\n\n[[user]]\nSecond: ${input}\n"))
            told = await news(heard, "chat/house")
            chat.ask(asked("two"))
            await heard.ended(2)

            assert told == (
                "Read again: `chat/house`; they count from the next question on. "
                "A changed [[system]] message waits for a new session."
            )
            assert [turn.question.expanded for turn in chat.turns] == ["First: one", "Second: two"]
            first, second = (each.prompt for each in stub.generations[-2:])
            assert second.startswith(first)
            assert "Old." in second
            assert "New." not in second

            chat.new_session()
            chat.ask(asked("three"))
            await heard.ended(3)
            assert system_of(chat) == "New."


async def test_f24_a_broken_edit_keeps_the_last_good_version_and_is_told_once(
    tmp_path: Path,
) -> None:
    reviewed(tmp_path, template=house("Good: ${input}\n"))
    with StubOllama(SCRIPT) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(asked("one"))
            await heard.ended(1)
            reviewed(tmp_path, template=house("Bad: ${nonsense}\n"))
            told = await news(heard, "is broken")
            chat.ask(asked("two"))
            turn = await heard.ended(2)

            assert "its last good version stays in use" in told
            assert turn.question.expanded == "Good: two"


async def test_t05_what_waits_for_review_is_told_and_its_reviewed_text_counts(
    tmp_path: Path,
) -> None:
    reviewed(tmp_path, template=house("Good: ${input}\n"))
    path = tmp_path / "workspace" / TEMPLATE
    path.write_text(house("Pulled: ${input}\n"), encoding="utf-8")
    with StubOllama(SCRIPT) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            assert "fimble trust" in await news(heard, "waits for your review")
            chat.ask(asked("one"))
            assert (await heard.ended()).question.expanded == "Good: one"


async def test_rules_are_the_roots_and_the_nearest_of_the_first_file_for_the_whole_session(
    tmp_path: Path,
) -> None:
    reviewed(
        tmp_path,
        template=house("[${rules}] ${files} ${input}\n"),
        **{
            "AGENTS.md": "Root.\n",
            "a__AGENTS.md": "In a.\n",
            "b__AGENTS.md": "In b.\n",
            "a__deep__x.py": "x = 1\n",
        },
    )
    with StubOllama(SCRIPT) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(asked("one", "a/deep/x.py"))
            await heard.ended(1)
            reviewed(tmp_path, **{"a__AGENTS.md": "Changed.\n"})
            chat.ask(asked("two", "b/y.py"))
            await heard.ended(2)

            sent = [turn.question.expanded for turn in chat.turns]
            assert [text.partition(" `")[0] for text in sent] == ["[Root.\n\nIn a.]"] * 2
            assert [text.split()[-1] for text in sent] == ["one", "two"]

            chat.new_session()
            chat.ask(asked("three", "b/y.py"))
            turn = await heard.ended(3)
            assert turn.question.expanded.startswith("[Root.\n\nIn b.] `b/y.py:1-2`")


async def test_a_file_outside_of_the_workspace_brings_no_rules(tmp_path: Path) -> None:
    reviewed(tmp_path, template=house("[${rules}] ${files} ${input}\n"), **{"AGENTS.md": "Root.\n"})
    (tmp_path / "AGENTS.md").write_text("Outside.\n", encoding="utf-8")
    with StubOllama(SCRIPT) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(asked("one", "../x.py"))
            assert (await heard.ended()).question.expanded.startswith("[Root.] `../x.py")


async def test_the_stored_name_of_a_prompt_is_that_of_the_text_that_was_sent(
    tmp_path: Path,
) -> None:
    with StubOllama(SCRIPT) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Hello?"))
            turn = await heard.ended()
            (sent,) = [each.prompt for each in stub.generations]

            assert turn.answer.prompt_digest == prompt_fingerprint([(Role.RAW, sent)])
            assert turn.question.prompt is not None
            assert turn.question.prompt.template_digest.startswith("sha256:")
