r"""The body of a template to messages of pieces: roles, `${name}`, `$$`, fences, optional blocks.

Rules of the body, all of them:

- `[[system]]`, `[[user]]` or `[[assistant]]` alone on a line opens a message; text before the
  first such line is the user's.
- `[[include NAME]]` alone on a line stands for the lines of a partial, which hold neither roles
  nor includes. What it says is read as if it stood there; the place of all of it is that line.
- A line that starts with backslashes and `[[` loses one backslash and stays text.
- `${name}` is a value and `$$` a dollar; any other `$` is a mistake.
- A line of three or more backticks or tildes opens a fence and the next such line closes it; a
  closed fence grows on rendering until it outgrows its content. A fence that stays open (the
  start of an answer) is plain text.
- The block of a variable listed under `optional` vanishes when the variable is empty. A block is
  a paragraph with the blank lines after it. In a completion layout, where blank lines count, it
  is the line.
- In a completion layout a line that holds control variables only stands for them alone: the line
  breaks on both sides of it are not part of the prompt. So chat markers and FIM tokens, which
  bring their own line breaks, can be written one to a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from fimble.prompting.partial import INCLUDE_LINE, MAX_INCLUDES, PARTIAL_NAME, Partial
from fimble.prompting.problems import Findings, Rule, did_you_mean
from fimble.prompting.template import FenceMark, Message, Piece, Role, Slot, Text
from fimble.prompting.variables import Nature, Variable


class ResolveName(Protocol):
    """Finds a variable by its name."""

    def __call__(self, name: str, offset: int, within: str) -> Variable | None:
        """Return the variable; records a problem at the offset and returns None without one.

        `within` is where in a partial the name stands, in words; empty in the template itself.
        """


MAX_SLOTS = 500
"""Values in one template."""

_DOLLAR = re.compile(r"\$(?:\$|\{([^{}\n]*)\})?")
_ROLE_LINE = re.compile(r"\[\[ {0,4}([A-Za-z][\w.:-]{0,60}) {0,4}\]\][ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)\Z")
_ESCAPED = re.compile(r"\\+\[\[")


@dataclass(slots=True)
class _Line:
    """One line of the body on its way to pieces."""

    pieces: list[Text | Slot]
    offset: int = 0
    """In the file that is read: of an include line, for what a partial says."""
    run: str = ""
    """The backticks or tildes that the line starts with, when it may open or close a fence."""
    bare: bool = False
    """Nothing follows the run: the line may close a fence."""
    mark: int | None = None
    """The closed fence that the line opens or closes."""
    fence: int | None = None
    """The closed fence that the line lies in."""
    block: int | None = None

    @property
    def blank(self) -> bool:
        return all(isinstance(piece, Text) and not piece.text.strip() for piece in self.pieces)

    @property
    def control_only(self) -> bool:
        return bool(self.pieces) and all(
            isinstance(piece, Slot) and piece.variable.nature is Nature.CONTROL
            for piece in self.pieces
        )

    def emit(self) -> Iterator[Piece]:
        """Yield the line's pieces with their block and fence; a fence's run becomes a mark."""
        rest = self.pieces
        if self.mark is not None and isinstance(first := rest[0], Text):
            indent, _, after = first.text.partition(self.run)
            yield Text(indent, self.block)
            yield FenceMark(self.run[0], len(self.run), self.mark, self.block)
            yield Text(after, self.block)
            rest = rest[1:]
        for piece in rest:
            placed = piece.block == self.block and piece.fence == self.fence
            yield piece if placed else replace(piece, block=self.block, fence=self.fence)


@dataclass(slots=True)
class BodyReader:
    """Reads one body; `offset` of a line counts from the start of the whole file."""

    resolve: ResolveName
    findings: Findings
    optional: frozenset[str]
    raw: bool
    """The body of a completion layout: one text without roles."""
    partials: Mapping[str, Partial] = field(default_factory=dict[str, Partial])
    """Those that the body may include, by name."""
    is_partial: bool = False
    """What is read is a partial itself: it can hold neither roles nor includes."""
    included: list[Partial] = field(default_factory=list[Partial])
    """What the body includes, in its order."""
    open_fence: int | None = None
    """The offset of the last fence that was left open."""
    _slots: int = 0
    _includes: int = 0
    _fences: int = 0
    _blocks: int = 0
    _sections: list[tuple[Role, list[_Line]]] = field(
        default_factory=list[tuple[Role, list["_Line"]]]
    )

    def read(self, body: str, offset: int) -> tuple[Message, ...]:
        """Return the messages of `body`, which starts at `offset` of the file."""
        self._sections = [(Role.RAW if self.raw else Role.USER, [])]
        text = body.removesuffix("\n") if self.raw else body
        for start, line in _lines(text, offset):
            self._read_line(start, line)
        return tuple(
            Message(role, pieces)
            for role, lines in self._sections
            if (pieces := self._pieces(lines))
        )

    def _read_line(self, offset: int, line: str) -> None:
        include = INCLUDE_LINE.match(line)
        if include is not None:
            self._include(include[1] or "", offset)
            return
        role_line = _ROLE_LINE.match(line)
        if role_line is not None:
            self._open_section(role_line.group(1), offset)
            return
        self._add_line(offset, line)

    def _add_line(self, offset: int, line: str, within: str = "") -> None:
        """Take one line of text; `within` says where in a partial it stands."""
        if _ESCAPED.match(line):
            line, offset = line[1:], offset if within else offset + 1
        read = _Line(list(self._scan(line, offset, within)), offset)
        fence = _FENCE.match(line)
        if fence is not None and not (fence.group(1)[0] == "`" and "`" in fence.group(2)):
            read.run = fence.group(1)
            read.bare = not fence.group(2).strip()
        self._sections[-1][1].append(read)

    def _include(self, name: str, offset: int) -> None:
        """Put the lines of a partial in the place of the line that names it."""
        partial = self._partial(name, offset)
        if partial is None:
            return
        self.included.append(partial)
        for number, line in enumerate(partial.text.split("\n"), partial.first_line):
            self._add_line(offset, line, f"line {number} of the partial `{name}`")

    def _partial(self, name: str, offset: int) -> Partial | None:
        self._includes += 1
        partial = self.partials.get(name)
        if self.is_partial:
            sentence = "A partial cannot include another one."
            hint = "Let the template include both."
        elif not PARTIAL_NAME.match(name):
            sentence = f"`{name[:60]}` is no name of a partial." if name else "A name is missing."
            hint = "Write `[[include NAME]]` for the file _partials/NAME.md."
        elif partial is None:
            sentence = f"There is no partial `{name}` here."
            near = did_you_mean(name, self.partials) if self.partials else ""
            hint = near or f"Write it to _partials/{name}.md."
        elif partial.problems:
            first = partial.problems[0].to_error(partial.origin)
            sentence, hint = f"The partial `{name}` is broken: {first.sentence}", first.hint
        elif self._includes > MAX_INCLUDES:
            sentence, hint = f"The body includes more than {MAX_INCLUDES} partials.", ""
        else:
            return partial
        if self._includes <= MAX_INCLUDES + 1:
            self.findings.at_offset(offset, sentence, hint, rule=Rule.INCLUDE)
        return None

    def _open_section(self, word: str, offset: int) -> None:
        roles = [Role.SYSTEM.value, Role.USER.value, Role.ASSISTANT.value]
        if self.is_partial:
            hint = "Write the role into the templates that include it, or `\\[[` for a plain text."
            self.findings.at_offset(
                offset, "A partial has no role lines.", hint, rule=Rule.UNKNOWN_ROLE
            )
        elif self.raw:
            hint = "Use `${turn_system}`, `${turn_user}`, `${turn_assistant}` and `${turn_end}`."
            self.findings.at_offset(
                offset, "A completion layout has no role lines.", hint, rule=Rule.COMPLETION_LAYOUT
            )
        elif word not in roles:
            hint = "Roles are [[system]], [[user]], [[assistant]]; write `\\[[` for a plain text."
            self.findings.at_offset(
                offset, f"`[[{word[:60]}]]` is not a role.", hint, rule=Rule.UNKNOWN_ROLE
            )
        else:
            self._sections.append((Role(word), []))

    def _scan(self, line: str, offset: int, within: str) -> Iterator[Text | Slot]:
        """Yield the pieces of one line; adjacent words and dollars are merged later."""
        at = 0
        for dollar in _DOLLAR.finditer(line):
            if dollar.start() > at:
                yield Text(line[at : dollar.start()])
            at = dollar.end()
            if dollar.group() == "$$":
                yield Text("$")
            elif dollar.group(1) is None:
                self._lone_dollar(line, dollar.start(), offset)
            else:
                column = 0 if within else dollar.start()
                yield from self._slot(dollar.group(1), offset + column, within)
        if at < len(line):
            yield Text(line[at:])

    def _lone_dollar(self, line: str, column: int, offset: int) -> None:
        word = re.match(r"\w+", line[column + 1 :])
        hint = "Write `$$` for a dollar"
        hint += f", `${{{word.group()[:40]}}}` for a variable." if word else "."
        self.findings.at_offset(
            offset + column, "This `$` stands for nothing.", hint, rule=Rule.LONE_DOLLAR
        )

    def _slot(self, name: str, offset: int, within: str) -> Iterator[Slot]:
        self._slots += 1
        if self._slots == MAX_SLOTS + 1:
            self.findings.at_offset(
                offset,
                f"The body names more than {MAX_SLOTS} variables.",
                rule=Rule.TOO_MANY_VARIABLES,
            )
        if self._slots > MAX_SLOTS:
            return
        variable = self.resolve(name, offset, within)
        if variable is not None:
            yield Slot(variable, self.findings.index.place(offset), within=within)

    def _pieces(self, lines: list[_Line]) -> tuple[Piece, ...]:
        if not self.raw:
            lines = _trimmed(lines)
        self._close_fences(lines)
        for block in _lines_alone(lines) if self.raw else _paragraphs(lines):
            self._mark_optional(block)
        return tuple(_merged(_joined(lines, raw=self.raw)))

    def _close_fences(self, lines: list[_Line]) -> None:
        opened: int | None = None
        for at, line in enumerate(lines):
            if not line.run:
                continue
            if opened is None:
                opened = at
            elif line.bare and line.run.startswith(lines[opened].run):
                lines[opened].mark = line.mark = self._fences
                for inner in lines[opened + 1 : at]:
                    inner.fence = self._fences
                self._fences += 1
                opened = None
        if opened is not None:
            self.open_fence = lines[opened].offset

    def _mark_optional(self, block: Sequence[_Line]) -> None:
        names = {
            piece.variable.name
            for line in block
            for piece in line.pieces
            if isinstance(piece, Slot)
        }
        if names & self.optional:
            for line in block:
                line.block = self._blocks
            self._blocks += 1


def _lines(body: str, offset: int) -> Iterator[tuple[int, str]]:
    for line in body.split("\n"):
        yield offset, line
        offset += len(line) + 1


def _trimmed(lines: list[_Line]) -> list[_Line]:
    """Leave out the blank lines around a message."""
    start, end = 0, len(lines)
    while start < end and lines[start].blank:
        start += 1
    while end > start and lines[end - 1].blank:
        end -= 1
    return lines[start:end]


def _lines_alone(lines: list[_Line]) -> Iterator[list[_Line]]:
    return ([line] for line in lines)


def _paragraphs(lines: list[_Line]) -> Iterator[list[_Line]]:
    """Yield runs of lines with the blank lines after them; a blank line in a fence ends none."""
    block: list[_Line] = []
    ended = False
    for line in lines:
        if ended and not line.blank:
            yield block
            block, ended = [], False
        block.append(line)
        ended = ended or (line.blank and line.fence is None)
    yield block


def _joined(lines: list[_Line], *, raw: bool) -> Iterator[Piece]:
    """Yield all pieces with the line breaks between the lines."""
    closing = _closing_lines(lines) if raw else frozenset[int]()
    for at, line in enumerate(lines):
        yield from line.emit()
        following = lines[at + 1] if at + 1 < len(lines) else None
        if following is None or (raw and (line.control_only or following.control_only)):
            continue
        fence = line.fence if following.fence == line.fence else None
        yield Text("\n", following.block if at + 1 in closing else line.block, fence)


def _closing_lines(lines: list[_Line]) -> frozenset[int]:
    """Return the optional lines at the end of a turn: the break before them vanishes with them.

    Elsewhere it is the break after an optional line that vanishes.
    """
    closing: set[int] = set()
    run: list[int] = []
    for at, line in enumerate(lines):
        if line.control_only:
            closing.update(run)
            run = []
        elif line.block is None:
            run = []
        elif run or (at > 0 and not lines[at - 1].control_only):
            run.append(at)
    return frozenset(closing | set(run))


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbouring words of one block and fence, and drop empty ones."""
    held: list[Text] = []
    for piece in pieces:
        if isinstance(piece, Text):
            if not piece.text:
                continue
            if held and (held[0].block != piece.block or held[0].fence != piece.fence):
                yield _one(held)
                held = []
            held.append(piece)
            continue
        if held:
            yield _one(held)
            held = []
        yield piece
    if held:
        yield _one(held)


def _one(texts: list[Text]) -> Text:
    if len(texts) == 1:
        return texts[0]
    return Text("".join(text.text for text in texts), texts[0].block, texts[0].fence)
