"""What helps to write a question: candidates, gathered mentions, prompts, the past."""

import pytest

from fimble.chat.transcript import PromptUse, Question
from support.chatting import chatting, conversing, question
from support.stub_ollama import Script, StubOllama

PATHS = ("src/shop/cart.py", "src/shop/my file.py", "tests/test_cart.py", "README.md", "build/x.py")


@pytest.fixture
def workspace(tmp_path):
    for path in PATHS:
        file = tmp_path / "workspace" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("SKU = 1\n", "utf-8")
    (tmp_path / "workspace" / ".gitignore").write_text("build/\n", "utf-8")
    (tmp_path / "workspace" / ".env").write_text("TOKEN=1\n", "utf-8")
    return tmp_path / "workspace"


async def test_candidates_are_priced_and_those_of_secret_or_ignored_files_are_none(
    workspace, tmp_path
):
    with StubOllama(Script(answer=conversing({}))) as stub:
        async with chatting(stub, tmp_path) as (chat, _):
            found = chat.drafting.find("my f", 20)
            every = [each.label for each in chat.drafting.find("", 50)]

    assert found[0].mention_text == '@"src/shop/my file.py"'
    assert found[0].tokens
    assert not [label for label in every if "build" in label or ".env" in label]


async def test_symbols_come_when_they_are_indexed_and_it_can_be_waited_for(workspace, tmp_path):
    (workspace / "cart.py").write_text("class Cart:\n    pass\n", "utf-8")
    with StubOllama(Script(answer=conversing({}))) as stub:
        async with chatting(stub, tmp_path) as (chat, _):
            assert not chat.drafting.symbols_came()
            chat.drafting.find("Car", 20)
            assert chat.drafting.symbols_came()
            labels = [each.label for each in chat.drafting.find("Car", 20)]
            assert not chat.drafting.symbols_came()

    assert "Cart" in labels


async def test_mentions_are_priced_and_their_secrets_masked(workspace, tmp_path):
    (workspace / "key.py").write_text(f'KEY = "AKIA{"Q7" * 8}"\n', "utf-8")
    with StubOllama(Script(answer=conversing({}))) as stub:
        async with chatting(stub, tmp_path) as (chat, _):
            gathered = chat.drafting.gather("Why @key.py and @nothing.py?")

    assert gathered.attachments[0].masked == 1
    assert gathered.attachments[0].tokens > 0
    assert "AKIA" not in gathered.attachments[0].text
    assert "@nothing.py" in gathered.problems[0]


async def test_past_questions_come_newest_first_as_they_were_typed(tmp_path):
    with StubOllama(Script(answer=conversing({}))) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("one"))
            chat.ask(Question(text="it", prompt=PromptUse(name="chat/summarise")))
            chat.ask(question("one"))
            await heard.ended(3)
            past = chat.drafting.past_questions()

    assert past == ["one", "/summarise it"]


async def test_completion_layouts_are_no_prompts_to_ask(tmp_path):
    with StubOllama(Script(answer=conversing({}))) as stub:
        async with chatting(stub, tmp_path) as (chat, _):
            names = {entry.full_name for entry in chat.drafting.prompts()}

    assert "chat/review" in names
    assert not [name for name in names if name.startswith("complete/")]
