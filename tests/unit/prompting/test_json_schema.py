"""The published schema says what the decoder does."""

import json
from pathlib import Path

import pytest

from fimble.prompting import front_matter
from fimble.prompting.json_schema import front_matter_schema
from support.prompting import problems, write

PUBLISHED = Path(__file__).parents[3] / "docs" / "prompts.schema.json"
SCHEMA = front_matter_schema()
PROPERTIES = SCHEMA["properties"]


def test_the_published_schema_is_the_one_in_force():
    """Renew it with `fimble prompts check --schema > docs/prompts.schema.json`."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == SCHEMA


@pytest.mark.parametrize(
    ("decoded", "described"),
    [
        (front_matter._KEYS, PROPERTIES),
        (front_matter._INPUT_KEYS, PROPERTIES["inputs"]["additionalProperties"]["properties"]),
        (front_matter._CONTEXT_KEYS, PROPERTIES["context"]["items"]["properties"]),
        (front_matter._SAMPLING_KEYS, PROPERTIES["sampling"]["properties"]),
    ],
)
def test_every_key_is_in_both(decoded, described):
    assert decoded.keys() == described.keys()


def test_the_schema_is_closed_and_requires_what_the_decoder_requires():
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["required"] == list(front_matter.REQUIRED)
    for name in ("budget", "sampling", "output"):
        assert PROPERTIES[name]["additionalProperties"] is False


@pytest.mark.parametrize("key", ["think", "kind"])
def test_words_of_the_schema_are_words_of_the_decoder(key):
    def complaint(word: str) -> bool:
        text = write("Say it.").replace("kind: chat\n", f"kind: chat\n{key}: {word}\n")
        if key == "kind":
            text = write("Say it.").replace("kind: chat", f"kind: {word}")
        return any("is not allowed here" in each for each in problems(text))

    assert not any(complaint(word) for word in PROPERTIES[key]["enum"])
    assert complaint("perhaps")


@pytest.mark.parametrize(
    ("front", "limit"),
    [
        ("budget: {{prompt: {}}}", PROPERTIES["budget"]["properties"]["prompt"]["maximum"]),
        ("sampling: {{temperature: {}}}", 2),
        ("sampling: {{top_p: {}}}", 1),
    ],
)
def test_limits_of_the_schema_are_limits_of_the_decoder(front, limit):
    assert problems(write("Say it.", front=front.format(limit) + "\n")) == []
    assert problems(write("Say it.", front=front.format(limit + 1) + "\n"))
