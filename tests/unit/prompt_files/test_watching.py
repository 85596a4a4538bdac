"""Changes are seen however an editor makes them; a broken edit keeps the last good version."""

import asyncio
import os
import threading
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fimble.prompt_files.layers import PromptLayers, repository_folder
from fimble.prompt_files.watching import BrokenPrompt, FolderWatcher, LiveCatalogue, WatchedFolder
from fimble.prompting.catalogue import Catalogue

PERIOD_S = 0.05


def watch_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "fimble-watch"]


@dataclass
class Follower:
    """Counts changes in the background, and waits for conditions."""

    watcher: FolderWatcher
    looked: asyncio.Event
    """Set each time the watcher asks for its folders."""
    changes: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        async with aclosing(self.watcher.changes()) as changes:
            async for _ in changes:
                self.changes += 1
                self._changed.set()

    async def next_change(self) -> None:
        await asyncio.wait_for(self._changed.wait(), 20)
        self._changed.clear()

    async def watching(self, *, wanted: bool = True) -> None:
        async with asyncio.timeout(20):
            while self.watcher.is_watching is not wanted:
                self.looked.clear()
                await self.looked.wait()


@pytest.fixture
async def follow():
    tasks = []

    def start(*folders: Path, period_s: float = PERIOD_S, names=None) -> Follower:
        loop, looked = asyncio.get_running_loop(), asyncio.Event()

        def find():
            loop.call_soon_threadsafe(looked.set)
            return [WatchedFolder(path=folder, names=names) for folder in folders]

        follower = Follower(FolderWatcher(find, period_s=period_s), looked)
        tasks.append(asyncio.create_task(follower.run()))
        return follower

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for thread in watch_threads():
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()


def rename_over(path: Path) -> None:
    temporary = path.with_name(".tmp-save")
    temporary.write_text("new text")
    temporary.replace(path)


def delete_and_create(path: Path) -> None:
    path.unlink()
    path.write_text("newer text")


def move_away_and_create(path: Path) -> None:
    path.rename(path.with_name("a.md~"))
    path.write_text("new")
    path.with_name("a.md~").unlink()


@pytest.mark.parametrize(
    "save",
    [
        lambda path: path.write_text("newest text"),
        rename_over,
        delete_and_create,
        move_away_and_create,
        lambda path: path.unlink(),
        lambda path: path.with_name("b.md").write_text("b"),
    ],
)
async def test_every_way_to_save_is_one_change_or_more(tmp_path, follow, save):
    (tmp_path / "a.md").write_text("old")
    follower = follow(tmp_path)
    await follower.watching()

    save(tmp_path / "a.md")

    await follower.next_change()


async def test_events_come_long_before_the_next_look(tmp_path, follow):
    (tmp_path / "a.md").write_text("old")
    follower = follow(tmp_path, period_s=600)
    await asyncio.wait_for(follower.looked.wait(), 20)
    while True:  # the thread may not have begun to watch yet: write until an event comes
        (tmp_path / "a.md").write_text(f"new {os.urandom(4).hex()}")
        try:
            async with asyncio.timeout(1):
                await follower.next_change()
        except TimeoutError:
            continue
        break


async def test_a_folder_that_appears_vanishes_and_comes_again(tmp_path, follow):
    folder = tmp_path / "prompts"
    follower = follow(folder)
    for _ in range(2):  # when it looks again, the first look is over
        await asyncio.wait_for(follower.looked.wait(), 20)
        follower.looked.clear()
    folder.mkdir()
    await follower.next_change()
    await follower.watching()
    (folder / "a.md").write_text("x")
    await follower.next_change()

    (folder / "a.md").unlink()
    folder.rmdir()
    await follower.watching(wanted=False)
    folder.mkdir()
    await follower.watching()
    seen = follower.changes
    (folder / "b.md").write_text("x")
    async with asyncio.timeout(20):
        while follower.changes == seen:
            await follower.next_change()


async def test_a_burst_of_writes_is_few_changes(tmp_path, follow):
    follower = follow(tmp_path)
    await follower.watching()

    for number in range(500):
        (tmp_path / "a.md").write_text(str(number))

    await follower.next_change()
    assert follower.changes < 50


async def test_while_there_is_nothing_to_watch_no_thread_runs(tmp_path, follow):
    follower = follow(tmp_path / "nothing")
    for _ in range(3):
        await asyncio.wait_for(follower.looked.wait(), 20)
        follower.looked.clear()

    assert not follower.watcher.is_watching
    assert watch_threads() == []


async def test_t02_a_link_to_a_folder_is_not_watched(tmp_path, follow):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    follower = follow(tmp_path / "link", tmp_path / "real")
    await follower.watching()

    assert follower.watcher._look().folders == (tmp_path / "real",)


async def test_only_named_entries_count(tmp_path):
    (tmp_path / "other.py").write_text("x")
    watcher = FolderWatcher(lambda: [WatchedFolder(path=tmp_path, names=frozenset({"AGENTS.md"}))])
    before = watcher._look()
    (tmp_path / "other.py").write_text("changed")

    assert watcher._look() == before
    (tmp_path / "AGENTS.md").write_text("x")
    assert watcher._look() != before


@pytest.fixture
def catalogue(tmp_path, put):
    """Write a template of the repository and read all of them."""

    def read(body: str | None) -> Catalogue:
        folder = repository_folder(tmp_path).path
        path = put(folder, "chat", "ours", *(() if body is None else (body,)))
        if body is None:
            path.unlink()
        return PromptLayers(workspace=tmp_path, allows=lambda _, text: text).catalogue()

    return read


def news(live: LiveCatalogue, fresh: Catalogue) -> tuple[BrokenPrompt, ...]:
    return tuple(each for each in live.swap(fresh) if each.is_news)


def text_of(live: LiveCatalogue) -> str:
    return live.catalogue.find("chat/ours").source.text


def test_f24_a_broken_edit_keeps_the_last_good_version_and_is_told_once(catalogue):
    live = LiveCatalogue()
    assert news(live, catalogue("One ${selection}.\n")) == ()
    first = live.catalogue

    (told,) = news(live, catalogue("Two ${nonsense}.\n"))
    assert (told.error.line, told.last_good_stays) == (7, True)
    assert "its last good version stays in use" in told.sentence()
    assert "no variable `${nonsense}`" in told.sentence()
    assert news(live, catalogue("Two ${nonsense}.\n")) == ()
    assert "One" in text_of(live)
    assert len(news(live, catalogue("Two ${rubbish}.\n"))) == 1
    assert "One" in text_of(live)

    assert news(live, catalogue("Three ${selection}.\n")) == ()
    assert "Three" in text_of(live)
    assert "One" in first.find("chat/ours").source.text
    assert len(news(live, catalogue("Two ${nonsense}.\n"))) == 1


def test_a_template_that_was_never_good_is_told_and_hides_what_it_was_to_replace(catalogue):
    live = LiveCatalogue()

    (told,) = news(live, catalogue("Two ${nonsense}.\n"))
    assert (told.last_good_stays, "last good" in told.sentence()) == (False, False)
    assert live.catalogue.find("chat/ours").template is None


def test_a_deleted_template_is_gone_also_when_it_was_broken(catalogue):
    live = LiveCatalogue()
    news(live, catalogue("One ${selection}.\n"))
    news(live, catalogue("Two ${nonsense}.\n"))
    news(live, catalogue(None))

    assert "chat/ours" not in {entry.full_name for entry in live.catalogue.entries}
