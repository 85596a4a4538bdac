"""The published schema of files of tests says what the decoder does."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from fimble.errors import TemplateError
from fimble.prompt_files.layers import bundled_folder
from fimble.prompting.cases import answer_form, case_file
from fimble.prompting.cases.case_file import read_case_file
from fimble.prompting.cases.json_schema import case_file_schema

PUBLISHED = Path(__file__).parents[4] / "docs" / "prompt-tests.schema.json"
SCHEMA = case_file_schema()
CASE = SCHEMA["properties"]["cases"]["items"]
VALID = jsonschema.Draft202012Validator(SCHEMA)


def test_the_published_schema_is_the_one_in_force():
    """Renew it with `fimble prompts check --schema tests > docs/prompt-tests.schema.json`."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == SCHEMA
    VALID.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("decoded", "described"),
    [
        (case_file._FILE_KEYS, SCHEMA["properties"]),
        (case_file._CASE_KEYS, CASE["properties"]),
        (case_file._DECODERS, CASE["properties"]["assert"]["items"]["properties"]),
        (answer_form._DECODERS, CASE["properties"]["answer"]["items"]["properties"]),
    ],
)
def test_every_key_is_in_both(decoded, described):
    assert {str(key) for key in decoded} == set(described)


def test_the_bundled_tests_fit():
    for test in sorted((bundled_folder().path / "tests").glob("*.yaml")):
        problems = VALID.iter_errors(yaml.safe_load(test.read_text(encoding="utf-8")))

        assert [(test.name, each.json_path, each.message) for each in problems] == []


@pytest.mark.parametrize(
    "case",
    [
        {"name": "x"},
        {"name": "x", "assert": []},
        {"name": "x", "answer": [{"latency": 0}]},
        {"name": "x", "answer": [{"parses": "python", "contains": "x"}]},
        {"name": "x", "assert": [{"tokens-max": "many"}]},
        {"name": "x", "assert": [{"roles": ["robot"]}]},
        {"name": "x", "asserts": [{"contains": "x"}]},
    ],
)
def test_what_the_decoder_refuses_the_schema_refuses(case):
    data = {"prompt": "chat/a", "cases": [case]}

    assert not VALID.is_valid(data)
    with pytest.raises(TemplateError):
        read_case_file(json.dumps(data), source="t")
