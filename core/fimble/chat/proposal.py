"""What a code block of an answer would make of a file: the whole new text, and how it was found.

A patch is applied hunk by hunk. A new file is the block. Otherwise the block replaces what it
redefines: functions and classes by their names, wherever they stand, or the whole file when it
holds most of it. A block that leaves code out ("... existing code ...") has no safe place and is
refused, as is one that matches nothing: guessing would overwrite somebody's work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fimble.chat.fences import Fence
from fimble.chat.hunks import lines_of
from fimble.chat.patch import apply_patch, read_patch, split_patch
from fimble.errors import FimbleError
from fimble.syntax.imports import imports
from fimble.syntax.language import Language
from fimble.syntax.languages import language_for
from fimble.syntax.one_shot import parse
from fimble.syntax.outline import Symbol, outline
from fimble.syntax.tree import SyntaxTree
from fimble.text.snapshot import Snapshot

_PARSE_MS: Final = 2000.0
_WHOLE_FILE_SHARE: Final = 0.6
"""A block with so much of the file's own lines is the file, rewritten."""
_LEFT_OUT: Final = re.compile(
    r"^\s*(?:#|//|--|/\*|<!--|\*)?\s*(?:\.\.\.|…)\s*(?:\(?[\w\s,'`-]*\)?)\s*(?:\.\.\.|…)?\s*(?:\*/|-->)?\s*$"
)
_LEFT_OUT_WORDS: Final = re.compile(
    r"existing|unchanged|rest of|same as|remain|omitted|other", re.IGNORECASE
)


class NoPlaceError(FimbleError):
    """A block has no safe place in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The file as the block would have it."""

    text: str
    how: str
    """One sentence for people: what the block is taken for."""
    unplaced: int = 0
    """Hunks of a patch that found no place and are left out."""
    adds_errors: int = 0
    """Syntax errors that the change adds, as far as the file's grammar can tell."""


def propose(fence: Fence, current: str | None, *, path: str) -> Proposal:
    """Return what `fence` makes of the file at `path`.

    Args:
        fence: The block.
        current: The file's text now; None when there is no such file.
        path: Inside the workspace; its name tells the language.

    Raises:
        NoPlaceError: It has no safe place.
    """
    language = language_for(fence.language, path)
    if fence.is_diff:
        found = _patched(fence, current or "", path)
    elif current is None:
        found = Proposal(text=_ended(fence.text), how="A new file.")
    else:
        found = _rewritten(fence, current, language)
    errors = added_errors(current, found.text, path=path, language=language)
    return Proposal(text=found.text, how=found.how, unplaced=found.unplaced, adds_errors=errors)


def extended(fence: Fence, current: str, *, path: str) -> Proposal:
    """Return the file at `path` with what a block brings: for blocks that are to join a file.

    What the block redefines is replaced, everything else goes to the end, imports to the others.
    """
    language = language_for(fence.language, path)
    block = fence.text.replace("\r\n", "\n")
    found = _replaced_symbols(block, current, language) or _appended(block, current, language)
    errors = added_errors(current, found.text, path=path, language=language)
    return Proposal(text=found.text, how=found.how, adds_errors=errors)


def _appended(block: str, current: str, language: Language | None) -> Proposal:
    """Put a block behind everything, without the imports that then stand at the beginning."""
    block_tree, tree = _tree(block, language), _tree(current, language)
    text = _with_ends(current, "\n").rstrip("\n")
    body = block
    if block_tree is not None and tree is not None:
        moved = {
            line
            for each in imports(block_tree)
            for line in range(each.range.start.line, each.range.end.line + 1)
        }
        lines = lines_of(block)
        body = "".join(line for number, line in enumerate(lines) if number not in moved)
        text = _with_imports(f"{text}\n", tree, block_tree).rstrip("\n")
    joined = f"{text}\n\n\n{body.strip(chr(10))}\n" if text else _ended(block)
    return Proposal(text=_with_ends(joined, current), how="Joins what is there.")


def added_errors(
    current: str | None, text: str, *, path: str, language: Language | None = None
) -> int:
    """Return how many syntax errors `text` has more than the file now.

    Args:
        current: The file's text; None when there is no such file.
        text: What would be written.
        path: Its name tells the language.
        language: Where the name does not tell it.
    """
    return max(0, _errors(text, path, language) - _errors(current or "", path, language))


def _patched(fence: Fence, current: str, path: str) -> Proposal:
    patch = read_patch(_part_for(fence.text, path))
    if not patch:
        raise NoPlaceError("The block is called a diff and changes nothing.")
    result = apply_patch(current, patch)
    if not result.placed:
        raise NoPlaceError(
            "The file does not hold the lines that the diff changes.",
            hint="It may have changed since: ask again with the file mentioned.",
        )
    hunks = "hunk" if result.placed == 1 else "hunks"
    return Proposal(
        text=result.text,
        how=f"A diff of {result.placed} {hunks}.",
        unplaced=len(result.unplaced),
    )


def _part_for(diff: str, path: str) -> str:
    """Return what a diff says of one file; all of it when it does not speak of several."""
    parts = split_patch(diff)
    if len(parts) < 2:  # noqa: PLR2004
        return diff
    own = [text for name, text in parts if name == path or path.endswith(f"/{name}")]
    if not own:
        named = ", ".join(f"`{name}`" for name, _ in parts if name)
        raise NoPlaceError(
            f"The diff says nothing of {path}.", hint=f"It is about {named}: name one of them."
        )
    return "\n".join(own)


def _rewritten(fence: Fence, current: str, language: Language | None) -> Proposal:
    block = fence.text.replace("\r\n", "\n")
    if any(leaves_out(line) for line in block.split("\n")):
        raise NoPlaceError(
            "The block leaves code out, so it cannot stand for what is there.",
            hint="Ask for the whole function, or for a diff.",
        )
    if _share(block, current) >= _WHOLE_FILE_SHARE:
        return Proposal(text=_ended(_with_ends(block, current)), how="The whole file, rewritten.")
    symbols = _replaced_symbols(block, current, language)
    if symbols is not None:
        return symbols
    raise NoPlaceError(
        "Nothing in the file is what the block would replace.",
        hint="Copy it, or ask for a diff of the file.",
    )


def leaves_out(line: str) -> bool:
    """Whether a line of an answer stands for code that is not repeated, as models write it."""
    if "..." not in line and "…" not in line:
        return False
    bare = line.strip()
    if bare in {"...", "…"} or not _LEFT_OUT.match(line):
        return False
    return bool(_LEFT_OUT_WORDS.search(line))


def _share(block: str, current: str) -> float:
    """Return how many of the file's lines, blank ones aside, stand in the block."""
    own = [line.strip() for line in current.split("\n") if line.strip()]
    there = {line.strip() for line in block.split("\n")}
    return sum(line in there for line in own) / len(own) if own else 1.0


def _replaced_symbols(block: str, current: str, language: Language | None) -> Proposal | None:
    """Replace what the block redefines; None when it redefines nothing of the file."""
    block_tree, tree = _tree(block, language), _tree(current, language)
    if block_tree is None or tree is None:
        return None
    there: dict[tuple[str, str], Symbol] = {
        (each.container, each.name): each for each in outline(tree)
    }
    edits: list[tuple[int, int, str]] = []
    names: list[str] = []
    new: list[str] = []
    for symbol in _outermost(outline(block_tree)):
        text = _symbol_text(block, symbol)
        old = there.get((symbol.container, symbol.name)) or _only_named(there, symbol.name)
        if old is None:
            new.append(text)
            continue
        first, last = _symbol_lines(current, old)
        indentation = _indentation(lines_of(current)[first])
        edits.append((first, last, _indented(text, indentation)))
        names.append(old.name)
    if not edits:
        return None
    lines = lines_of(_with_ends(current, "\n"))
    for first, last, text in sorted(edits, reverse=True):
        lines[first:last] = lines_of(_ended(text))
    if new:
        lines += ["\n\n" + _ended(text) for text in new]
    text = _with_imports("".join(lines), tree, block_tree)
    shown = ", ".join(f"`{name}`" for name in names[:4]) + (" …" if len(names) > 4 else "")  # noqa: PLR2004
    added = f" and adds {len(new)} more" if new else ""
    return Proposal(text=_with_ends(text, current), how=f"Replaces {shown}{added}.")


def _outermost(symbols: Sequence[Symbol]) -> list[Symbol]:
    return [each for each in symbols if not each.container]


def _only_named(there: dict[tuple[str, str], Symbol], name: str) -> Symbol | None:
    """A method that was written without its class around it: fine when there is one of the name."""
    named = [symbol for (_, own), symbol in there.items() if own == name]
    return named[0] if len(named) == 1 else None


def _symbol_lines(text: str, symbol: Symbol) -> tuple[int, int]:
    """Return the first line of a symbol, decorators and comments included, and the one behind."""
    lines = lines_of(text)
    first = symbol.range.start.line
    lead = _indentation(lines[first])
    while first > 0:
        above = lines[first - 1]
        if _indentation(above) != lead or not above.strip().startswith("@"):
            break
        first -= 1
    end = symbol.range.end
    return first, end.line + (1 if end.character else 0)


def _symbol_text(block: str, symbol: Symbol) -> str:
    first, last = _symbol_lines(block, symbol)
    return "".join(lines_of(block)[first:last])


def _indented(text: str, indentation: str) -> str:
    own = _indentation(text)
    if own == indentation:
        return text
    return "".join(
        indentation + line.removeprefix(own) if line.strip() else line for line in lines_of(text)
    )


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _with_imports(text: str, tree: SyntaxTree, block_tree: SyntaxTree) -> str:
    """Add the block's imports that the file lacks, behind its last one."""
    have = imports(tree)
    known = {tree.snapshot.slice(each.range).strip() for each in have}
    wanted = dict.fromkeys(
        block_tree.snapshot.slice(each.range).strip() for each in imports(block_tree)
    )
    missing = [line for line in wanted if line not in known and line not in text]
    if not missing:
        return text
    lines = lines_of(text)
    last = max((each.range.end.line + 1 for each in have), default=0)
    lines[last:last] = [f"{line}\n" for line in missing]
    return "".join(lines)


def _tree(text: str, language: Language | None) -> SyntaxTree | None:
    if language is None:
        return None
    return parse(Snapshot.from_text(text), language=language, deadline_ms=_PARSE_MS)


def _errors(text: str, path: str, language: Language | None) -> int:
    language = language_for("", path) or language
    tree = _tree(text, language)
    return tree.error_count() if tree else 0


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _with_ends(text: str, like: str) -> str:
    """Return a text with the line ends of another."""
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in like else plain
