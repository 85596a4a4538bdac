"""What is saved while the server runs is known to the embedded engine at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from fimble.completion.planning import Trigger
from fimble.config.schema import Settings
from fimble.engine.protocol import Hole
from fimble.pipeline.assembly import CompletionService
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

PATIENCE_S = 10.0


async def test_a_saved_file_is_learned_from(tmp_path: Path) -> None:
    """The line of a file that was written after the workspace was read is offered elsewhere."""
    other = tmp_path / "other.py"
    other.write_text("a = 1\n")
    settings = msgspec.convert(
        {"engine": {"kind": "embedded"}, "embedded": {"confidence": 0.05}}, Settings
    )
    service = CompletionService(settings, [str(tmp_path)])
    await service.index_workspace()
    text = "y = new_name_of_it(\n"
    document = Snapshot.from_text(
        text, uri=(tmp_path / "open.py").as_uri(), version=1, language_id="python"
    )
    hole = Hole(snapshot=document, cursor=Position(0, len(text) - 1))

    other.write_text("x = new_name_of_it(gamma, delta)\n" * 2)
    service.document_saved(other)
    reading = [task for task in asyncio.all_tasks() if task.get_name() == "fimble-index"]
    await asyncio.wait_for(asyncio.gather(*reading), PATIENCE_S)
    result = await service.complete(hole, tree=None, trigger=Trigger.INVOKED)
    await service.aclose()

    assert [item.text for item in result.items] == ["gamma, delta)"]
