"""The published schema says what the code enforces."""

from fimble.config.json_schema import configuration_schema
from fimble.config.keys import setting_keys


def test_every_setting_has_a_description_and_its_default_in_the_schema():
    definitions = {name.casefold(): one for name, one in configuration_schema()["$defs"].items()}
    for name, key in setting_keys().items():
        section, _, field = name.partition(".")
        published = definitions[f"{section}settings"]["properties"][field]

        assert published["description"].endswith("."), name
        default = published["default"]
        assert (tuple(default) if isinstance(default, list) else default) == key.default


def test_unknown_settings_are_refused_by_the_schema_too():
    definitions = configuration_schema()["$defs"]

    assert {one["additionalProperties"] for one in definitions.values()} == {False}
