"""One folder of prompts: `{chat,…}/NAME.prompt.md`, `_partials/`, `tests/`, `fixtures/`.

A repository's folder is written by whoever wrote the repository: every path is contained in it,
links are refused, only regular files are opened, and sizes and numbers are bounded (T2, T14).
What is refused is reported, never skipped in silence.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from fimble.errors import PathRefusedError, TemplateError
from fimble.policy.containment import contain
from fimble.policy.secrets import is_secret_file
from fimble.prompting.cases.case_file import CaseFile, read_case_file
from fimble.prompting.cases.runner import CaseTrees
from fimble.prompting.catalogue import PromptLayer, PromptSource
from fimble.prompting.partial import MAX_PARTIAL_CHARACTERS
from fimble.prompting.partial_catalogue import PARTIALS_FOLDER, PartialSource
from fimble.prompting.variables import Kind

Allows: TypeAlias = Callable[[str, str], str | None]
"""Given a file (path from the root, with slashes) and its text, returns the text that may take
part: that one, the one that was reviewed before, or None."""

PROMPT_SUFFIX = ".prompt.md"
TEST_SUFFIX = ".test.yaml"
MAX_PROMPT_BYTES = 262_144
"""Four bytes for each character that a template may have."""

PARTIAL_SUFFIX = ".md"
MAX_PARTIAL_BYTES = 4 * MAX_PARTIAL_CHARACTERS

_MAX_TEST_BYTES = 1_048_576
_MAX_FIXTURE_BYTES = 262_144
_MAX_ENTRIES = 2_000
_MAX_FIXTURE_FILES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSource:
    """One file of tests, good or broken."""

    origin: str
    file: CaseFile | None
    error: TemplateError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTexts:
    """The templates and partials of one folder, as they are or as they were at a revision."""

    templates: tuple[PromptSource, ...]
    partials: tuple[PartialSource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFolder:
    """A folder of prompts inside a root that nothing may lead out of."""

    root: Path
    """What paths are contained in; it may itself be reached through links."""
    folder: str
    """From the root, with slashes; empty for the root itself."""
    layer: PromptLayer
    allows: Allows | None = None
    """Leaves out files that the user has never reviewed; None takes all of them as they are."""

    @property
    def path(self) -> Path:
        """Where the prompts are."""
        return self.root / self.folder

    def prompts(self) -> Iterator[PromptSource]:
        """Yield every template that may take part; those that cannot be read with the reason."""
        for kind in Kind:
            for name in self.names(kind.value, PROMPT_SUFFIX):
                source = self._prompt(kind, name)
                text = self._allowed(f"{kind.value}/{name}{PROMPT_SUFFIX}", source.text)
                if text == source.text:
                    yield source
                elif text is not None:
                    yield replace(source, text=text, refusal="", is_former=True)

    def texts(self) -> PromptTexts:
        """Read all templates and partials."""
        return PromptTexts(templates=tuple(self.prompts()), partials=tuple(self.partials()))

    def _allowed(self, relative: str, text: str) -> str | None:
        path = f"{self.folder}/{relative}" if self.folder else relative
        return text if self.allows is None else self.allows(path, text)

    def partials(self) -> Iterator[PartialSource]:
        """Yield every partial that may take part; those that cannot be read with the reason."""
        for name in self.names(PARTIALS_FOLDER, PARTIAL_SUFFIX):
            relative = f"{PARTIALS_FOLDER}/{name}{PARTIAL_SUFFIX}"
            text, refusal = self._text_or_refusal(relative, MAX_PARTIAL_BYTES)
            allowed = self._allowed(relative, text)
            if allowed is not None:
                yield PartialSource(
                    layer=self.layer,
                    name=name,
                    origin=str(self.path / relative),
                    text=allowed,
                    refusal=refusal if allowed == text else "",
                )

    def _text_or_refusal(self, relative: str, max_bytes: int) -> tuple[str, str]:
        try:
            return self.read(relative, max_bytes), ""
        except PathRefusedError as error:
            return "", str(error)

    def _prompt(self, kind: Kind, name: str) -> PromptSource:
        relative = f"{kind.value}/{name}{PROMPT_SUFFIX}"
        text, refusal = self._text_or_refusal(relative, MAX_PROMPT_BYTES)
        return PromptSource(
            layer=self.layer,
            kind=kind,
            name=name,
            origin=str(self.path / relative),
            text=text,
            refusal=refusal,
        )

    def tests(self) -> Iterator[CaseSource]:
        """Yield every file of tests."""
        for name in self.names("tests", TEST_SUFFIX):
            relative = f"tests/{name}{TEST_SUFFIX}"
            origin = str(self.path / relative)
            try:
                text = self.read(relative, _MAX_TEST_BYTES)
                yield CaseSource(origin=origin, file=read_case_file(text, source=origin))
            except PathRefusedError as error:
                refusal = TemplateError(str(error), source=origin)
                yield CaseSource(origin=origin, file=None, error=refusal)
            except TemplateError as error:
                yield CaseSource(origin=origin, file=None, error=error)

    def trees(self, file: CaseFile) -> CaseTrees:
        """Read the fixtures and expected texts that `file` refers to; missing ones are left out.

        Raises:
            PathRefusedError: One of them may not be read.
        """
        fixtures = {
            name: self._tree(f"fixtures/{name}")
            for name in sorted(file.fixtures)
            if (self.path / "fixtures" / name).is_dir()
        }
        expected = {
            name: self.read(f"tests/{name}", _MAX_TEST_BYTES)
            for name in sorted(file.expected_files)
            if self.contained(f"tests/{name}").exists()
        }
        return CaseTrees(fixtures=fixtures, expected=expected)

    def _tree(self, relative: str) -> Mapping[str, str]:
        files: dict[str, str] = {}
        waiting = [relative]
        for _ in range(_MAX_FIXTURE_FILES):
            if not waiting:
                return files
            folder = waiting.pop()
            for name in self._entries(folder):
                below = f"{folder}/{name}"
                path = self.path / below
                if path.is_dir() and not path.is_symlink():
                    waiting.append(below)
                    continue
                files[below.removeprefix(f"{relative}/")] = self.read(below, _MAX_FIXTURE_BYTES)
                if len(files) > _MAX_FIXTURE_FILES:
                    raise _too_many(self.path / relative)
        raise _too_many(self.path / relative)

    def read(self, relative: str, max_bytes: int) -> str:
        """Return the text of a file of the folder.

        Raises:
            PathRefusedError: It leads out of the folder, through a link, to no regular file, to a
                file of secrets, or it is too large or no UTF-8.
        """
        return read_regular_text(self.contained(relative), max_bytes)

    def contained(self, relative: str) -> Path:
        """Return where a file of the folder is; raises `PathRefusedError` when it is elsewhere."""
        return contain(self.root, f"{self.folder}/{relative}" if self.folder else relative)

    def names(self, folder: str, suffix: str) -> list[str]:
        """Return the names of the files in one folder that end in `suffix`, without it."""
        return [
            name.removesuffix(suffix)
            for name in self._entries(folder)
            if name.endswith(suffix) and not name.startswith(".")
        ]

    def _entries(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; none when there is no such folder."""
        try:
            with os.scandir(self.path / folder) as entries:
                names = [entry.name for entry, _ in zip(entries, range(_MAX_ENTRIES), strict=False)]
        except OSError:
            return []
        return sorted(names)


def _too_many(path: Path) -> PathRefusedError:
    sentence = f"{path} holds more than {_MAX_FIXTURE_FILES} files or folders."
    return PathRefusedError(sentence, path=str(path), hint="A fixture is a few small files.")


def read_regular_text(path: Path, max_bytes: int) -> str:
    """Return the text of a regular file, opened without waiting and without following a link.

    Raises:
        PathRefusedError: It is something else, too large, unreadable or not UTF-8, or it looks
            like a file of secrets.
    """
    if is_secret_file(str(path)):
        raise PathRefusedError(f"{path} looks like a file of secrets.", path=str(path))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise PathRefusedError(f"{path} is no regular file.", path=str(path))
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise PathRefusedError(f"{path} cannot be read: {reason}.", path=str(path)) from None
    if len(data) > max_bytes:
        limit = f"{max_bytes // 1024:,} KiB"
        raise PathRefusedError(f"{path} is larger than {limit}.", path=str(path))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PathRefusedError(f"{path} is not UTF-8 on line {line}.", path=str(path)) from None
