"""The embedded engine as its users see it: what it says, and above all when it is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimble.engine.embedded.engine import EmbeddedEngine
from fimble.engine.protocol import GenerateRequest, GenerationStatistics, Hole, TextChunk
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

CURSOR = "‸"

REPEATED = """\
class One(Base):
    def __init__(self, sentence, *, engine="", hint=""):
        super().__init__(sentence, engine=engine, hint=hint)


class Two(Base):
    def __init__(self, sentence, *, engine="", hint=""):
        super().__init__(sentence, engine=engine, hint=hint)


class Three(Base):
    def __init__(self, sentence, *, engine="", hint=""):
"""


def hole(text: str, *, uri: str = "file:///w/a.py", language_id: str = "python") -> Hole:
    before, after = text.split(CURSOR)
    lines = before.split("\n")
    return Hole(
        snapshot=Snapshot.from_text(before + after, uri=uri, language_id=language_id),
        cursor=Position(len(lines) - 1, len(lines[-1])),
    )


def says(text: str, engine: EmbeddedEngine | None = None, **kwargs: str) -> str:
    found = (engine or EmbeddedEngine(confidence=0.3)).suggest(hole(text, **kwargs))
    return "" if found is None else found.text


def read_all(engine: EmbeddedEngine) -> None:
    for _ in engine.index_steps():
        pass


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("        super", "().__init__(sentence, engine=engine, hint=hint)"),
        ("        su", "per().__init__(sentence, engine=engine, hint=hint)"),
        ("        super().__init__(", "sentence, engine=engine, hint=hint)"),
        ("        super().__init__(sentence,", " engine=engine, hint=hint)"),
        ("        super().__init__(sentence, engine=engine, hi", "nt=hint)"),
    ],
)
def test_a_line_written_twice_is_completed_the_third_time(typed, expected):
    assert says(f"{REPEATED}{typed}{CURSOR}\n") == expected


def test_text_below_the_cursor_is_a_source():
    below = "\n\ndef second():\n    return compute_total(basket, discount=0.1)\n"

    engine = EmbeddedEngine(confidence=0.1)
    text = f"def first():\n    return compute_total({CURSOR}{below}"

    assert says(text, engine) == "basket, discount=0.1)"


@pytest.mark.parametrize(
    "text",
    [
        CURSOR,
        f"zebra{CURSOR}",
        f"{REPEATED}        # super(){CURSOR}\n",
        f'{REPEATED}        """super(){CURSOR}\n',
        f"{REPEATED}        super(){CURSOR} + other\n",
    ],
    ids=["empty", "unknown word", "comment", "docstring", "before other text"],
)
def test_it_is_silent_where_it_has_nothing_sensible_to_say(text):
    assert says(text) == ""


def test_an_auto_closed_bracket_after_the_cursor_does_not_silence_it():
    assert says(f"{REPEATED}        super().__init__({CURSOR})\n").startswith("sentence, engine")


def test_nothing_is_learned_from_or_said_in_a_secret_file():
    engine = EmbeddedEngine(confidence=0.0)
    secret = "PASSWORD = load_password('hunter2', salt)\n"
    engine.observe(Snapshot.from_text(secret, uri="file:///w/.env", language_id="python"))
    read_all(engine)

    assert says(f"PASSWORD = load_password({CURSOR}\n", engine) == ""
    assert says(f"{secret}PASSWORD = load_password({CURSOR}\n", engine, uri="file:///w/.env") == ""


def test_hidden_characters_are_never_suggested():
    evil = 'check_access(user, "admin\u202e \u2066", role)'

    assert says(f"a = {evil}\nb = {evil}\nc = check_access({CURSOR}\n") == ""


def test_words_that_look_like_keys_are_never_suggested():
    key = "sk4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b"

    assert key not in says(
        f"connect(token='{key}')\nconnect(token='{key}')\nconnect(token='{CURSOR}"
    )


def test_an_open_document_teaches_and_forgetting_it_unteaches():
    engine = EmbeddedEngine(confidence=0.05)
    other = "    registry.register_handler(name, handler, priority=10)\n" * 2
    engine.observe(Snapshot.from_text(other, uri="file:///w/b.py", language_id="python"))
    read_all(engine)
    text = f"def f():\n    registry.register_handler({CURSOR}\n"

    assert says(text, engine) == "name, handler, priority=10)"
    engine.forget("file:///w/b.py")
    assert says(text, engine) == ""


def test_the_workspace_teaches_and_its_copy_of_an_open_file_does_not_count(tmp_path: Path):
    used = "    registry.register_handler(name, handler, priority=10)\n"
    (tmp_path / "b.py").write_text(used * 2)
    engine = EmbeddedEngine(confidence=0.05)
    engine.index_workspace(tmp_path)
    read_all(engine)
    text = f"def f():\n    registry.register_handler({CURSOR}\n"

    assert engine.report.files == 1
    assert says(text, engine) == "name, handler, priority=10)"
    engine.observe(
        Snapshot.from_text("# emptied\n", uri=(tmp_path / "b.py").as_uri(), language_id="python")
    )
    assert says(text, engine) == ""


def test_a_saved_file_is_read_again(tmp_path: Path):
    path = tmp_path / "b.py"
    path.write_text("x = old_name_of_it(alpha, beta)\n" * 2)
    engine = EmbeddedEngine(confidence=0.05)
    engine.index_workspace(tmp_path)
    read_all(engine)
    path.write_text("x = new_name_of_it(gamma, delta)\n" * 2)
    engine.refresh(path)
    read_all(engine)

    assert says(f"y = new_name_of_it({CURSOR}\n", engine) == "gamma, delta)"
    assert says(f"y = old_name_of_it({CURSOR}\n", engine) == ""


def test_the_reason_names_file_line_and_confidence():
    engine = EmbeddedEngine()
    found = engine.suggest(hole(f"{REPEATED}        super().__init__({CURSOR}\n"))

    assert found is not None
    assert (found.source, found.line, found.way) == ("/w/a.py", 8, "copied")
    assert 0.6 <= found.confidence <= 1
    assert "/w/a.py:8" in found.sentence()


async def test_generate_yields_at_most_one_chunk_and_then_the_statistics():
    engine = EmbeddedEngine(confidence=0.5)
    at = hole(f"{REPEATED}        super().__init__({CURSOR}\n")
    request = GenerateRequest(prompt="unused", max_tokens=1, hole=at)

    events = [event async for event in engine.generate(request)]

    assert [type(event) for event in events] == [TextChunk, GenerationStatistics]
    assert events[0].text == "sentence, engine=engine, hint=hint)"
    assert engine.explain is not None


async def test_generate_with_nothing_to_say_yields_only_the_statistics():
    request = GenerateRequest(prompt="unused", max_tokens=1)

    events = [event async for event in EmbeddedEngine().generate(request)]

    assert [type(event) for event in events] == [GenerationStatistics]


async def test_it_is_always_ready():
    health = await EmbeddedEngine().health()

    assert (health.state, health.engine) == ("ready", "embedded")


def test_every_folder_of_a_workspace_teaches(tmp_path: Path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text(
            f"register_{folder}(name, handler, priority=low)\n" * 2
        )
    engine = EmbeddedEngine(confidence=0.0)
    engine.index_workspace(tmp_path / "one")
    engine.index_workspace(tmp_path / "two")
    read_all(engine)

    assert engine.report.files == 2
    assert says(f"register_one({CURSOR}\n", engine) == "name, handler, priority=low)"
    assert says(f"register_two({CURSOR}\n", engine) == "name, handler, priority=low)"
