"""The engine without a model: completes the line from the workspace's own text.

It answers in milliseconds, from what is open and what was indexed, and says nothing unless it is
confident. All reading is done in bounded steps: `index_steps` for what waits to be read, and a
few milliseconds at a time between turns of the event loop for the document of a request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Literal, NamedTuple

from fimble.context.workspace_files import (
    ScanLimits,
    ScanReport,
    WorkspaceFile,
    WorkspaceFiles,
)
from fimble.engine.embedded.cursor_context import CursorContext, read_context
from fimble.engine.embedded.explaining import explain_decision
from fimble.engine.embedded.lexer import FIRST_STATE, LineLexer
from fimble.engine.embedded.lexical_rules import CODE_SUFFIXES, rules_for
from fimble.engine.embedded.matching import Sources
from fimble.engine.embedded.open_documents import OpenFile, OpenFiles, path_of
from fimble.engine.embedded.suggesting import Pool, gather, suggest
from fimble.engine.embedded.suggestion import Explanation
from fimble.engine.embedded.token_corpus import TokenCorpus
from fimble.engine.embedded.vocabulary import Vocabulary
from fimble.engine.protocol import (
    EngineHealth,
    GenerateRequest,
    GenerationStatistics,
    Hole,
    TextChunk,
)
from fimble.policy.secrets import is_secret_file
from fimble.text.snapshot import Snapshot
from fimble.text.splitting import split_lines

DEFAULT_CONFIDENCE = 0.7
"""At 0.7 some six of seven texts shown are right as far as they go, at a quarter of all places;
measured by `bench/embedded.py`."""
_STEP_LINES = 100
"""Lines read between two looks at the clock: about 1 ms."""
_STEP_S = 0.003

_DONE = object()


class _View(NamedTuple):
    context: CursorContext
    sources: Sources


class EmbeddedEngine:
    """Single-line suggestions from the words of the workspace; implements `Engine`.

    Everything runs on one thread. `observe` and `forget` take the editor's changes and return at
    once; `index_workspace` names a workspace whose files `index_steps` then reads.
    """

    def __init__(
        self,
        *,
        confidence: float = DEFAULT_CONFIDENCE,
        exclude: Sequence[str] = (),
        limits: ScanLimits | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make an engine that knows nothing yet.

        Args:
            confidence: The probability of being right below which it stays silent.
            exclude: Globs of files it must not read, in the syntax of `.gitignore`.
            limits: Where reading a workspace stops.
            now: A monotonic clock in seconds.
        """
        self._confidence = confidence
        self._exclude = tuple(exclude)
        self._limits = limits
        self._now = now
        self._vocabulary = Vocabulary()
        self._corpus = TokenCorpus()
        self._open = OpenFiles(self._vocabulary)
        self._secret: dict[str, bool] = {}
        self._folders: dict[Path, WorkspaceFiles] = {}
        self._scans: list[Iterator[WorkspaceFile | None]] = []
        self._changed: dict[Path, None] = {}
        self._work: Iterator[None] | None = None
        self._explanation: Explanation | None = None

    @property
    def name(self) -> Literal["embedded"]:
        """Which engine this is."""
        return "embedded"

    @property
    def explain(self) -> Explanation | None:
        """Why the last request was answered as it was; None when it was not answered."""
        return self._explanation

    @property
    def report(self) -> ScanReport:
        """What reading the workspace's folders has done so far, all together."""
        total = ScanReport()
        for files in self._folders.values():
            total.add(files.report)
        return total

    async def health(self) -> EngineHealth:
        """Say that it is ready, which it always is."""
        return EngineHealth(state="ready", engine=self.name)

    async def preload(self) -> None:
        """Do nothing: there is no model to load."""

    async def aclose(self) -> None:
        """Stop reading."""
        self._work = None
        self._scans.clear()
        self._changed.clear()

    # What the editor tells.

    def observe(self, snapshot: Snapshot) -> None:
        """Learn from an open document's newest text; a refused file is not learned from."""
        if not self._is_refused(snapshot.uri):
            self._open.observe(snapshot)

    def forget(self, uri: str) -> None:
        """Drop a document that was closed; what the workspace holds of it on disk stays."""
        self._open.forget(uri)
        self._secret.pop(uri, None)

    def index_workspace(self, root: Path) -> None:
        """Add a folder of the workspace; `index_steps` reads it."""
        files = WorkspaceFiles(
            root, limits=self._limits, exclude=self._exclude, suffixes=CODE_SUFFIXES, now=self._now
        )
        self._folders[files.root] = files
        self._scans.append(files.scan())

    def refresh(self, path: Path) -> None:
        """Have `index_steps` read a file again that was saved, created or deleted."""
        if self._folders:
            self._changed[path] = None

    def index_steps(self) -> Iterator[None]:
        """Read what waits to be read; yields after at most 5 ms of work, ends when all is read.

        Open documents come first, then saved files, then the workspace. A second iterator goes
        on where an abandoned one stopped; call it again when something new has come.
        """
        if self._work is None:
            self._work = self._waiting_work()
        start = self._now()
        while self._work is not None:
            if next(self._work, _DONE) is _DONE:
                self._work = None
            elif self._now() - start >= _STEP_S:
                yield
                start = self._now()

    def _waiting_work(self) -> Iterator[None]:
        while True:
            yield from self._open.read_steps(_STEP_LINES)
            if self._changed:
                yield from self._read_again(self._changed.popitem()[0])
            elif self._scans:
                file = next(self._scans[0], _DONE)
                if isinstance(file, WorkspaceFile):
                    yield from self._index(file)
                elif file is _DONE:
                    del self._scans[0]
                yield
            else:
                break
        if self._corpus.wants_rebuild:
            yield from self._corpus.rebuild_steps()

    def _read_again(self, path: Path) -> Iterator[None]:
        found = (files.read(path) for files in self._folders.values())
        file = next((one for one in found if one is not None), None)
        if file is None:
            self._corpus.remove(str(path))
        else:
            yield from self._index(file)

    def _index(self, file: WorkspaceFile) -> Iterator[None]:
        path = file.path
        known = self._open.read_already(str(path), file.text)
        if known is not None:
            lexed = known.tokens.lexed()
        else:
            lexer = LineLexer(rules_for("", file.relative), self._vocabulary)
            lexed: list[tuple[int, str, bytes]] = []
            state = FIRST_STATE
            for number, line in enumerate(split_lines(file.text)):
                found = lexer.lex(line, state)
                state = found.after
                if found.tokens:
                    lexed.append((number, found.tokens, found.blanks))
                if number % _STEP_LINES == _STEP_LINES - 1:
                    yield
        yield from self._corpus.add_steps(str(path), str(path.parent), lexed)

    # Answers.

    async def generate(
        self, request: GenerateRequest
    ) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        """Say how the line at `request.hole` goes on, in at most one chunk.

        The prompt is not looked at. With nothing to say there is only the final record.
        """
        started = self._now()
        text = ""
        self._explanation = None
        if request.hole is not None:
            explanation = await self._answer(request.hole)
            if explanation is not None:
                self._explanation = explanation
                text = explanation.text
        if text:
            yield TextChunk(text)
        spent = self._now() - started
        yield GenerationStatistics(finish="stop", eval_s=spent, total_s=spent)

    async def _answer(self, hole: Hole) -> Explanation | None:
        if self._is_refused(hole.snapshot.uri):
            return None
        file = self._open.observe(hole.snapshot)
        while not file.advance(hole.cursor.line, _STEP_LINES):
            await asyncio.sleep(0)
            if file.snapshot is not hole.snapshot:
                return None  # The text has changed meanwhile: nobody wants this answer.
        return self._suggest(file, hole)

    def suggest(self, hole: Hole) -> Explanation | None:
        """Answer at once, however much of the document has to be read first."""
        file = self._read_now(hole)
        return None if file is None else self._suggest(file, hole)

    def draft(self, hole: Hole) -> Explanation | None:
        """Answer within one step of reading; None where more of the document waits to be read."""
        if self._is_refused(hole.snapshot.uri):
            return None
        file = self._open.observe(hole.snapshot)
        if not file.advance(hole.cursor.line, _STEP_LINES):
            return None
        return self._suggest(file, hole)

    def pool_at(
        self, hole: Hole, *, hidden: frozenset[str] = frozenset()
    ) -> tuple[Pool, CursorContext] | None:
        """Return all candidates at a place, ranked or not: for fitting and measuring.

        Args:
            hole: The place.
            hidden: Paths of files of the workspace that are taken not to be there.
        """
        file = self._read_now(hole)
        view = None if file is None else self._view(file, hole, hidden=hidden)
        if view is None:
            return None
        return gather(view.context, view.sources, self._vocabulary), view.context

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens that it knows: for fitting and measuring."""
        return self._vocabulary

    def _read_now(self, hole: Hole) -> OpenFile | None:
        if self._is_refused(hole.snapshot.uri):
            return None
        file = self._open.observe(hole.snapshot)
        while not file.advance(hole.cursor.line, _STEP_LINES):
            pass
        return file

    def _suggest(self, file: OpenFile, hole: Hole) -> Explanation | None:
        view = self._view(file, hole)
        if view is None:
            return None
        decision = suggest(view.context, view.sources, self._vocabulary, threshold=self._confidence)
        if decision is None:
            return None
        others = tuple(view.sources.open_documents)
        return explain_decision(decision, view.context, file.path, others, self._vocabulary)

    def _view(
        self, file: OpenFile, hole: Hole, *, hidden: frozenset[str] = frozenset()
    ) -> _View | None:
        """Look at a document that has been read; None where there is nothing to say."""
        line, character = hole.snapshot.clamp(hole.cursor)
        around = file.tokens.around(line, character)
        context = read_context(around, hole.snapshot.line(line), character, self._vocabulary)
        if context is None:
            return None
        sources = Sources(
            before=around.before,
            after=around.after,
            open_documents=self._open.others(file),
            corpus=self._corpus,
            directory=str(PurePath(file.path).parent),
            skip=self._open.paths() | hidden,
        )
        return _View(context, sources)

    def _is_refused(self, uri: str) -> bool:
        refused = self._secret.get(uri)
        if refused is None:
            refused = self._secret[uri] = is_secret_file(path_of(uri))
        return refused
