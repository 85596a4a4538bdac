"""A file that is saved while it is open is not read a second time, and counts the same."""

from __future__ import annotations

from pathlib import Path

from fimble.engine.embedded.engine import EmbeddedEngine
from fimble.engine.embedded.lexer import LineLexer
from fimble.engine.protocol import Hole
from fimble.text.snapshot import Snapshot
from support.marked import CURSOR, marked

CALLS = "registry.register_handler(name, handler, priority=10)\n"
TEXT = CALLS * 3


def read_all(engine: EmbeddedEngine) -> None:
    for _ in engine.index_steps():
        pass


def says(text: str, engine: EmbeddedEngine) -> str:
    snapshot, cursor = marked(text)
    snapshot = Snapshot.from_text(snapshot.text, uri="file:///elsewhere/b.py", language_id="python")
    found = engine.suggest(Hole(snapshot=snapshot, cursor=cursor))
    engine.forget("file:///elsewhere/b.py")
    return "" if found is None else found.text


def test_a_saved_open_file_teaches_after_it_is_closed(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "old.py").write_text("x = 1\n")
    engine = EmbeddedEngine(confidence=0.05)
    engine.index_workspace(tmp_path)
    read_all(engine)
    path = tmp_path / "a.py"
    snapshot = Snapshot.from_text(TEXT, uri=path.as_uri(), language_id="python")
    engine.observe(snapshot)
    # The cursor stands in the file, so one of its lines is being typed.
    engine.suggest(Hole(snapshot=snapshot, cursor=snapshot.position_at_byte(len(TEXT) - 1)))
    path.write_text(TEXT)
    read: list[str] = []
    lex = LineLexer.lex

    def noting(self, line, state, *, learn=True):
        read.append(line)
        return lex(self, line, state, learn=learn)

    monkeypatch.setattr(LineLexer, "lex", noting)
    engine.refresh(path)
    read_all(engine)
    engine.forget(path.as_uri())

    assert len(read) <= 1, "the line that is being typed, and no other"
    assert says(f"registry.register_handler({CURSOR}\n", engine) == "name, handler, priority=10)"


def test_text_on_disk_that_differs_from_the_open_document_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(TEXT)
    engine = EmbeddedEngine(confidence=0.05)
    engine.index_workspace(tmp_path)
    read_all(engine)
    engine.observe(Snapshot.from_text("x = 1\n", uri=path.as_uri(), language_id="python"))
    read_all(engine)
    engine.refresh(path)
    read_all(engine)
    engine.forget(path.as_uri())

    assert says(f"registry.register_handler({CURSOR}\n", engine) == "name, handler, priority=10)"
