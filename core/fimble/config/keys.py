"""The settings as a flat table of dotted keys, read from the schema's classes.

The layers are merged key by key, so that each value knows its origin and one wrong line in a file
costs that line only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast, get_type_hints

import msgspec

from fimble.config.schema import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

SettingValue: TypeAlias = bool | int | float | str | tuple[str, ...]
"""What a setting can hold once it has been validated."""

_SHOWN_CHARACTERS = 60
_NEVER_SHOWN = frozenset({"openai.api_key_env"})
"""Where people paste the secret itself by mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingKey:
    """One setting of the schema."""

    name: str
    """Dotted, such as "ollama.num_ctx"."""
    annotation: object
    """The annotated type, bounds included."""
    default: SettingValue

    def validate(self, value: object) -> SettingValue:
        """Return `value` in its final type; raise ValueError with a phrase such as "must be …"."""
        try:
            converted = msgspec.convert(value, cast("type[object]", self.annotation))
        except msgspec.ValidationError:
            expected = _expectation(msgspec.inspect.type_info(self.annotation))
            if self.name in _NEVER_SHOWN:
                raise ValueError(f"must be {expected}; what stands there is not shown") from None
            raise ValueError(f"must be {expected}, not {_shown(value)}") from None
        return cast("SettingValue", converted)


def value_of(settings: Settings, name: str) -> SettingValue:
    """Return the value of the setting with this dotted name."""
    section, _, field = name.partition(".")
    return cast("SettingValue", getattr(getattr(settings, section), field))


@cache
def setting_keys() -> Mapping[str, SettingKey]:
    """Return every setting by its dotted key, in the order of the schema."""
    table: dict[str, SettingKey] = {}
    for section_name, section in get_type_hints(Settings).items():
        defaults = section()
        for field, annotation in get_type_hints(section, include_extras=True).items():
            name = f"{section_name}.{field}"
            table[name] = SettingKey(
                name=name, annotation=annotation, default=getattr(defaults, field)
            )
    return MappingProxyType(table)


def section_names() -> frozenset[str]:
    """Return the names of all sections."""
    return frozenset(Settings.__struct_fields__)


def build_settings(values: Mapping[str, SettingValue]) -> Settings:
    """Return the settings made of `values` by dotted key; keys left out keep their defaults."""
    sections: dict[str, dict[str, SettingValue]] = {}
    for name, value in values.items():
        section, _, field = name.partition(".")
        sections.setdefault(section, {})[field] = value
    return msgspec.convert(sections, Settings)


def did_you_mean(name: str) -> str:
    """Return what an unknown dotted key or section may have been meant to be.

    "Did you mean …?", or what there is in the section where that is right, or "".
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    known = setting_keys()
    field = name.rpartition(".")[2].replace("-", "_")
    same_field = [key for key in known if key.endswith(f".{field}")]
    section = name.partition(".")[0]
    fields = [key.partition(".")[2] for key in known if key.startswith(f"{section}.")]
    if "." in name and fields:
        matches = [f"{section}.{near}" for near in get_close_matches(field, fields, n=1)]
    else:
        fields = []
        matches = get_close_matches(name, [*known, *section_names()], n=1)
    near = same_field or matches
    if not near:
        near = get_close_matches(field, [key.partition(".")[2] for key in known], n=1, cutoff=0.75)
        near = [key for key in known if near and key.endswith(f".{near[0]}")]
    if not near and fields:
        return f'The settings of "{section}" are {", ".join(fields)}.'
    return f"Did you mean {_alternatives(near[:2])}?" if near else ""


def _expectation(kind: msgspec.inspect.Type) -> str:  # noqa: C901, PLR0911 - one per kind of type
    """Return what `kind` accepts, in words."""
    match kind:
        case msgspec.inspect.Metadata(type=inner):
            return _expectation(inner)
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.LiteralType(values=values):
            return _alternatives(str(value) for value in values)
        case msgspec.inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case msgspec.inspect.FloatType(gt=above, ge=low, le=high):
            bounds = f"above {above} and at most" if above is not None else f"from {low} to"
            return f"a number {bounds} {high}"
        case msgspec.inspect.StrType(pattern=str() as pattern) if "A-Z_" in pattern:
            return 'the name of an environment variable in capitals such as "MODEL_SERVER_KEY"'
        case msgspec.inspect.StrType(pattern=str()):
            return 'a duration such as "30m" or "1h30m"'
        case msgspec.inspect.StrType(max_length=longest):
            return f"text of at most {longest} characters"
        case msgspec.inspect.VarTupleType(max_length=longest, item_type=item):
            return f"a list of at most {longest} entries, each {_expectation(item)}"
        case msgspec.inspect.UnionType(types=types):
            return " or ".join(_expectation(member) for member in types)
        case _:
            raise AssertionError(kind)


def _alternatives(names: Iterable[str]) -> str:
    *others, last = [f'"{name}"' for name in names]
    return f"{', '.join(others)} or {last}" if others else last


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
