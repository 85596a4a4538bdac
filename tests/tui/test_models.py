"""The models of the server: shown as they are, switched, pulled, stopped, refused."""

from support.chat_desk import Desk, at_desk
from support.stub_ollama import StubModel

SMALL = StubModel(name="tiny:1b", parameter_size="1.2B", size_bytes=1_300_000_000, family="llama")
CLOUD = StubModel(name="gpt-oss:120b-cloud", size_bytes=384)
SPILLED = StubModel(vram_share=0.69)


async def listed(desk: Desk) -> None:
    """Open the list."""
    await desk.press("f2")
    await desk.chat.shows("on the server")


async def pull(desk: Desk, name: str) -> None:
    """Ask for a download."""
    await desk.press("p")
    await desk.chat.shows("Pull which model?")
    desk.chat.app.screen.query_one("#dialog-line").value = name
    await desk.press("enter")


async def test_size_quantisation_and_what_runs_where(tmp_path):
    async with at_desk(tmp_path, models=(SPILLED, SMALL)) as desk:
        await desk.ask("Hello?")
        await listed(desk)
        await desk.chat.shows("in memory")

        assert "qwen3.6:27b  17.2 GB" in desk.chat.text
        assert "27.8B · Q4_K_M · qwen35" in desk.chat.text
        assert "31% on the processor" in desk.chat.text
        assert "tiny:1b  1.3 GB" in desk.chat.text


async def test_another_model_is_chosen(tmp_path):
    async with at_desk(tmp_path, models=(StubModel(), SMALL)) as desk:
        await listed(desk)
        screen = desk.chat.app.screen
        names = [row.model.name for row in screen._rows]
        screen._list.highlighted = names.index("tiny:1b")
        await desk.press("enter")
        await desk.chat.until(lambda: desk.conversation.model == "tiny:1b")


async def test_a_cloud_model_is_refused_with_the_reason(tmp_path):
    async with at_desk(tmp_path, models=(StubModel(), CLOUD), size=(120, 40)) as desk:
        await listed(desk)
        await desk.chat.shows("runs in a cloud")
        screen = desk.chat.app.screen
        names = [row.model.name for row in screen._rows]
        screen._list.highlighted = names.index(CLOUD.name)
        await desk.press("enter")
        await desk.chat.shows("your code would be sent there")
        await pull(desk, "qwen3-coder:480b-cloud")
        await desk.chat.until(lambda: "'qwen3-coder:480b-cloud' runs in" in desk.chat.text)

        assert desk.conversation.model == "qwen3.6:27b"
        assert not [one for one in desk.stub.requests if one.path == "/api/pull"]


async def test_a_model_is_pulled_with_progress(tmp_path):
    async with at_desk(tmp_path) as desk:
        desk.stub.hold_pulls(25)
        await listed(desk)
        await pull(desk, "tiny:1b")
        await desk.chat.shows("of 17.0 GB")
        await desk.chat.shows("25%")
        desk.stub.hold_pulls(50)
        await desk.chat.shows("50%")
        desk.stub.hold_pulls(None)
        await desk.chat.shows("tiny:1b  is on the server.")
        await desk.chat.shows("2 models")


async def test_a_pull_is_stopped_and_goes_on(tmp_path):
    async with at_desk(tmp_path) as desk:
        desk.stub.hold_pulls(25)
        await listed(desk)
        await pull(desk, "tiny:1b")
        await desk.chat.shows("25%")
        await desk.press("s")
        await desk.chat.shows("stopped at 25%")
        await desk.press("escape")
        await desk.chat.until(lambda: desk.chat.app.screen is desk.chat.screen)
        await listed(desk)
        await desk.chat.shows("p goes on there")
        await desk.press("p")
        await desk.chat.shows("Pull which model?")
        assert desk.chat.app.screen.query_one("#dialog-line").value == "tiny:1b"

        desk.stub.hold_pulls(None)
        await desk.press("enter")
        await desk.chat.shows("is on the server.")


async def test_a_pull_goes_on_while_the_chat_is_shown(tmp_path):
    async with at_desk(tmp_path) as desk:
        desk.stub.hold_pulls(25)
        await listed(desk)
        await pull(desk, "tiny:1b")
        await desk.chat.shows("of 17.0 GB")
        await desk.press("escape")
        await desk.chat.until(lambda: desk.chat.app.screen is desk.chat.screen)
        desk.stub.hold_pulls(None)
        await desk.chat.until(lambda: desk.chat.screen.actions._pulls[-1].finished)


async def test_a_name_that_the_registry_does_not_have_is_said(tmp_path):
    async with at_desk(tmp_path) as desk:
        await listed(desk)
        await pull(desk, "missing\x1b[2J:1b")
        await desk.chat.until(lambda: desk.chat.app.screen._pull.problem)
        await desk.chat.shows("missing␛[2J:1b")

        assert "\x1b" not in desk.chat.text


async def test_the_missing_model_is_named_and_offered(tmp_path):
    async with at_desk(tmp_path, models=(SMALL,)) as desk:
        await desk.chat.ask("Hello?")
        await desk.chat.shows("model missing")
        await listed(desk)
        await desk.chat.shows("does not have qwen3.6:27b")
        await desk.press("p")
        await desk.chat.shows("Pull which model?")
        assert desk.chat.app.screen.query_one("#dialog-line").value == "qwen3.6:27b"

        await desk.press("enter")
        await desk.chat.shows("is on the server.")
        await desk.press("escape")
        await desk.chat.shows("I see.")


async def test_a_server_that_is_down_is_said(tmp_path):
    async with at_desk(tmp_path, size=(120, 40)) as desk:
        with desk.stub.down():
            await desk.press("f2")
            await desk.chat.shows("0 models")
            await desk.chat.shows("ollama serve")
        await desk.press("f5")
        await desk.chat.shows("1 model on the server")
