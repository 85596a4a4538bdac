"""A JSON value against a JSON Schema (2020-12) out of a repository; the only user of jsonschema.

Nothing is fetched: a `$ref` leads into the schema itself or is refused. `pattern` is searched in
linear time, like every pattern of a test (T17). Importing jsonschema takes a tenth of a second, so
it waits for the first answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from fimble.prompting.cases.linear_pattern import LinearPattern, PatternRefusedError
from fimble.prompting.template import JsonValue

if TYPE_CHECKING:
    import jsonschema

_SHOWN = 200
_SHOWN_VALUE = 60


def schema_violation(value: object, schema: JsonValue) -> str:
    """Return the first thing in which `value` breaks `schema`, as a sentence; empty for none."""
    import jsonschema  # noqa: PLC0415 (see the module's docstring)
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    plain = _plain(schema)
    try:
        checker = _validator()
        checker.check_schema(plain)
        errors = checker(plain, registry=Registry[object]()).iter_errors(value)
        found: jsonschema.ValidationError | None = next(errors, None)
    except jsonschema.SchemaError as error:
        return f"The schema itself is wrong at {error.json_path}: {error.message[:_SHOWN]}."
    except Unresolvable as error:
        return f"The schema refers to something outside of itself: {str(error)[:_SHOWN]}."
    except PatternRefusedError as error:
        return f"A pattern of the schema cannot be used: {error}"
    except RecursionError:
        return "The schema refers to itself without end."
    return "" if found is None else f"At {found.json_path}: {found.message[:_SHOWN]}."


def _validator() -> Any:  # noqa: ANN401 - the stubs leave what `extend` returns open
    import jsonschema  # noqa: PLC0415
    from jsonschema import validators  # noqa: PLC0415

    def pattern(
        _: object, wanted: str, instance: object, __: object
    ) -> Iterator[jsonschema.ValidationError]:
        if isinstance(instance, str) and not LinearPattern(wanted).search(instance):
            yield jsonschema.ValidationError(
                f"{instance[:_SHOWN_VALUE]!r} does not match {wanted!r}"
            )

    def no_pattern_properties(*_: object) -> Iterator[jsonschema.ValidationError]:
        yield jsonschema.ValidationError("`patternProperties` is not supported here")

    extend = cast("Any", validators).extend
    ours = {"pattern": pattern, "patternProperties": no_pattern_properties}
    return extend(jsonschema.Draft202012Validator, ours)


def _plain(schema: JsonValue) -> object:
    """Return the schema with lists as jsonschema knows them."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items()}
    if isinstance(schema, tuple):
        return [_plain(value) for value in schema]
    return schema
