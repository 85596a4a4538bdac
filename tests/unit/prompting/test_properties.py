"""What holds for every template and every value (threat T14), tried with hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fimble.errors import TemplateError
from fimble.policy.control_tokens import neutralise
from fimble.prompting.parse import read_template
from fimble.prompting.read_partial import read_partial
from fimble.prompting.rendered import Rendered
from fimble.prompting.variables import VARIABLES, Kind, Nature
from support.prompting import GUARDS, QWEN, RENDERER, parse, problems, write

HOSTILE = st.sampled_from(
    [
        "${file}",
        "${inputs.x}",
        "$",
        "$$",
        "${",
        "}",
        "{0}",
        "%s",
        "[[user]]",
        "[[system]]\n",
        "---\n",
        "<|im_end|>",
        "<|im_",
        "end|>",
        "<|",
        "|>",
        "<",
        "|",
        "<think>",
        "[INST]",
        "[IN",
        "ST]",
        "<s>",
        "<｜fim▁hole｜>",
        "```",
        "``",
        "`",
        "````\n",
        "~~~",
        "\n",
        "\r\n",
        "\ufeff",
        "\u202e",
        "\ud800",
        "\0",
        " ",
    ]
)
VALUES = st.lists(HOSTILE | st.text(max_size=4), max_size=8).map("".join)
NAMES = sorted(name for name, each in VARIABLES.items() if Kind.CHAT in each.kinds)
WORDS = st.sampled_from(
    [
        *(f"${{{name}}}" for name in NAMES),
        "${nope}",
        "$$",
        "$",
        "text ",
        "\n",
        "\n\n",
        "```\n",
        "~~~~\n",
        "[[user]]\n",
        "[[system]]\n",
        "[[x]]\n",
        "\\[[",
        "<",
        "|",
        "<|",
        "im_end|>",
        "[",
        "INST]",
    ]
)
BODIES = st.lists(WORDS, max_size=14).map("".join)
ORDERED = st.lists(st.sampled_from(NAMES), max_size=6).map(
    lambda names: sorted(names, key=lambda name: VARIABLES[name].volatility)
)
JOINTS = st.sampled_from(["", "\n", " ", "<|", "|>", "\n```\n", "\n\n", "<", "`"])


@given(st.text() | st.lists(WORDS | HOSTILE, max_size=20).map("".join))
def test_reading_never_raises(text: str):
    for whole in (text, write(text), write("x", front=text), write(text, kind="complete")):
        reading = read_template(whole, source="t", guards=GUARDS)

        assert (reading.template is None) == bool(reading.problems)


YAML = st.sampled_from(
    [
        "schema: ",
        "name: ",
        "inputs: ",
        "context: ",
        "optional: ",
        "sampling: ",
        "output: ",
        "1",
        "a",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "&a ",
        "*a",
        "!t ",
        "'",
        '"',
        "|\n",
        "? ",
        "#",
        "%",
        "é",
        "...\n",
        "null",
        "1e999",
        "<<: ",
    ]
)


@given(st.lists(YAML, max_size=25).map("".join))
@settings(max_examples=300)
def test_front_matter_never_raises(text: str):
    problems(f"---\n{text}\n---\nx")
    problems(write("x", front=text))


@given(BODIES, st.dictionaries(st.sampled_from(NAMES), VALUES))
@settings(max_examples=300)
def test_rendering_raises_only_our_own_errors(body: str, values: dict[str, Any]):
    reading = read_template(write(body), source="t", guards=GUARDS)
    if reading.template is None:
        return
    try:
        result = RENDERER.render(reading.template, values)
    except TemplateError:
        return

    _assert_neutral(result)


@given(st.text() | BODIES, st.lists(WORDS | st.just("[[include p]]\n"), max_size=12), VALUES)
@settings(max_examples=300)
def test_partials_raise_only_our_own_errors_and_are_never_expanded_again(
    text: str, words: list[str], value: str
):
    partial = read_partial(text, name="p", origin="p", guards=GUARDS)
    body = "".join(words)
    reading = read_template(
        write(f"[[include p]]\n{body}"), source="t", guards=GUARDS, partials={"p": partial}
    )
    if reading.template is None:
        return
    values = dict.fromkeys(NAMES, f"{value}\n[[include p]]\n${{file}}")
    result = RENDERER.render(reading.template, values)

    _assert_neutral(result)
    shown = [each.text for each in result.segments if each.variable == "selection"]
    assert all("[[include p]]" in each for each in shown)


@given(ORDERED, st.lists(JOINTS, min_size=7, max_size=7), st.lists(VALUES, min_size=6, max_size=6))
@settings(max_examples=400)
def test_no_control_token_comes_to_be(names: list[str], joints: list[str], texts: list[str]):
    """Neither in a value nor across the seams between values and words."""
    body = joints[0] + "".join(f"${{{n}}}{j}" for n, j in zip(names, joints[1:], strict=False))
    reading = read_template(write("a" + body), source="t", guards=GUARDS)
    if reading.template is None:
        return
    # A value takes as many of the drawn texts as there are; repeated names share the first.
    values = dict(zip(names, texts, strict=False))

    _assert_neutral(RENDERER.render(reading.template, values))


@given(VALUES, VALUES)
def test_a_value_is_never_expanded(text: str, other: str):
    """What comes out for a value is the value with its control tokens broken, and no more."""
    template = parse("a ${file}\n${input} b")

    result = RENDERER.render(template, {"file": text, "input": other})

    assert result.text == f"a {neutralise(text)}\n{neutralise(other)} b"


COMPLETE = """${repo_name}${repository}
${context}
${file_separator}${path}
${fim_suffix}${suffix}${fim_prefix}${prefix}${fim_middle}"""


@given(st.lists(VALUES, min_size=5, max_size=5), st.booleans())
def test_a_completion_prompt_holds_the_profile_s_control_strings_only(
    texts: list[str], known: bool
):
    control = QWEN if known else dict.fromkeys(QWEN, "")
    names = ("repository", "context", "path", "suffix", "prefix")
    values = control | dict(zip(names, texts, strict=True))

    result = RENDERER.render(parse(COMPLETE, kind="complete"), values)

    _assert_neutral(result)
    assert result.split("prefix").closing == control["fim_middle"]


@given(VALUES, st.text("abc (\n", max_size=12))
def test_a_prompt_grows_at_its_end_only(head: str, typed: str):
    """The head is the same for every key, and so is the beginning of the growing text."""
    template = parse(COMPLETE, kind="complete")
    values = QWEN | {"repository": "r", "context": "c", "path": "p", "suffix": head}

    before = RENDERER.render(template, values | {"prefix": "def f"}).split("prefix")
    after = RENDERER.render(template, values | {"prefix": "def f" + typed}).split("prefix")

    assert after.head == before.head
    assert after.value == before.value + typed


@given(VALUES)
def test_a_fence_is_never_closed_from_inside(text: str):
    lines = RENDERER.render(parse("```x\n${file}\n```"), {"file": text}).text.split("\n")

    fence = lines[-1]

    assert lines[0] == f"{fence}x"
    assert set(fence) == {"`"}
    assert all(fence not in line for line in lines[1:-1])


def _assert_neutral(result: Rendered) -> None:
    """No token within any stretch of text between control strings."""
    for message in result.messages:
        stretch = ""
        for text, _, name in [*message.segments, ("", 0, "end")]:
            control = name == "end" or (name and VARIABLES[name].nature is Nature.CONTROL)
            if control and (text or name == "end"):
                assert neutralise(stretch) == stretch
                stretch = ""
            else:
                stretch += text
