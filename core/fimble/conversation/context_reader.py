"""From mentions to the texts that go to the model: through the one reader and its secrets gate.

Nothing is dropped in silence: what cannot be read comes back as a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from fimble.chat.mentions import Mention, mentions
from fimble.chat.transcript import Attachment, AttachmentKind
from fimble.context.workspace_files import ScanLimits, Skipped, WorkspaceFiles
from fimble.conversation.surroundings import NO_SURROUNDINGS, surroundings
from fimble.errors import FimbleError, PathRefusedError
from fimble.policy.containment import contain
from fimble.syntax.languages import language_for

_LIMITS: Final = ScanLimits(max_files=200, max_total_bytes=2 * 1024 * 1024, max_seconds=3.0)
"""Of one mentioned folder; what is over is said."""
_REFUSALS: Final = {
    Skipped.SECRET: "looks like a file of secrets and is not read",
    Skipped.IGNORED: "is ignored by git or by your settings, and is not read",
    Skipped.LINK: "is a link and is not followed; mention the file itself",
    Skipped.NOT_REGULAR: "is no regular file",
    Skipped.TOO_LARGE: "is larger than half a megabyte; mention some of its lines' symbols instead",
    Skipped.BINARY: "is no text",
    Skipped.MINIFIED: "is minified or generated, and is not read",
    Skipped.UNREADABLE: "cannot be read",
    Skipped.OTHER_KIND: "is a lock file, and is not read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the mentions of a text lead to."""

    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()
    """One sentence for each mention that leads to nothing."""


class NamedSource(Protocol):
    """Somebody who knows attachments that are no files: symbols, changes, the map."""

    def attachments(self, mention: Mention, /) -> Iterable[Attachment] | None:
        """Return what a mention means; None when it is not his.

        Raises:
            FimbleError: It is his, and cannot be had.
        """
        ...


class ContextReader:
    """Reads what is mentioned, inside one workspace."""

    def __init__(
        self,
        workspace: Path,
        *,
        exclude: tuple[str, ...] = (),
        count_tokens: Callable[[str], int],
        mask: Callable[[str], tuple[str, int]] = lambda text: (text, 0),
        sources: Iterable[NamedSource] = (),
    ) -> None:
        """Take the workspace.

        Args:
            workspace: Its root.
            exclude: The user's own globs.
            count_tokens: Prices each attachment.
            mask: Replaces secrets in a text and returns how many.
            sources: Asked for what is no file.
        """
        self._workspace = workspace
        self._exclude = exclude
        self._count_tokens = count_tokens
        self._mask = mask
        self._sources = tuple(sources)

    def gather(self, text: str) -> Gathered:
        """Return what `text` mentions, each thing once."""
        attachments: dict[str, Attachment] = {}
        problems: list[str] = []
        for mention in mentions(text):
            try:
                for attachment in self.read(mention):
                    attachments.setdefault(attachment.label, attachment)
            except FimbleError as error:
                problems.append(str(error))
        return Gathered(attachments=tuple(attachments.values()), problems=tuple(problems))

    def read(self, mention: Mention) -> list[Attachment]:
        """Return what one mention leads to.

        Raises:
            PathRefusedError: The path is outside, secret, ignored, or nothing to read.
            FimbleError: Nothing has that name.
        """
        if mention.kind is None:
            path = self._path(mention.name)
            if path is not None and path.is_dir():
                return self._folder(path)
            if path is not None:
                return [self._file(path, mention)]
        for source in self._sources:
            found = source.attachments(mention)
            if found is not None:
                return [self.priced(attachment) for attachment in found]
        raise FimbleError(
            f"@{mention.name}: nothing in this workspace has that name.",
            hint="Tab completes a mention; quotes allow blanks.",
        )

    def priced(self, attachment: Attachment) -> Attachment:
        """Return an attachment with its secrets masked and its tokens counted."""
        text, masked = self._mask(attachment.text)
        around = {name: self._mask(value)[0] for name, value in attachment.around.items()}
        tokens = self._count_tokens(text)
        return replace(attachment, text=text, around=around, masked=masked, tokens=tokens)

    def _path(self, name: str) -> Path | None:
        """Return the path that a name means, if there is one.

        Raises:
            PathRefusedError: It leads out of the workspace.
        """
        written = Path(name).expanduser() if name.startswith("~") else Path(name)
        path = written if written.is_absolute() else self._workspace / written
        try:
            if not path.exists() and not path.is_symlink():
                return None
        except OSError:
            return None
        try:
            contain(self._workspace, path.absolute())
        except PathRefusedError as error:
            raise PathRefusedError(
                f"@{name}: {error.sentence}", path=str(path), hint=error.hint
            ) from error
        return path

    def _files(self) -> WorkspaceFiles:
        return WorkspaceFiles(self._workspace, limits=_LIMITS, exclude=self._exclude)

    def _file(self, path: Path, mention: Mention) -> Attachment:
        files = self._files()
        found = files.read(path)
        if found is None:
            reason = next(iter(files.report.skipped), Skipped.IGNORED)
            raise PathRefusedError(f"@{mention.name} {_REFUSALS[reason]}.", path=str(path))
        label, text = found.relative, found.text
        around = NO_SURROUNDINGS
        if mention.first_line is not None:
            last = mention.last_line or mention.first_line
            lines = text.splitlines(keepends=True)
            text = "".join(lines[mention.first_line - 1 : last])
            if not text:
                raise PathRefusedError(
                    f"@{mention.name} has only {len(lines)} lines.", path=str(path)
                )
            label = f"{label}:{mention.first_line}-{min(last, len(lines))}"
            around = surroundings(
                found.text, found.relative, first_line=mention.first_line, last_line=last
            )
        return self._attachment(label, text, found.relative, around)

    def _folder(self, path: Path) -> list[Attachment]:
        files = self._files()
        base = path.absolute().relative_to(self._workspace.absolute())
        found = [
            self._attachment(file.relative, file.text, file.relative)
            for file in files.scan("" if base == Path() else base.as_posix())
            if file is not None
        ]
        if files.report.exhausted:
            raise PathRefusedError(
                f"@{base.as_posix()}/ holds more than a question can: over {len(found)} files.",
                path=str(path),
                hint="Mention a folder below it, or @map for an outline.",
            )
        if not found:
            raise PathRefusedError(f"@{base.as_posix()}/ holds no text to read.", path=str(path))
        return found

    def _attachment(
        self, label: str, text: str, relative: str, around: Mapping[str, str] = NO_SURROUNDINGS
    ) -> Attachment:
        language = language_for("", relative)
        return self.priced(
            Attachment(
                kind=AttachmentKind.FILE,
                label=label,
                text=text,
                language=language.name if language else "",
                around=around,
            )
        )
