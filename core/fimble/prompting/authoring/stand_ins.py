"""Values for what an editor does not know, so that a prompt can be looked at all the same.

Each is the variable's own name, as control strings are in tests of templates; an input takes the
first value that its declaration allows.
"""

from __future__ import annotations

from collections.abc import Mapping

from fimble.prompting.template import Input, InputType, Template
from fimble.prompting.values import Value
from fimble.prompting.variables import INPUT_PREFIX

_SAMPLES: dict[InputType, str] = {"integer": "1", "number": "1", "boolean": "true"}


def with_stand_ins(
    template: Template, values: Mapping[str, Value]
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Return `values` with everything in them that `template` needs, and the names added.

    Optional variables and inputs with a default are left alone: the template copes without them.
    """
    inputs = {INPUT_PREFIX + given.name: given for given in template.front.inputs}
    needed = template.variables - values.keys() - template.front.optional.keys()
    missing = sorted(name for name in needed if name not in inputs or inputs[name].default is None)
    made = {name: _sample(inputs[name]) if name in inputs else f"⟨{name}⟩" for name in missing}
    return {**values, **made}, tuple(missing)


def _sample(given: Input) -> str:
    if given.enum:
        return given.enum[0]
    return _SAMPLES.get(given.type, f"⟨{given.name}⟩")
