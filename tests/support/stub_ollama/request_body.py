"""Bodies of /api/generate and /api/chat, checked with Go's types and Go's error texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from support.stub_ollama.go_json import Json, decode, go_type_name

_SHARED_FIELDS = {
    "model": "string",
    "stream": "bool",
    "options": "map[string]interface {}",
    "truncate": "bool",
    "shift": "bool",
    "logprobs": "bool",
    "top_logprobs": "int",
}
_GENERATE_FIELDS = _SHARED_FIELDS | {
    "prompt": "string",
    "suffix": "string",
    "system": "string",
    "template": "string",
    "context": "[]int",
    "raw": "bool",
}
_CHAT_FIELDS = _SHARED_FIELDS | {"messages": "[]api.Message", "tools": "api.Tools"}
_MESSAGE_FIELDS = {"role": "string", "content": "string", "thinking": "string"}
_JSON_TYPE_OF = {
    "string": "string",
    "bool": "bool",
    "int": "number",
    "map[string]interface {}": "object",
    "[]int": "array",
    "[]api.Message": "array",
    "api.Tools": "array",
}
_DURATION_UNITS_S = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_DURATION_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
FOR_EVER = float("inf")


class BadRequestError(Exception):
    """A body that the server refuses with 400 and this text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationBody:
    """What both endpoints share, with Go's zero values for what was left out."""

    model: str
    prompt: str = ""
    suffix: str = ""
    system: str = ""
    template: str = ""
    has_context: bool = False
    raw: bool = False
    messages: tuple[Message, ...] = ()
    wants_tools: bool = False
    stream: bool = True
    options: Mapping[str, Json]
    truncate: bool = True
    shift: bool = True
    think: bool | str | None = None
    keep_alive_s: float | None = None
    """None leaves the model's own; `FOR_EVER` for anything negative."""
    logprobs: bool = False
    top_logprobs: int = 0
    bad_format: str = ""
    """A `format` that is neither "json" nor a schema, as Go quotes it."""

    @property
    def thinking(self) -> bool:
        """Whether the request asks for thinking out loud."""
        return self.think is True or isinstance(self.think, str)


def read_object(body: bytes, go_name: str) -> dict[str, Json]:
    """The JSON object of a body; raises `BadRequestError`."""
    if not body.strip():
        raise BadRequestError("missing request body")
    try:
        value = decode(body)
    except ValueError as error:
        raise BadRequestError(str(error)) from error
    if not isinstance(value, dict):
        raise BadRequestError(
            f"json: cannot unmarshal {go_type_name(value)} into Go value of type api.{go_name}"
        )
    return value


def generation_body(fields: Mapping[str, Json], *, chat: bool) -> GenerationBody:
    """Check and convert a body; raises `BadRequestError`."""
    go_name = "ChatRequest" if chat else "GenerateRequest"
    _check_types(fields, _CHAT_FIELDS if chat else _GENERATE_FIELDS, go_name)
    top_logprobs = int(_number(fields, "top_logprobs"))
    if not 0 <= top_logprobs <= 20:
        raise BadRequestError("top_logprobs must be between 0 and 20")
    options = fields.get("options")
    return GenerationBody(
        model=_text(fields, "model"),
        prompt=_text(fields, "prompt"),
        suffix=_text(fields, "suffix"),
        system=_text(fields, "system"),
        template=_text(fields, "template"),
        has_context=bool(fields.get("context")),
        raw=fields.get("raw") is True,
        messages=_messages(fields.get("messages")) if chat else (),
        wants_tools=chat and bool(fields.get("tools")),
        stream=fields.get("stream") is not False,
        options=options if isinstance(options, dict) else {},
        truncate=fields.get("truncate") is not False,
        shift=fields.get("shift") is not False,
        think=_think(fields.get("think")),
        keep_alive_s=_keep_alive(fields.get("keep_alive")),
        logprobs=fields.get("logprobs") is True,
        top_logprobs=top_logprobs,
        bad_format=_bad_format(fields.get("format")),
    )


def parse_go_duration(text: str) -> float:
    """``time.ParseDuration`` in seconds; raises `BadRequestError` with its words."""
    unsigned = text.lstrip("+-")
    if unsigned == "0":
        return 0.0
    parts = _DURATION_PART.findall(unsigned)
    if not parts or "".join(number + unit for number, unit in parts) != unsigned:
        reason = "missing unit in" if re.fullmatch(r"\d+\.?\d*", unsigned) else "invalid"
        raise BadRequestError(f'time: {reason} duration "{text}"')
    seconds = sum(float(number) * _DURATION_UNITS_S[unit] for number, unit in parts)
    return -seconds if text.startswith("-") else seconds


def _check_types(fields: Mapping[str, Json], types: Mapping[str, str], go_name: str) -> None:
    for name, go_type in types.items():
        value = fields.get(name)
        if value is not None and go_type_name(value) != _JSON_TYPE_OF[go_type]:
            raise BadRequestError(
                f"json: cannot unmarshal {go_type_name(value)} into Go struct field "
                f"{go_name}.{name} of type {go_type}"
            )


def _messages(value: Json) -> tuple[Message, ...]:
    messages: list[Message] = []
    for item in value if isinstance(value, list) else []:
        if not isinstance(item, dict):
            raise BadRequestError(
                f"json: cannot unmarshal {go_type_name(item)} into Go struct field "
                "ChatRequest.messages of type api.Alias"
            )
        _check_types(item, _MESSAGE_FIELDS, "ChatRequest.messages")
        messages.append(Message(role=_text(item, "role"), content=_text(item, "content")))
    return tuple(messages)


def _think(value: Json) -> bool | str | None:
    if value is None or isinstance(value, bool):
        return value
    choices = '"high", "medium", "low", "max", true, or false'
    if not isinstance(value, str):
        raise BadRequestError(f"think must be a boolean or string ({choices})")
    if value not in {"high", "medium", "low", "max"}:
        raise BadRequestError(f'invalid think value: "{value}" (must be {choices})')
    return value


def _keep_alive(value: Json) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        seconds = parse_go_duration(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = float(value)
    else:
        go_type = {"bool": "bool", "array": "[]interface {}", "object": "map[string]interface {}"}
        raise BadRequestError(f"Unsupported type: '{go_type[go_type_name(value)]}'")
    return FOR_EVER if seconds < 0 else seconds


def _bad_format(value: Json) -> str:
    if value is None or isinstance(value, dict) or value in {"", "json"}:
        return ""
    return f'"{value}"'.replace('"', '\\"')


def _text(fields: Mapping[str, Json], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _number(fields: Mapping[str, Json], name: str) -> float:
    value = fields.get(name)
    return value if isinstance(value, (int, float)) else 0
