"""The compiled form of a template: what its front matter says and what its body is made of.

Plain values, made once by `fimble.prompting.parse` and rendered many times: nothing here looks
at the template's text again, so a value that holds `${name}` or `[[system]]` stays a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

from fimble.prompting.variables import Kind, Variable

JsonValue: TypeAlias = (
    "str | int | float | bool | tuple[JsonValue, ...] | dict[str, JsonValue] | None"
)
"""A value of a JSON Schema."""

OnOverflow = Literal["drop", "head", "tail", "error"]
"""What happens to a value over its budget: left out, its head kept, its tail kept, refused."""

InputType = Literal["string", "integer", "number", "boolean"]
Think = Literal["auto", "on", "off"]
OutputFormat = Literal["markdown", "code", "diff", "json"]


class Role(StrEnum):
    """Who speaks a message; `RAW` is the one text of a completion layout."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    RAW = "raw"


class Place(NamedTuple):
    """Where something stands in the template's file; both count from 1, in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something that the template asks its user for."""

    name: str
    type: InputType = "string"
    default: str | None = None
    """Taken when the user gives nothing; None makes the input required."""
    enum: tuple[str, ...] = ()
    """The only values allowed; empty allows all of the type."""
    hint: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many tokens one variable may take, and what happens to the rest."""

    variable: str
    max_tokens: int
    on_overflow: OnOverflow
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Sampling that the template wants; None leaves it to the model's profile."""

    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the answer is."""

    format: OutputFormat = "markdown"
    schema: JsonValue = None
    """A JSON Schema for `json`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """Everything between the two `---` lines; keys not listed here do not exist."""

    schema: int
    name: str
    description: str
    kind: Kind
    inputs: tuple[Input, ...] = ()
    context: tuple[Budget, ...] = ()
    optional: Mapping[str, Place] = field(default_factory=dict[str, Place])
    """Variables whose block vanishes when they are empty."""
    prompt_tokens: int | None = None
    """`budget.prompt`: the rendered prompt may not be longer."""
    answer_tokens: int | None = None
    """`budget.answer`: how many tokens to generate at most."""
    sampling: Sampling = Sampling()
    think: Think = "auto"
    output: Output = Output()
    languages: tuple[str, ...] = ()
    """Language ids the template is for; empty is all."""
    owner: str = ""
    version: str = ""
    live_suffix: bool = False
    """A completion layout that puts `${suffix}` after `${prefix}`."""


@dataclass(frozen=True, slots=True)
class Text:
    """The template's own words."""

    text: str
    block: int | None = None
    """The optional block that the piece belongs to."""
    fence: int | None = None
    """The closed fence that the piece lies in."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a value."""

    variable: Variable
    place: Place
    block: int | None = None
    fence: int | None = None
    within: str = ""
    """Where in a partial it stands, in words (`line 3 of the partial …`); `place` is then that of
    the include line."""


@dataclass(frozen=True, slots=True)
class FenceMark:
    """The run of backticks or tildes of a closed fence; it grows until it outgrows its content."""

    character: str
    length: int
    fence: int
    block: int | None = None


Piece: TypeAlias = Text | Slot | FenceMark


@dataclass(frozen=True, slots=True)
class Message:
    """One role's part of the body."""

    role: Role
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that passed every check."""

    source: str
    """The file or `bundled:kind/name`, for messages."""
    front: FrontMatter
    messages: tuple[Message, ...]
    partials: tuple[str, ...] = ()
    """The origins of the partials that are in it, each once, in their order."""
    digest: str = ""
    """SHA-256, in hexadecimal, of the file and of every partial in it: two templates of one digest
    make the same prompts."""

    @property
    def variables(self) -> frozenset[str]:
        """The names of all variables in the body."""
        return frozenset(
            piece.variable.name
            for message in self.messages
            for piece in message.pieces
            if isinstance(piece, Slot)
        )
