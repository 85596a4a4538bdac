"""The built-in templates: all are good, and what they tell the model is pinned as text.

The golden files are the prompts as a reviewer reads them; after a wanted change run the tests
with `FIMBLE_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fimble.completion.layout import Layout
from fimble.engine.profile_table import PROFILES
from fimble.engine.profiles import ModelProfile
from fimble.prompting.parse import check_template, parse_template
from fimble.prompting.snippets import Snippet, fenced, separated
from fimble.prompting.template import Template
from fimble.prompting.variables import VARIABLES, Kind
from fimble_prompts import bundled_names, read_bundled
from support.prompting import BUNDLED_PARTIALS, GUARDS, QWEN, RENDERER

GOLDEN = Path(__file__).parent / "golden"
EVERY = [(kind.value, name) for kind in Kind for name in bundled_names(kind.value)]
LAYOUTS = bundled_names("complete")
SNIPPETS = [
    Snippet(path="shop/item.py", text="class Item:\n    price: int\n", language="python"),
    Snippet(path="README.md", text="```\nmake check\n```\n", language="markdown"),
]
HOLE = QWEN | {
    "repository": "shop",
    "rules": "Use type hints.",
    "path": "shop/cart.py",
    "language": "python",
    "prefix": "from shop.item import Item\n\n\ndef total(items: list[Item]) -> int:\n    retu",
    "suffix": "\n\n\ndef main() -> None:\n    print(total([]))\n",
}


def load(kind: str, name: str) -> Template:
    text, source = read_bundled(kind, name), f"bundled:{kind}/{name}"
    return parse_template(text, source=source, guards=GUARDS, partials=BUNDLED_PARTIALS)


def context_for(name: str):
    if name.startswith("prefill"):
        return fenced(SNIPPETS)
    return separated(SNIPPETS, QWEN["file_separator"])


def check_golden(relative: str, text: str) -> None:
    """Compare with the golden file as bytes, or rewrite it when asked to."""
    path = GOLDEN / relative
    if os.environ.get("FIMBLE_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    assert path.read_bytes().decode() == text


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_bundled_template_is_good(kind: str, name: str):
    template = load(kind, name)

    assert (template.front.kind.value, template.front.name) == (kind, name)
    text = read_bundled(kind, name)
    found = check_template(text, source=name, guards=GUARDS, partials=BUNDLED_PARTIALS)
    assert found == ()


def test_there_is_a_layout_for_every_member_of_the_enum():
    assert set(LAYOUTS) == {layout.value + part for layout in Layout for part in ("", "-next")}


def test_only_the_layout_whose_suffix_comes_last_says_so():
    for name in LAYOUTS:
        assert load("complete", name).front.live_suffix is name.startswith("psm")


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_with_everything(name: str):
    rendered = RENDERER.render(load("complete", name), HOLE | {"context": context_for(name)})

    check_golden(f"complete/{name}.txt", rendered.text)


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_with_the_bare_minimum(name: str):
    bare = {key: value for key, value in HOLE.items() if key not in {"repository", "rules"}}

    check_golden(f"complete/{name}.bare.txt", RENDERER.render(load("complete", name), bare).text)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_key_changes_nothing_before_the_growing_text(name: str):
    template = load("complete", name)
    hole = HOLE | {"context": context_for(name)}

    before = RENDERER.render(template, hole).split("prefix")
    after = RENDERER.render(template, hole | {"prefix": HOLE["prefix"] + "rn ```"}).split("prefix")

    assert (before.head, before.closing) == (after.head, after.closing)
    assert after.value.startswith(before.value)


@pytest.mark.parametrize("name", [layout.value for layout in Layout])
def test_more_context_only_appends_to_the_context(name: str):
    template = load("complete", name)
    form = fenced if name == "prefill" else lambda given: separated(given, "<|file_sep|>")

    one = RENDERER.render(template, HOLE | {"context": form(SNIPPETS[:1])})
    two = RENDERER.render(template, HOLE | {"context": form(SNIPPETS)})

    kept = one.split("context")
    assert two.text.startswith(kept.head + kept.value)


@pytest.mark.parametrize("profile", PROFILES, ids=[profile.family for profile in PROFILES])
def test_layouts_agree_with_each_family_s_own_form(profile: ModelProfile):
    """Without path and context, the layouts are the families' forms to the byte."""
    texts = {"prefix": "P", "suffix": "S", "path": "p"}
    if profile.psm:
        assert _filled(
            "psm", _fim(profile.psm.opening, profile.psm.between, profile.psm.closing) | texts
        ) == profile.psm.render("P", "S")
    if profile.spm:
        assert _filled(
            "spm", _fim(profile.spm.between, profile.spm.opening, profile.spm.closing) | texts
        ) == profile.spm.render("S", "P")


def _fim(prefix: str, suffix: str, middle: str) -> dict[str, str]:
    return {"fim_prefix": prefix, "fim_suffix": suffix, "fim_middle": middle, "file_separator": ""}


def _filled(name: str, values: dict[str, str]) -> str:
    return RENDERER.render(load("complete", name), values).text


def test_the_prefill_layout_is_a_chat_turn_left_open():
    """The form of `ollama/ollama:model/renderers`, `qwen3.5`, with thinking off."""
    text = RENDERER.render(load("complete", "prefill"), HOLE).text

    assert text.startswith("<|im_start|>system\nYou complete code.")
    assert text.count("<|im_end|>\n<|im_start|>") == 2
    opening = "<|im_start|>assistant\n<think>\n\n</think>\n\n````python\n"
    assert text.endswith(opening + HOLE["prefix"])


def test_the_prefill_fence_does_not_depend_on_what_is_typed():
    """A longer fence around the growing text would change the head while one types."""
    hole = HOLE | {"prefix": '"""\n`````\n', "suffix": "``````"}

    rendered = RENDERER.render(load("complete", "prefill"), hole)

    assert rendered.split("prefix").head.endswith("\n````python\n")
    assert "\n```````python\n``````\n```````<|im_end|>\n" in rendered.text


def test_unknown_names_and_kinds_are_refused():
    assert bundled_names("nope") == ()
    assert bundled_names("../fimble_prompts/templates/complete") == ()
    for kind, name in (("complete", "nope"), ("nope", "psm"), ("complete", "../complete/psm")):
        with pytest.raises(KeyError):
            read_bundled(kind, name)


def test_every_variable_has_a_summary_and_a_kind():
    assert all(variable.summary.endswith(".") and variable.kinds for variable in VARIABLES.values())


def test_every_bundled_partial_is_good_and_some_template_needs_it():
    needed = {origin for kind, name in EVERY for origin in load(kind, name).partials}

    assert {partial.origin for partial in BUNDLED_PARTIALS.values()} == needed
    assert [each.problems for each in BUNDLED_PARTIALS.values() if each.problems] == []
