"""The closed front matter: YAML nodes to `FrontMatter`, every refusal with its place.

Each key is decoded by what it must be, not by what YAML thinks it is: `version: 1.0` stays the
text "1.0" and `description: no` the word "no". There is no key for a model, a host, a tool or a
shell, and none for `num_ctx` (a change of it reloads the model): those belong to the user.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar, cast, get_args

from fimble.prompting import front_fields as fields
from fimble.prompting.inputs import problem_with
from fimble.prompting.problems import TOP, Findings, Rule, did_you_mean
from fimble.prompting.template import (
    Budget,
    FrontMatter,
    Input,
    InputType,
    OnOverflow,
    Output,
    OutputFormat,
    Place,
    Sampling,
    Think,
)
from fimble.prompting.variables import Kind
from fimble.prompting.yaml_nodes import FrontMatterRefusedError, Node, Scalar, read_yaml

_T = TypeVar("_T")

MAX_TOKENS = 1_048_576
"""The longest context window that any model we know of can be stretched to."""

MAX_LIST = 64
MAX_STOPS = 8
MAX_STOP = 100
"""Characters."""

MAX_DESCRIPTION = 300
REQUIRED = ("schema", "name", "description", "kind")
_REFUSED_KEYS = {
    "model": "Which model runs is the user's choice: setting `ollama.model`.",
    "host": "Where the model runs is the user's choice: setting `ollama.endpoint`.",
    "tools": "Templates cannot call tools.",
    "shell": "Templates cannot run commands.",
    "num_ctx": "A change of `num_ctx` reloads the model: it is the user's setting.",
    "engine": "The key is reserved; the body is plain text with `${name}`.",
}


def read_front_matter(yaml_text: str, findings: Findings) -> FrontMatter | None:
    """Decode the front matter; problems go to `findings`.

    Args:
        yaml_text: The YAML, with as many lines before it as in the file, so that places agree.
        findings: Where problems are recorded.

    Returns:
        The front matter, or None when a problem leaves nothing to go on with.
    """
    reader = _Reader(findings)
    try:
        root = read_yaml(yaml_text)
        if root is None:
            findings.at(TOP, "The front matter is empty.", _required_hint(), rule=Rule.MISSING_KEY)
            return None
        values = dict(reader.decode(root, _KEYS))
    except FrontMatterRefusedError as error:
        reader.record(error)
        return None
    for key in REQUIRED:
        if key not in reader.seen:
            findings.at(
                TOP, f"The key `{key}` is missing.", _required_hint(), rule=Rule.MISSING_KEY
            )
    if any(key not in values for key in REQUIRED):
        return None
    if "budget" in values:
        values["prompt_tokens"], values["answer_tokens"] = values.pop("budget")
    return FrontMatter(**values)


def _required_hint() -> str:
    return "Every template needs " + ", ".join(f"`{key}`" for key in REQUIRED) + "."


class _Reader:
    """Applies a table of decoders to a mapping and records what they refuse."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.seen: set[str] = set()
        """Keys of the top level, be their values right or wrong."""

    def record(self, error: FrontMatterRefusedError) -> None:
        self._findings.at(error.place, error.sentence, error.hint, rule=error.rule)

    def decode(
        self, root: Node, table: dict[str, Callable[[Node], object]]
    ) -> Iterator[tuple[str, Any]]:
        """Yield each known key with its value; go on after a wrong one."""
        for key, node in fields.entries(root):
            self.seen.add(key.value)
            try:
                yield key.value, _lookup(key, table)(node)
            except FrontMatterRefusedError as error:
                self.record(error)


def _lookup(key: Scalar, table: dict[str, _T]) -> _T:
    decoder = table.get(key.value)
    if decoder is not None:
        return decoder
    hint = _REFUSED_KEYS.get(key.value) or did_you_mean(key.value, table)
    raise fields.refused(
        key, f"The key `{key.value[:80]}` does not exist.", hint, rule=Rule.UNKNOWN_KEY
    )


def _object(
    node: Node, table: dict[str, Callable[[Node], Any]], required: Collection[str] = ()
) -> dict[str, Any]:
    """Decode a nested mapping; its first problem refuses it as a whole."""
    values = {key.value: _lookup(key, table)(value) for key, value in fields.entries(node)}
    for key in required:
        if key not in values:
            raise fields.refused(node, f"The key `{key}` is missing here.", rule=Rule.MISSING_KEY)
    return values


def _tokens(node: Node) -> int:
    return fields.integer(node, low=1, high=MAX_TOKENS)


def _choice(choices: object) -> Callable[[Node], Any]:
    allowed = cast("tuple[str, ...]", get_args(choices))
    return lambda node: fields.one_of(node, allowed)


def _texts(limit: int, characters: int) -> Callable[[Node], tuple[str, ...]]:
    return lambda node: tuple(
        fields.text(item, limit=characters) for item in fields.items(node, limit=limit)
    )


def _stop(node: Node) -> tuple[str, ...]:
    stops = _texts(MAX_STOPS, MAX_STOP)(node)
    if "" in stops:
        raise fields.refused(node, "An empty stop string would end every answer at once.")
    return stops


def _schema(node: Node) -> int:
    if not (isinstance(node, Scalar) and not node.quoted and node.value == "1"):
        raise fields.refused(node, "This version of Fimble knows schema 1.", "Write `schema: 1`.")
    return 1


def _kind(node: Node) -> Kind:
    return Kind(fields.one_of(node, [kind.value for kind in Kind]))


def _description(node: Node) -> str:
    value = fields.text(node, limit=MAX_DESCRIPTION).strip()
    if not value:
        raise fields.refused(node, "The description is empty.", "Say in one sentence what it does.")
    return value


def _inputs(node: Node) -> tuple[Input, ...]:
    return tuple(_input(key, value) for key, value in fields.entries(node))


def _input(key: Scalar, node: Node) -> Input:
    given = Input(name=fields.name(key), place=key.place, **_object(node, _INPUT_KEYS))
    wrong = problem_with(given, given.default) if given.default is not None else ""
    if wrong:
        raise fields.refused(node, f"The default does not fit. {wrong}")
    return given


def _optional(node: Node) -> dict[str, Place]:
    return {fields.text(item, limit=100): item.place for item in fields.items(node, limit=MAX_LIST)}


def _context(node: Node) -> tuple[Budget, ...]:
    return tuple(_context_entry(item) for item in fields.items(node, limit=MAX_LIST))


def _context_entry(node: Node) -> Budget:
    values = _object(node, _CONTEXT_KEYS, required=("variable", "max_tokens"))
    return Budget(
        variable=values["variable"],
        max_tokens=values["max_tokens"],
        on_overflow=values.get("on_overflow", "error"),
        place=node.place,
    )


def _budget(node: Node) -> tuple[int | None, int | None]:
    values = _object(node, {"prompt": _tokens, "answer": _tokens})
    return values.get("prompt"), values.get("answer")


def _sampling(node: Node) -> Sampling:
    return Sampling(**_object(node, _SAMPLING_KEYS))


def _output(node: Node) -> Output:
    values = _object(node, {"format": _choice(OutputFormat), "schema": fields.json_value})
    if "schema" in values and values.get("format") != "json":
        raise fields.refused(node, "A `schema` needs `format: json`.")
    return Output(**values)


_INPUT_KEYS: dict[str, Callable[[Node], Any]] = {
    "type": _choice(InputType),
    "default": fields.text,
    "enum": _texts(MAX_LIST, 200),
    "hint": fields.text,
}
_CONTEXT_KEYS: dict[str, Callable[[Node], Any]] = {
    "variable": fields.text,
    "max_tokens": _tokens,
    "on_overflow": _choice(OnOverflow),
}
_SAMPLING_KEYS: dict[str, Callable[[Node], Any]] = {
    "temperature": lambda node: fields.number(node, low=0.0, high=2.0),
    "top_p": lambda node: fields.number(node, low=0.0, high=1.0),
    "stop": _stop,
}
_KEYS: dict[str, Callable[[Node], object]] = {
    "schema": _schema,
    "name": fields.name,
    "description": _description,
    "kind": _kind,
    "inputs": _inputs,
    "context": _context,
    "optional": _optional,
    "budget": _budget,
    "sampling": _sampling,
    "think": _choice(Think),
    "output": _output,
    "languages": _texts(MAX_LIST, 60),
    "owner": lambda node: fields.text(node, limit=200),
    "version": lambda node: fields.text(node, limit=60),
    "live_suffix": fields.boolean,
}
