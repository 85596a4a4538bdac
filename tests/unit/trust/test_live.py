"""Prompts and trust follow what happens on the disk, together."""

import asyncio
from contextlib import aclosing

import pytest

from fimble.trust.live import LivePrompts
from fimble.trust.workspace import approve, review_of

TEMPLATE = ".fimble/prompts/chat/ours.prompt.md"


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


def names(state):
    return {entry.full_name for entry in state.catalogue.entries}


@pytest.fixture
def live(workspace, store):
    return LivePrompts(workspace, store=store, period_s=0.05)


async def until(states, condition):
    """Return the first state that fulfils a condition."""
    async with asyncio.timeout(30):
        async for state in states:
            if condition(state):
                return state
    raise AssertionError


async def test_t05_a_review_in_a_terminal_counts_in_a_running_program(live, workspace, store, put):
    put(TEMPLATE)
    async with aclosing(live.follow()) as states:
        first = await anext(states)
        assert "chat/ours" not in names(first)
        assert first.trust.waiting == 1

        approve(workspace, review_of(workspace, store), store)
        trusted = await until(states, lambda state: "chat/ours" in names(state))
        assert trusted.trust.waiting == 0

        put(TEMPLATE, "Changed ${selection}.\n")
        changed = await until(states, lambda state: state.trust.waiting)
        former = changed.catalogue.find("chat/ours").source
        assert former.is_former
        assert "Changed" not in former.text

        store.forget(workspace)
        await until(states, lambda state: not state.trust.trust.granted)


async def test_f24_a_broken_version_that_was_reviewed_keeps_the_last_good_one(
    live, workspace, store, put
):
    put(TEMPLATE, "Good ${selection}.\n")
    approve(workspace, review_of(workspace, store), store)
    good = await live.read()
    put(TEMPLATE, "Bad ${nonsense}.\n")
    approve(workspace, review_of(workspace, store), store)
    bad = await live.read()

    assert good.broken == ()
    assert "There is no variable `${nonsense}`" in bad.broken[0].sentence()
    assert "Good" in bad.catalogue.find("chat/ours").source.text
    assert [each.is_news for each in (await live.read()).broken] == [False]


async def test_a_template_is_checked_again_when_it_or_a_partial_in_it_changes(
    live, workspace, store, put
):
    put(TEMPLATE, "[[include tone]]\nSee ${selection}.\n")
    put(".fimble/prompts/chat/other.prompt.md")
    partial = put(".fimble/prompts/_partials/tone.md", "Be brief.\n")
    approve(workspace, review_of(workspace, store), store)
    before = (await live.read()).catalogue
    again = (await live.read()).catalogue
    assert again.find("chat/ours") is before.find("chat/ours")

    partial.write_text("Be long.\n")
    approve(workspace, review_of(workspace, store), store)
    after = (await live.read()).catalogue

    assert after.find("chat/other") is before.find("chat/other")
    digests = [each.find("chat/ours").require().digest for each in (before, after)]
    assert digests[0] != digests[1]


async def test_the_users_own_prompts_need_no_workspace_and_no_trust(tmp_path, store, put):
    live = LivePrompts(None, store=store, period_s=0.05)
    folder = tmp_path / "home" / "fimble" / "prompts" / "chat"
    async with aclosing(live.follow()) as states:
        arrival = asyncio.create_task(until(states, lambda state: "chat/mine" in names(state)))
        source = put("x/chat/mine.prompt.md")
        folder.mkdir(parents=True)
        source.rename(folder / source.name)
        await arrival


def test_an_empty_workspace_has_nothing_to_watch(live):
    assert [each for each in live.folders() if each.path.is_dir()] == []


def test_t02_a_linked_folder_is_not_watched(live, workspace, tmp_path, put):
    put("../elsewhere/prompts/chat/a.md")
    (workspace / ".fimble").symlink_to(tmp_path / "elsewhere")

    assert [each for each in live.folders() if each.path.is_dir()] == []
