"""The file that the tests of a document go into: found by convention, read as it is, never written.

A file that is there is joined; one that is not is made by the client. Which it is follows from
names alone, never from the answer (T2).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fimble.context.workspace_files import WorkspaceFiles
from fimble.editing.answer import EditRefusedError
from fimble.editing.outcome import Change, joined_file
from fimble.editing.tests_file import tests_file
from fimble.pipeline.document_names import document_path
from fimble.policy.containment import contain
from fimble.policy.printable import printable_line
from fimble.text.snapshot import Snapshot
from fimble_lsp.background import in_daemon_thread
from fimble_lsp.edit_targets import Target, refuse_to_change, refuse_to_read, target_of
from fimble_lsp.workspace_edits import FileEdit, can_create

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble.conversation.one_answer import WholeAnswer
    from fimble.syntax.tree import SyntaxTree
    from fimble_lsp.server import FimbleServer


class FileOfTests:
    """One such file."""

    def __init__(
        self,
        server: FimbleServer,
        target: Target,
        tree: SyntaxTree | None,
        settings: Settings,
    ) -> None:
        self._server = server
        self._source = target
        self._language = tree.language.name if tree else ""
        self._ignore = settings.completion.ignore
        self._root = Path()
        self._relative = ""
        self._path = Path()
        """Real, below the real root."""

    async def find(self) -> None:
        """Choose the file, before the model is asked.

        Raises:
            EditRefusedError: It must not be changed, or the client cannot make it.
            PathRefusedError: A link or something odd stands where it should be.
        """
        path = self._source.path
        if path is None:
            raise EditRefusedError(
                "This document is no file yet, so its tests have no place.", hint="Save it first."
            )
        self._root = self._source.folder or path.parent
        self._relative, there = await in_daemon_thread(self._chosen)
        self._path = contain(self._root, self._relative)
        target = target_of(self._path.as_uri(), [self._root])
        refuse_to_read(target, self._ignore)
        refuse_to_change(target)
        if not there and not can_create(self._server):
            raise EditRefusedError(
                "This editor makes no files for a language server.",
                hint=f"Make {printable_line(self._relative)}, empty, and ask again.",
            )

    async def edit(self, answer: WholeAnswer) -> tuple[FileEdit, Change]:
        """Return the edit that an answer is.

        Raises:
            EditRefusedError: The answer is of no use, or the file cannot be read.
        """
        current, version = await self._current()
        change = joined_file(answer.text, current, self._relative, cut=answer.cut)
        uri = self._uri()
        snapshot = current or Snapshot.from_text("", uri=uri)
        edit = FileEdit(
            snapshot=snapshot, version=version, changes=change.edits, creates=current is None
        )
        return edit, change

    def _chosen(self) -> tuple[str, bool]:
        def exists(relative: str) -> bool:
            return (self._root / relative).exists()

        relative = tests_file(self._source.name, self._language, exists)
        return relative, exists(relative)

    async def _current(self) -> tuple[Snapshot | None, int | None]:
        """Return the file's text, and its version where it is open."""
        document = self._server.documents.find(self._uri())
        if document is not None:
            if not document.completable:
                raise EditRefusedError("The file of tests is open and its text is not known.")
            return document.snapshot, document.snapshot.version
        if not await in_daemon_thread(self._path.exists):
            return None, None
        written = self._root / self._relative
        found = await in_daemon_thread(lambda: WorkspaceFiles(self._root).read(written))
        if found is None or found.replaced:
            name = printable_line(self._path.name)
            raise EditRefusedError(f"{name} is there and cannot be read, so nothing was changed.")
        return Snapshot.from_text(found.text, uri=self._uri()), None

    def _uri(self) -> str:
        """Return the client's name for the file where it is open, else ours."""
        names = {self._path, self._root / self._relative}
        for document in self._server.documents:
            if document_path(document.snapshot.uri) in names:
                return document.snapshot.uri
        return (self._root / self._relative).as_uri()
