"""How still the context of a prompt stands while somebody works through a file.

Run it from the root of the repository: `python -m bench.context_sessions [--tuning] [--record]`.

Sessions in held-out projects: a file with up to six holes of some lines, visited in any order, ten
requests at each while it is typed; holes that are not visited yet are empty, so that nothing that
is chosen early holds what is asked for later. The product's `CompletionContext` is asked as a
prompt asks it: chosen for the first hole; at a jump what the new place needs besides is appended,
up to 1.25 budgets; where much of what is worth showing is missing, the pause after the jump begins
anew. Still is the common beginning of the context before and after, in characters. Beside it the
same questions answered anew at each jump. A budget has 4,000 tokens of four characters.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parent))

from context import LARGE, SEED, tokens
from context_tasks import BlockTask, Site, Tree
from embedded_projects import FITTED_ON, HELD_OUT
from fimble.context.index.symbol_index import SymbolIndex
from fimble.context.retrieval.terms import identifiers
from fimble.engine.protocol import Hole
from fimble.pipeline.completion_context import CompletionContext, ShownContext
from hole_tasks import source_files
from measure import machine_line
from results import command_line, put_section
from source_trees import Project, fetch

BUDGET = 4_000
FILES = 12
"""Of each project."""
SITES = 6
REQUESTS = 10
"""At each site; all but the first are typing."""
_APART = 20
_TYPING = (
    "While one types nothing is chosen: the head of a prompt is kept byte by byte, which "
    "`tests/lsp/test_workspace_context.py` holds on the wire."
)


@dataclass(slots=True)
class Figures:
    """What was seen over all sessions."""

    jumps: list[float] = field(default_factory=list[float])
    """Part of the new context that stood there before, at each change of place."""
    requests: list[float] = field(default_factory=list[float])
    sizes: list[float] = field(default_factory=list[float])
    """In budgets, at each request."""
    wanted: int = 0
    kept: int = 0
    fresh: int = 0
    begun_anew: int = 0


def main() -> None:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(description="Stability of a prompt's context.")
    parser.add_argument("--tuning", action="store_true", help="the projects that it is tuned on")
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--trees", type=Path, default=Path(tempfile.gettempdir()) / "fimble-trees")
    parser.add_argument("--record", action="store_true", help="write bench/RESULTS.md")
    options = parser.parse_args()
    projects = FITTED_ON if options.tuning else HELD_OUT + LARGE
    text = report(projects, options.trees, options.files)
    print(text)
    if options.record:
        put_section("Sticky context", text)


def report(projects: Sequence[Project], trees: Path, files: int) -> str:
    """Measure all projects and lay it out."""
    figures = Figures()
    for root in fetch(projects, trees):
        asyncio.run(_project(root, files, figures))
    kept, fresh = (100 * it / max(1, figures.wanted) for it in (figures.kept, figures.fresh))
    still = 100 * mean(figures.requests)
    size = mean(figures.sizes)
    names = ", ".join(it.requirement for it in projects)
    return "\n".join(
        [
            f"{command_line('bench.context_sessions')} on {machine_line()}.",
            "",
            (__doc__ or "").split("\n\n", 2)[2].strip(),
            "",
            f"{len(figures.jumps)} changes of place, {figures.wanted} identifiers: {names}.",
            "",
            "| | reached | goal | |",
            "| --- | ---: | ---: | --- |",
            f"| still over all requests | {still:.1f} % | 96 % | {_said(still >= 96)} |",
            f"| still at a change of place | {100 * mean(figures.jumps):.1f} % | | |",
            _lost(kept, fresh),
            f"| mean size | {size:.2f} budgets | 1.25 | {_said(size <= 1.25)} |",
            f"| largest size | {max(figures.sizes):.2f} budgets | | |",
            f"| begun anew in a pause | {figures.begun_anew} of {len(figures.jumps)} | | |",
            "",
            _TYPING,
        ]
    )


async def _project(root: Path, files: int, figures: Figures) -> None:
    tree = Tree(root)
    chance = random.Random(f"{SEED}:{root.name}")
    paths = [it.relative_to(root).as_posix() for it in source_files(root)]
    paths = [it for it in paths if it in tree.texts and tree.texts[it].count("\n") > _APART * SITES]
    with tempfile.TemporaryDirectory() as folder:
        index = SymbolIndex(root, folder=Path(folder))
        index.build(processes=2)
        index.close()
        context = CompletionContext(
            [root], exclude=(), max_tokens=BUDGET, count=tokens, index_folder=Path(folder)
        )
        context.use(trusted=True)
        for path in chance.sample(paths, min(files, len(paths))):
            await _session(tree, path, chance, context, figures)
        await context.aclose()


async def _session(
    tree: Tree, path: str, chance: random.Random, context: CompletionContext, figures: Figures
) -> None:
    empty = _sites(tree, path, chance)
    shown: ShownContext | None = None
    text = ""
    for site in chance.sample(empty, len(empty)):
        task = tree.task(path, empty, site)
        empty.remove(site)
        if task is None:
            continue
        hole = Hole(snapshot=task.snapshot, cursor=task.cursor)
        await context.prepare(hole, (task.first_line, task.last_line), patience_s=None)
        anew = context.chosen(hole)
        if shown is None:
            shown, text = anew, _text(anew)
            figures.requests += [1.0] * (REQUESTS - 1)
        else:
            more = context.chosen(hole, known=shown.keys, spent=shown.tokens)
            shown = ShownContext((), shown.keys | more.keys, shown.tokens + more.tokens)
            now = text + _text(more)
            if context.gain(hole, shown.keys):
                figures.begun_anew += 1
                shown, now = anew, _text(anew)
            still = _common(text, now) / max(1, len(now))
            figures.jumps.append(still)
            figures.requests += [still, *[1.0] * (REQUESTS - 1)]
            text = now
        figures.sizes += [shown.tokens / BUDGET] * REQUESTS
        _count(task, text, _text(anew), figures)


def _sites(tree: Tree, path: str, chance: random.Random) -> list[Site]:
    found: list[Site] = []
    for _ in range(SITES * 20):
        site = tree.site(path, chance)
        if site and all(abs(site.start - it.start) > _APART for it in found):
            found.append(site)
        if len(found) == SITES:
            break
    return found


def _count(task: BlockTask, kept: str, fresh: str, figures: Figures) -> None:
    figures.wanted += len(task.wanted)
    figures.kept += len(task.wanted & set(identifiers(kept)))
    figures.fresh += len(task.wanted & set(identifiers(fresh)))


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _text(shown: ShownContext) -> str:
    return "".join(f"{it.path}\n{it.text}\n" for it in shown.snippets)


def _lost(kept: float, fresh: float) -> str:
    lost = fresh - kept
    said = f"{lost:.1f} points ({kept:.1f} of {fresh:.1f} %)"
    return f"| recall lost to anew each time | {said} | 1 | {_said(lost <= 1)} |"


def _said(met: bool) -> str:  # noqa: FBT001 - of one comparison
    return "met" if met else "MISSED"


if __name__ == "__main__":
    main()
