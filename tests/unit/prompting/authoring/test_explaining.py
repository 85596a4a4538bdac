"""Hovers and previews say what is known, and foreign text stays text."""

from __future__ import annotations

from fimble.prompting.authoring.explaining import LiveValue, Preview, excerpt, hover_text
from fimble.prompting.authoring.hovering import Hovered, hovered_at
from fimble.prompting.authoring.layout import Layout
from fimble.prompting.authoring.stand_ins import with_stand_ins
from fimble.text.snapshot import Snapshot
from support.prompting import RENDERER, parse, write

LINK = "[x](command:run) ![i](http://h) `c` <b> # h"


def hovered(marked: str) -> Hovered | None:
    before, _, after = marked.partition("‸")
    layout = Layout.of(Snapshot.from_text(before + after))
    assert layout is not None
    return hovered_at(layout, Snapshot.from_text(before).end)


def live(text: str) -> LiveValue:
    return LiveValue(text=text, tokens=3, counted="estimated", place="src/a.py:1:2")


def test_a_variable_is_explained_with_its_volatility() -> None:
    about = hovered(write("x ${sel‸ection}"))

    assert about is not None
    assert (about.title, about.variable) == ("${selection}", "selection")
    assert about.facts == "cursor, for chat, edit, commit"
    assert about.meaning == "The selected text."


def test_keys_and_names_in_the_front_matter_are_explained() -> None:
    titles = [
        about.title if (about := hovered(text)) else None
        for text in (
            "---\nbud‸get: {prompt: 1}\n---\n",
            "---\nbudget: {pro‸mpt: 1}\n---\n",
            "---\ncontext: [{variable: ru‸les}]\n---\n",
            "---\noptional: [diff, ru‸les]\n---\n",
            "---\noptional:\n  - ru‸les\n---\n",
            "---\ninputs: {de‸pth: {}}\n---\n",
            "---\nnothing‸: 1\n---\n",
            "---\ndescription: ru‸les\n---\n",
            "‸text",
            write("[[include ca‸re]]"),
        )
    ]

    assert titles == [
        "budget",
        "budget.prompt",
        "${rules}",
        "${rules}",
        "${rules}",
        "${inputs.depth}",
        None,
        None,
        None,
        "[[include care]]",
    ]


def test_an_input_is_explained_in_its_authors_words_which_cannot_become_markup() -> None:
    about = hovered(write("${inputs.a‸}", front=f'inputs: {{a: {{hint: "{LINK}"}}}}\n'))
    assert about is not None
    text = hover_text(about, None, missing="No value.", markdown=True)

    assert "\\[x\\]\\(command\\:run\\)" in text
    assert "](" not in text
    assert "<b" not in text.replace("\\<b", "")


def test_a_value_stands_in_a_fence_that_outgrows_it() -> None:
    about = hovered(write("${diff‸}"))
    assert about is not None
    text = hover_text(about, live(f"````\n{LINK}\n"), missing="", markdown=True)

    assert text.endswith(f"`````text\n````\n{LINK}\n`````")
    assert "3 tokens \\(estimated\\)\\, from src\\/a\\.py\\:1\\:2\\:" in text


def test_plain_text_hovers_have_no_markup() -> None:
    about = hovered(write("${diff‸}"))
    assert about is not None

    assert hover_text(about, live("a"), missing="", markdown=False) == (
        "${diff} · cursor, for chat, edit, commit\n\nA change as a unified diff.\n\n"
        "3 tokens (estimated), from src/a.py:1:2:\n\na"
    )


def test_long_values_are_cut_to_some_lines() -> None:
    shown = excerpt("\n".join("x" * 500 for _ in range(40))).splitlines()

    assert len(shown) == 13
    assert max(map(len, shown)) == 162
    assert shown[-1] == "… 28 more lines"
    assert excerpt("") == "(empty)"


def test_a_preview_says_what_the_prompt_costs_and_lacks() -> None:
    front = (
        "optional: [rules]\ncontext: [{variable: selection, max_tokens: 2, on_overflow: head}]\n"
    )
    template = parse("[[system]]\n${rules}\n\n[[user]]\nSee ${selection} in ${diff}", front=front)
    values, stand_ins = with_stand_ins(template, {"selection": "a b c d"})
    preview = Preview(
        template=template,
        rendered=RENDERER.render(template, values),
        place="src/a.py:1:2",
        counted="counted in words",
        stand_ins=stand_ins,
    )

    assert preview.text(RENDERER.count_tokens) == (
        "chat/example at src/a.py:1:2: 5 tokens (counted in words)\n"
        "`selection` was cut to 2 tokens: all of it would be 4\n"
        "`rules` is not in the prompt: it is empty here\n"
        "by name only, for they have no value here: `diff`\n"
        "\n[[user]] 5 tokens: the template's own words 2, selection 2, diff 1\n\n"
        "See a b  in ⟨diff⟩\n"
    )


def test_stand_ins_for_inputs_are_values_that_the_template_allows() -> None:
    front = "inputs: {a: {enum: [x, y]}, b: {type: integer}, c: {}, d: {default: z}}\n"
    template = parse("${inputs.a}${inputs.b}${inputs.c}${inputs.d}", front=front)
    values, names = with_stand_ins(template, {})

    assert names == ("inputs.a", "inputs.b", "inputs.c")
    assert RENDERER.render(template, values).text == "x1⟨c⟩z"
