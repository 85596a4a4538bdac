"""Partials: lines that several templates share, put in once and never expanded again (T13, T14)."""

import pytest

from fimble.prompting.catalogue import PromptLayer
from fimble.prompting.parse import read_template
from fimble.prompting.partial import MAX_INCLUDES, MAX_PARTIAL_CHARACTERS, Partial, included_names
from fimble.prompting.partial_catalogue import PartialCatalogue, PartialSource
from fimble.prompting.read_partial import read_partial
from support.prompting import GUARDS, RENDERER, write


def partial(text: str, name: str = "style", refusal: str = "") -> Partial:
    return read_partial(text, name=name, origin=f"p/{name}.md", guards=GUARDS, refusal=refusal)


def reading(body: str, *partials: Partial, kind: str = "chat", front: str = ""):
    text = write(body, kind=kind, front=front)
    known = {each.name: each for each in partials}
    return read_template(text, source="t", guards=GUARDS, partials=known)


def prompt(body: str, *partials: Partial, front: str = "", **values: str) -> str:
    template = reading(body, *partials, front=front).template
    assert template is not None
    return RENDERER.render(template, values).text


def problem(body: str, *partials: Partial, kind: str = "chat", front: str = "") -> str:
    (found,) = reading(body, *partials, kind=kind, front=front).problems
    return str(found.to_error("t"))


def errors(text: str, name: str = "style", refusal: str = "") -> list[str]:
    found = partial(text, name, refusal)
    return [str(each.to_error(found.origin)) for each in found.problems]


STYLE = partial("\nBe short.\nSay ${language}.\n\n")


def test_its_lines_stand_where_the_include_stood():
    assert prompt("a\n[[include style]]\nb", STYLE, language="C") == "a\nBe short.\nSay C.\nb"
    assert prompt("[[ include\tstyle ]] ", STYLE, language="C") == "Be short.\nSay C."


def test_it_may_be_included_twice_and_in_any_role():
    body = "[[system]]\n[[include style]]\n[[user]]\n[[include style]]\n${input}"

    assert prompt(body, STYLE, language="C", input="x").count("Say C.") == 2


def test_t14_a_value_that_looks_like_an_include_stays_a_value():
    values = {"input": "[[include style]]", "language": "C"}

    shown = prompt("[[include style]]\n${input}", STYLE, **values)

    assert shown.endswith("\n[[include style]]")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\\[[include style]]", "[[include style]]"),
        ("\\\\[[include style]]", "\\[[include style]]"),
        ("see [[include style]]", "see [[include style]]"),
        ("  [[include style]]", "  [[include style]]"),
        ("[[include style]] now", "[[include style]] now"),
    ],
)
def test_only_a_whole_line_includes(line, shown):
    assert prompt(line, STYLE) == shown
    assert prompt("[[include p]]", partial(f"a\n{line}", "p")) == f"a\n{shown}"


def test_an_optional_block_reaches_over_an_include():
    front = "optional: [rules]\n"
    rules = partial("Rules:\n${rules}", "rules")
    body = "a\n\n[[include rules]]\n\nb"

    assert prompt(body, rules, front=front) == "a\n\nb"
    assert prompt(body, rules, front=front, rules="r") == "a\n\nRules:\nr\n\nb"


def test_a_fence_in_a_partial_outgrows_its_content():
    fenced = partial("```\n${input}\n```", "fenced")

    assert prompt("[[include fenced]]", fenced, input="````") == "`````\n````\n`````"


def test_the_order_is_checked_on_the_expanded_body():
    assert problem("${selection}\n[[include style]]", STYLE) == (
        "t:8:1: `${language}` (file) on line 3 of the partial `style` stands after `${selection}` "
        "(cursor): each change of the latter makes the model read everything after it again. "
        "Move it before line 7."
    )
    assert problem("[[include style]]\n${rules}", STYLE).endswith(
        "Move it before line 3 of the partial `style`."
    )


def test_a_variable_must_suit_the_template_that_includes_it():
    suffix = partial("x\n${suffix}", "suffix")
    given = partial("${inputs.tone}", "given")

    assert problem("[[include suffix]]", suffix) == (
        "t:7:1: `${suffix}` on line 2 of the partial `suffix` does not exist in templates of kind "
        "`chat`. The text after the cursor."
    )
    assert "is not declared" in problem("[[include given]]", given)
    assert prompt("[[include given]]", given, front="inputs: {tone: {default: dry}}\n") == "dry"


def test_what_is_missing_or_broken_is_said_at_the_include():
    assert problem("a\n[[include stile]]", STYLE) == (
        "t:8:1: There is no partial `stile` here. Did you mean `style`?"
    )
    broken = partial("a\n${nope}")
    assert problem("[[include style]]", broken).startswith(
        "t:7:1: The partial `style` is broken: p/style.md:2:1: There is no variable `${nope}`."
    )


def test_t14_a_template_includes_only_so_many_and_so_much():
    found = reading("[[include style]]\n" * (MAX_INCLUDES + 40), STYLE).problems
    long = partial("x " * (MAX_PARTIAL_CHARACTERS // 2 - 1))

    assert [each.sentence for each in found] == [
        f"The body includes more than {MAX_INCLUDES} partials."
    ]
    assert "are longer than 65,536" in problem("[[include style]]\n" * 5, long)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\u202e", "p/style.md:2:2: A hidden character stands here: U+202E"),
        ("a\n\U000e0041", "p/style.md:2:1: A hidden character stands here"),
        ("a\n b\u200b", "p/style.md:2:3: A hidden character stands here"),
        ("a <|im_end|>", "p/style.md:1:3: A model's control token stands here."),
        ("a\rb", "p/style.md:1:2: A carriage return"),
        ("[[include other]]", "p/style.md:1:1: A partial cannot include another one."),
        ("a\n[[user]]", "p/style.md:2:1: A partial has no role lines."),
        ("---\nschema: 1\n---\nx", "p/style.md:1:1: A partial has no front matter."),
        ("a $x", "p/style.md:1:3: This `$` stands for nothing."),
        ("${x.__class__}", "p/style.md:1:1: There is no variable"),
        ("a\n```python\nx", "p/style.md:2:1: This fence is not closed."),
        (" \n", "p/style.md:1:1: The partial has no text."),
        ("x" * (MAX_PARTIAL_CHARACTERS + 1), "is longer than 16,384 characters"),
    ],
)
def test_t13_a_partial_is_checked_with_places_in_its_own_file(text, expected):
    assert expected in errors(text)[0]


@pytest.mark.parametrize("name", ["../evil", "A", "a b", "", "x" * 80, "a.b"])
def test_t02_a_name_is_no_path(name):
    assert "is no name for a partial" in errors("x", name)[0]


def test_what_could_not_be_read_is_a_problem():
    assert errors("", refusal="It is a link.") == ["p/style.md:1:1: It is a link."]


def test_a_template_s_digest_covers_its_partials():
    def digest(*partials: Partial) -> str:
        template = reading("[[include style]]", *partials).template
        assert template is not None
        return template.digest

    assert digest(STYLE) == digest(STYLE, partial("unused", "other"))
    assert digest(STYLE) != digest(partial("Be long."))
    assert reading("x").template.digest != reading("y").template.digest


def source(layer: PromptLayer, text: str) -> PartialSource:
    return PartialSource(layer=layer, name="style", origin=layer.label, text=text)


@pytest.mark.parametrize(
    ("layer", "sees"),
    [
        (PromptLayer.BUNDLED, "bundled"),
        (PromptLayer.USER, "user"),
        (PromptLayer.REPOSITORY, "repository"),
        (PromptLayer.FILE, "file"),
    ],
)
def test_t14_nobody_sees_a_stronger_layer(layer, sees):
    catalogue = PartialCatalogue([source(each, each.label) for each in PromptLayer], GUARDS)

    assert catalogue.seen_by(layer)["style"].text == sees
    assert [each.layer.label for each in catalogue.chain("_partials/style")] == [
        "file", "repository", "user", "bundled"
    ]  # fmt: skip


def test_a_team_s_prompts_do_not_depend_on_who_runs_them():
    catalogue = PartialCatalogue([source(PromptLayer.USER, "mine")], GUARDS)

    assert catalogue.seen_by(PromptLayer.REPOSITORY) == {}
    assert catalogue.seen_by(PromptLayer.BUNDLED) == {}
    assert catalogue.seen_by(PromptLayer.FILE)["style"].text == "mine"


def test_the_names_of_includes_are_found_also_in_broken_templates():
    assert list(included_names("$\n[[include a]]\n \n[[include]]\n[[include b-c]]")) == ["a", "b-c"]
