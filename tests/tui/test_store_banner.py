"""F20 to F23 as the user sees them: one banner, and the chat goes on."""

import sqlite3

from fimble.history.sessions.session_store import SessionStore
from support.chat_desk import at_desk


def store_file(folder):
    """Return where the desk keeps its sessions."""
    path = folder / "state" / "sessions.sqlite3"
    path.parent.mkdir()
    return path


async def answered(desk):
    """Ask, and see that the chat goes on."""
    await desk.ask("Hello?")
    await desk.chat.shows("I see.")


async def test_f20_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "state").write_text("no folder")
    async with at_desk(tmp_path, size=(120, 40)) as desk:
        await desk.chat.shows("chat's sessions in")
        await answered(desk)
        assert desk.chat.text.count("chat's sessions in") == 1

        (tmp_path / "state").unlink()
        await answered(desk)
        await desk.chat.until(lambda: "sessions in /" not in desk.chat.text)

        assert [each.turns for each in desk.store.sessions()] == [2]


async def test_f22_a_broken_store_is_kept_and_told_once(tmp_path):
    store_file(tmp_path).write_bytes(b"no database at all" * 100)
    async with at_desk(tmp_path, size=(120, 40)) as desk:
        await desk.chat.shows("was damaged; it is kept as")
        await answered(desk)

        assert [each.turns for each in desk.store.sessions()] == [1]
    async with at_desk(tmp_path, size=(120, 40)) as desk:
        await answered(desk)

        assert "was damaged" not in desk.chat.text


async def test_f22_a_newer_store_is_refused_and_left_as_it_is(tmp_path):
    path = store_file(tmp_path)
    SessionStore(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()
    async with at_desk(tmp_path, size=(120, 40)) as desk:
        await desk.chat.shows("format 99")
        await answered(desk)

    assert path.read_bytes() == before


async def test_f23_two_chats_write_one_store(tmp_path):
    async with at_desk(tmp_path) as desk:
        with SessionStore(tmp_path / "state" / "sessions.sqlite3") as other:
            for _ in range(5):
                other.create("/w")
                await answered(desk)

        assert [each.turns for each in desk.store.sessions()] == [5]
        assert not desk.chat.screen._banner.display
