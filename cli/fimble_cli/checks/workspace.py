"""Checks of the workspace: what is indexed of it, and what waits for the user's review."""

from __future__ import annotations

import time
from pathlib import Path

from fimble.context.index.symbol_index import SymbolIndex
from fimble.errors import FimbleError
from fimble.trust.workspace import trust_state
from fimble_cli.checks.finding import Finding, command_in, ok, problem, skipped, warning

_BUILD = "fimble index build"


def check_index(workspace: Path) -> Finding:
    """Say how much of the workspace is indexed."""
    check = "workspace index"
    index = SymbolIndex(workspace)
    try:
        if not index.exists:
            return skipped(check, "Not built yet; Fimble does it when it is wanted.", _BUILD)
        status = index.status()
    except FimbleError as error:
        return problem(check, error.sentence, f"{_BUILD} --fresh")
    finally:
        index.close()
    if status.built_at is None:
        return warning(check, "It was begun and never finished.", _BUILD)
    built = time.strftime("%Y-%m-%d %H:%M", time.localtime(status.built_at))
    return ok(
        check,
        f"{_counted(status.files, 'file')} with {_counted(status.symbols, 'symbol')}, "
        f"{status.skipped:,} left out; last looked through on {built}.",
    )


def check_trust(workspace: Path) -> Finding:
    """Say whether the workspace's own prompts and settings take part."""
    check = "trust"
    state = trust_state(workspace)
    if state.mistake:
        return problem(check, state.mistake, "fimble trust --revoke")
    sentence = state.sentence()
    if sentence:
        return warning(check, sentence.partition(": run ")[0] + ".", command_in(sentence))
    if state.trust.granted:
        return ok(check, "You reviewed what this workspace brings; it takes part.")
    return ok(check, "This workspace brings nothing that waits for your review.")


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
