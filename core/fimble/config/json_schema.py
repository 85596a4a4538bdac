"""The JSON Schema of the configuration file, for completion and checking in editors."""

from __future__ import annotations

from typing import cast

import msgspec

from fimble.config.schema import Settings

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def configuration_schema() -> dict[str, object]:
    """Return the schema generated from the same classes that validate."""
    generated = cast("dict[str, object]", msgspec.json.schema(Settings))
    return {"$schema": SCHEMA_DIALECT, "title": "Fimble configuration", **generated}
