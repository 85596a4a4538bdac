"""Templates and partials among the open documents, and the code that stands beside them.

Templates are checked in a thread once their writer pauses, so that neither start-up nor a key in
any document pays for YAML; nothing here is loaded or sent before the first template is opened.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from pygls.uris import to_fs_path

from fimble.text.edit import ByteEdit
from fimble.text.position import Position
from fimble_lsp.background import in_daemon_thread

if TYPE_CHECKING:
    from fimble.text.snapshot import Snapshot
    from fimble_lsp.documents import OpenDocument
    from fimble_lsp.prompt_checking import CheckedPrompt, CheckedText
    from fimble_lsp.server import FimbleServer

SUFFIX: Final = ".prompt.md"

_OTHERS: Final = "/.github/"
"""Prompts of GitHub Copilot have the same suffix and another form; `fimble prompts import` reads
them."""

_PARTIAL: Final = re.compile(r"/prompts/_partials/[^/]+\.md\Z")
"""Other tools have folders of that name too, so the one above it counts as well."""

_MOST_PREVIEWS: Final = 20

_QUIET_S: Final = 0.15
"""Pause after a key before the template is checked."""


def is_prompt(uri: str) -> bool:
    """Whether a document is one of our templates, by its name."""
    if not uri.endswith(SUFFIX) and "%" not in uri:
        return False
    path = unquote(urlsplit(uri).path)
    return path.endswith(SUFFIX) and _OTHERS not in path


def is_partial(uri: str) -> bool:
    """Whether a document is a partial of a folder of prompts, by its name."""
    if not uri.endswith(".md") and "%" not in uri:
        return False
    path = unquote(urlsplit(uri).path)
    return _PARTIAL.search(path) is not None


def path_of(uri: str) -> Path:
    """Return where a document is, or for one that is no file what its name says."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path or unquote(urlsplit(uri).path))


class Visited(NamedTuple):
    """An open document and where in it somebody last was."""

    document: OpenDocument
    cursor: Position


class PromptDocuments:
    """What the features for templates share."""

    def __init__(self, server: FimbleServer) -> None:
        self._server = server
        self._visits: dict[str, Position | ByteEdit] = {}
        """The document touched last at the end."""
        self._checked: dict[str, CheckedPrompt] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.on_first: Callable[[], None] = lambda: None
        """Called before the first template is looked at."""
        self.on_checked: Callable[[CheckedText], None] = lambda _: None
        """Called with what a pause in typing brought to light."""
        self.on_closed: Callable[[str], None] = lambda _: None
        """Called with the name of a template that was closed."""
        self.previews: dict[str, str] = {}
        """Rendered prompts by the names that the client knows them by, the newest at the end."""
        self.content_announced = False
        """Whether a client that learns late that we have texts to show has been told."""
        self._met = False

    def visited(self, uri: str, place: Position | ByteEdit) -> None:
        """Note where somebody is; on the way of every key, so nothing is worked out here."""
        self._visits.pop(uri, None)
        self._visits[uri] = place

    def document_changed(self, document: OpenDocument, last_edit: ByteEdit | None) -> None:
        """Follow an open document; None stands for a whole new text."""
        uri = document.snapshot.uri
        if is_prompt(uri) or is_partial(uri):
            if not self._met:
                self._met = True
                self.on_first()
            self._check_later(uri)
            if is_partial(uri):
                self._partial_changed(uri)
        elif last_edit is not None:
            self.visited(uri, last_edit)
        elif uri not in self._visits:
            self.visited(uri, Position(0, 0))

    def document_closed(self, uri: str) -> None:
        """Forget a document."""
        self._visits.pop(uri, None)
        self._checked.pop(uri, None)
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()
        if is_prompt(uri) or is_partial(uri):
            self.on_closed(uri)
        if is_partial(uri):
            self._partial_changed(uri)

    def find(self, uri: str) -> OpenDocument | None:
        """Return an open template; None for any other document."""
        return self._server.documents.find(uri) if is_prompt(uri) else None

    def find_checkable(self, uri: str) -> OpenDocument | None:
        """Return an open template or partial; None for any other document."""
        wanted = is_prompt(uri) or is_partial(uri)
        return self._server.documents.find(uri) if wanted else None

    def beside(self) -> Visited | None:
        """Return the document touched last that is no template and may be looked at."""
        for uri, place in reversed(self._visits.items()):
            document = self._server.documents.find(uri)
            if document is None or not document.completable or is_prompt(uri):
                continue
            snapshot = document.snapshot
            if not self._may_see(snapshot):
                continue
            if isinstance(place, ByteEdit):
                return Visited(document, snapshot.position_at_byte(place.new_end_byte))
            return Visited(document, snapshot.clamp(place))
        return None

    def _may_see(self, snapshot: Snapshot) -> bool:
        """Whether completion may see the document: no other shows up in a preview (T15)."""
        configuration = self._server.configuration
        if configuration is None:
            return False
        from fimble_lsp.admission import Admission  # noqa: PLC0415 - after start-up

        admission = Admission(configuration.settings, self._server.hello.folders)
        return admission.admits(snapshot.uri, snapshot.language_id)

    def keep_preview(self, uri: str, text: str) -> bool:
        """Keep a rendered prompt for the client to fetch; whether it replaces an older one."""
        former = self.previews.pop(uri, None)
        self.previews[uri] = text
        if len(self.previews) > _MOST_PREVIEWS:
            del self.previews[next(iter(self.previews))]
        return former is not None

    def last_check(self, uri: str) -> CheckedPrompt | None:
        """Return the latest check of a template, perhaps of an older text."""
        return self._checked.get(uri)

    async def check(self, snapshot: Snapshot) -> CheckedPrompt:
        """Check one text, unless that has been done."""
        known = self._checked.get(snapshot.uri)
        if known is not None and known.snapshot is snapshot:
            return known
        partials = self._open_partials(snapshot.uri)
        checked = await in_daemon_thread(lambda: _check(snapshot, partials))
        document = self._server.documents.find(snapshot.uri)
        same = partials == self._open_partials(snapshot.uri)
        if document is not None and document.snapshot is snapshot and same:
            self._checked[snapshot.uri] = checked
        return checked

    async def check_any(self, snapshot: Snapshot) -> CheckedText:
        """Check a template or a partial."""
        if not is_partial(snapshot.uri):
            return await self.check(snapshot)
        return await in_daemon_thread(lambda: _check_partial(snapshot))

    def check_now(self, snapshot: Snapshot) -> CheckedPrompt:
        """Check one text without waiting for a thread: for what somebody just asked for."""
        known = self._checked.get(snapshot.uri)
        if known is not None and known.snapshot is snapshot:
            return known
        return _check(snapshot, self._open_partials(snapshot.uri))

    def _open_partials(self, uri: str) -> dict[Path, Snapshot]:
        """Return the open partials in the folder of prompts that a template lies in."""
        beside = path_of(uri).parent.parent
        found = ((path_of(each.snapshot.uri), each) for each in self._server.documents)
        return {
            path: each.snapshot
            for path, each in found
            if is_partial(each.snapshot.uri) and path.parent.parent == beside
        }

    def _partial_changed(self, uri: str) -> None:
        """Check the open templates again that may include a partial."""
        beside = path_of(uri).parent.parent
        for document in self._server.documents:
            template = document.snapshot.uri
            if is_prompt(template) and path_of(template).parent.parent == beside:
                self._checked.pop(template, None)
                self._check_later(template)

    def _check_later(self, uri: str) -> None:
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[uri] = loop.call_later(_QUIET_S, self._begin_check, uri)

    def _begin_check(self, uri: str) -> None:
        self._timers.pop(uri, None)
        self._server.spawn(self._check_present(uri), name="check template")

    async def _check_present(self, uri: str) -> None:
        document = self.find_checkable(uri)
        if document is None or not document.in_step:
            return
        checked = await self.check_any(document.snapshot)
        if document.snapshot is checked.snapshot and self.find_checkable(uri) is document:
            self.on_checked(checked)


def _check(snapshot: Snapshot, open_partials: dict[Path, Snapshot]) -> CheckedPrompt:
    from fimble_lsp.prompt_checking import check_prompt  # noqa: PLC0415 - loads YAML

    return check_prompt(snapshot, path_of(snapshot.uri), open_partials)


def _check_partial(snapshot: Snapshot) -> CheckedText:
    from fimble_lsp.prompt_checking import check_partial  # noqa: PLC0415 - as above

    return check_partial(snapshot, path_of(snapshot.uri))
