"""Fingerprints are stable over versions of Fimble, and differ where a model sees a difference."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from fimble.prompting.fingerprint import fingerprint, prompt_fingerprint
from fimble.prompting.parse import parse_template
from fimble.prompting.render import Renderer
from fimble.prompting.template import Role
from support.prompting import GUARDS, write

MESSAGES = st.lists(st.tuples(st.sampled_from(Role), st.text(max_size=20)), max_size=4)
RENDERER = Renderer(neutralise=str, count_tokens=len)


def parsed(text):
    return parse_template(text, source="a", guards=GUARDS)


def of(template, selection):
    return fingerprint(template, RENDERER.render(template, {"selection": selection}))


def test_the_format_is_written_down_and_does_not_change():
    named = prompt_fingerprint([(Role.SYSTEM, "Sei nett."), (Role.USER, "größer\n")])

    content = b"fimble prompt 1\0" + b"system\0" + b"9\0Sei nett." + "user\x009\0größer\n".encode()
    assert named == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert named == "sha256:a8c07fb9da9cf7e49932e1654938f259a966a5a815abb80f2033ba2c7dfc33d5"


@given(MESSAGES, MESSAGES)
def test_two_prompts_are_named_alike_only_if_they_are_alike(one, other):
    assert (prompt_fingerprint(one) == prompt_fingerprint(other)) == (one == other)


def test_line_ends_and_a_byte_order_mark_of_the_file_make_no_difference():
    text = write("See ${selection}.\n")
    windows = "\ufeff" + text.replace("\n", "\r\n")

    assert of(parsed(text), "x") == of(parsed(windows), "x")


def test_template_and_prompt_are_told_apart():
    text = write("See ${selection}.\n")
    reworded = parsed(text.replace("name: example", "name: other"))

    assert of(parsed(text), "x").template != of(reworded, "x").template
    assert of(parsed(text), "x").prompt == of(reworded, "x").prompt
    assert of(parsed(text), "x").prompt != of(parsed(text), "y").prompt
    assert of(parsed(text), "x").as_json().keys() == {"template", "prompt"}
