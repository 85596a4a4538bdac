"""What a workspace offers, and what its user has to look at."""

import pytest

from fimble.trust.granted import trust_of
from fimble.trust.inventory import offers
from fimble.trust.pins import WorkspaceTrust
from fimble.trust.review import OfferKind, ReviewState
from fimble.trust.store import TrustStore
from fimble.trust.workspace import approve, review_of, trust_state

TEMPLATE = ".fimble/prompts/chat/ours.prompt.md"
LAYOUT = ".fimble/prompts/complete/spm.prompt.md"
LAYOUT_TEXT = """\
---
schema: 1
name: spm
description: Ours.
kind: complete
---
${fim_suffix}${suffix}${fim_prefix}${prefix}${fim_middle}
"""


@pytest.fixture
def team(put):
    put(TEMPLATE)
    put(LAYOUT, LAYOUT_TEXT)
    put(".fimble/prompts/_partials/tone.md", "Be brief.\n")
    put("AGENTS.md", "Root.\n")
    put("src/deep/AGENTS.md", "Near.\n")
    put(".fimble/config.toml", '[completion]\nlayout = "psm"\nmax_line_tokens = 5\n')


@pytest.mark.usefixtures("team")
def test_everything_that_would_take_part_is_listed(workspace):
    assert [(each.kind, each.path, each.refusal) for each in offers(workspace)] == [
        (OfferKind.TEMPLATE, TEMPLATE, ""),
        (OfferKind.LAYOUT, LAYOUT, ""),
        (OfferKind.PARTIAL, ".fimble/prompts/_partials/tone.md", ""),
        (OfferKind.RULES, "AGENTS.md", ""),
        (OfferKind.RULES, "src/deep/AGENTS.md", ""),
        (OfferKind.SETTING, ".fimble/config.toml#completion.layout", ""),
    ]
    assert "src/deep/AGENTS.md" not in [each.path for each in offers(workspace, quick=True)]


@pytest.mark.usefixtures("team")
def test_t05_a_pull_asks_again_for_what_it_changed_and_nothing_else(workspace, store, put):
    approve(workspace, review_of(workspace, store), store)
    assert trust_state(workspace, store).waiting == 0

    before = (workspace / TEMPLATE).read_text()
    put(TEMPLATE, before + "Obey.\n")
    put(".fimble/config.toml", '[completion]\nignore = ["x"]\nlayout = "psm"\n')

    waiting = review_of(workspace, store).waiting
    assert [(each.offer.path, each.state) for each in waiting] == [(TEMPLATE, ReviewState.CHANGED)]
    assert "+Obey." in list(waiting[0].diff())
    trust = trust_of(workspace, store)
    assert trust.allows(TEMPLATE, before + "Obey.\n") == before


@pytest.mark.usefixtures("team")
def test_t05_what_is_swapped_after_it_was_shown_is_not_pinned(workspace, store, put):
    shown = review_of(workspace, store)
    put("AGENTS.md", "Swapped.\n")
    approve(workspace, shown, store)

    trust = trust_of(workspace, store)
    assert trust.allows("AGENTS.md", "Swapped.\n") == "Root.\n"


def test_t02_links_are_refused_wherever_they_are(workspace, put, tmp_path):
    (tmp_path / "secret").write_text("k")
    put(TEMPLATE).unlink()
    (workspace / TEMPLATE).symlink_to(tmp_path / "secret")
    (workspace / "AGENTS.md").symlink_to(tmp_path / "secret")
    put(".fimble/prompts/_partials/a.md").unlink()
    (workspace / ".fimble/prompts/_partials/a.md").symlink_to(tmp_path / "secret")
    (tmp_path / "settings").write_text('[completion]\nlayout = "psm"\n')
    (workspace / ".fimble/config.toml").symlink_to(tmp_path / "settings")

    refused = {each.path: each.refusal for each in offers(workspace)}

    assert list(refused) == [TEMPLATE, ".fimble/prompts/_partials/a.md", "AGENTS.md"]
    assert all("symbolic link" in refusal for refusal in refused.values())


def test_t13_a_text_with_hidden_characters_cannot_be_enabled(workspace, store, put):
    put("AGENTS.md", "Fine.\nNot \u202efine.\n")
    (workspace / TEMPLATE).parent.mkdir(parents=True)
    (workspace / TEMPLATE).write_text(put("x/chat/t.prompt.md").read_text() + "\u200b")

    approve(workspace, review_of(workspace, store), store)

    by_path = {each.offer.path: each for each in review_of(workspace, store).offers}
    assert {each.state for each in by_path.values()} == {ReviewState.REFUSED}
    assert by_path["AGENTS.md"].offer.refusal == (
        "A hidden character stands in line 2, column 5: U+202E (bidirectional control)."
    )
    assert not trust_of(workspace, store).allows("AGENTS.md", "Fine.\nNot \u202efine.\n")


def test_a_broken_template_is_listed_with_what_is_wrong(workspace, put):
    put(TEMPLATE, "See ${nonsense}.\n")

    (found,) = offers(workspace)
    assert found.note.startswith("It is broken: There is no variable `${nonsense}`.")


@pytest.mark.parametrize("kind", ["oversized", "not UTF-8"])
def test_f18_what_cannot_be_read_is_refused_with_its_reason(workspace, put, kind):
    path = put("AGENTS.md")
    path.write_bytes(b"x" * 70_000 if kind == "oversized" else b"\xff\xfe")

    (found,) = offers(workspace)
    assert ("larger than 64 KiB" if kind == "oversized" else "not UTF-8") in found.refusal


def test_the_user_is_told_what_waits_but_not_of_rules_in_a_repository_never_reviewed(
    workspace, store, put
):
    put("AGENTS.md", "Root.\n")
    assert trust_state(workspace, store).sentence() == ""
    put(TEMPLATE)
    assert trust_state(workspace, store).sentence() == (
        "1 prompt file or setting of this workspace waits for your review: run `fimble trust`."
    )
    approve(workspace, review_of(workspace, store), store)
    put("AGENTS.md", "Other.\n")
    put(".fimble/prompts/chat/more.prompt.md")
    assert trust_state(workspace, store).sentence().startswith("2 prompt files and settings")


def test_t05_without_a_usable_record_nothing_is_trusted_and_the_state_says_why(workspace, put):
    put(TEMPLATE)
    inside = TrustStore(workspace / "state")

    state = trust_state(workspace, inside)

    assert state.trust == WorkspaceTrust()
    assert "lies inside the workspace" in state.sentence()
