"""What the mask of secrets takes out of ordinary code, and what it leaves of planted secrets.

`python -m bench.masking TREES` fetches the projects into TREES, masks every source file as it would
be masked for a prompt, and prints masks for each 10,000 lines, with what was masked, so that
somebody can look whether it is one. The planted secrets are those of the tests.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.results import RESULTS, command_line, put_section
from bench.source_trees import Project, fetch

from fimble.policy.masking import mask_secrets

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

PROJECTS = (
    Project(name="django", version="5.2.19", licence="BSD-3-Clause"),
    Project(name="requests", version="2.34.2", licence="Apache-2.0"),
    Project(name="flask", version="3.1.3", licence="BSD-3-Clause"),
    Project(name="aiohttp", version="3.14.5", licence="Apache-2.0 AND MIT"),
    Project(name="celery", version="5.7.0", licence="BSD-3-Clause"),
    Project(name="scrapy", version="2.19.0", licence="BSD-3-Clause"),
    Project(name="pydantic", version="2.14.4", licence="MIT"),
    Project(name="zod", version="4.6.7", licence="MIT", registry="npm"),
    Project(name="rxjs", version="7.8.2", licence="Apache-2.0", registry="npm"),
)
_SUFFIXES = frozenset({".py", ".ts", ".tsx", ".js", ".toml", ".cfg", ".yml", ".yaml", ".sh", ".md"})
_LARGEST_BYTES = 1 << 20
_SHOWN = 40
_TITLE = "Secrets in ordinary code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """One line of a file that the mask changed."""

    project: str
    place: str
    before: str
    after: str
    in_tests: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What was read of a project."""

    project: str
    files: int
    lines: int
    masks: int


def count(project: Project, root: Path) -> tuple[Count, list[Masked]]:
    """Mask every source file of a project."""
    files = lines = masks = 0
    found: list[Masked] = []
    for path in sorted(root.rglob("*")):
        if path.suffix not in _SUFFIXES or not path.is_file():
            continue
        if path.stat().st_size > _LARGEST_BYTES:
            continue
        text = path.read_text("utf-8", errors="replace")
        masked, number = mask_secrets(text)
        files, lines, masks = files + 1, lines + text.count("\n"), masks + number
        if number:
            place = path.relative_to(root).as_posix()
            found.extend(_changed(project.name, place, text, masked))
    return Count(project=project.name, files=files, lines=lines, masks=masks), found


def _changed(project: str, place: str, text: str, masked: str) -> Iterator[Masked]:
    before, after = text.splitlines(), masked.splitlines()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, other, _ in matcher.get_opcodes():
        if tag != "equal":
            yield Masked(
                project=project,
                place=f"{place}:{start + 1}",
                before=before[start].strip()[:110] if start < end else "",
                after=after[other].strip()[:110] if other < len(after) else "",
                in_tests="test" in place,
            )


def planted() -> tuple[int, int, int]:
    """Return how many texts the tests plant, in how many shapes, and in how many one stays."""
    from support.planted_secrets import planted as draw  # noqa: PLC0415 - of the tests

    texts = draw()
    left = sum(any(it in mask_secrets(each.text)[0] for it in each.secrets) for each in texts)
    return len(texts), len({each.shape for each in texts}), left


def report(counts: Sequence[Count], found: Sequence[Masked]) -> str:
    """Return the section of the results."""
    rows = [
        "| project | files | lines | masks | for 10,000 lines |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    total = Count(
        project="all",
        files=sum(it.files for it in counts),
        lines=sum(it.lines for it in counts),
        masks=sum(it.masks for it in counts),
    )
    for it in (*counts, total):
        share = it.masks * 10_000 / max(1, it.lines)
        rows.append(f"| {it.project} | {it.files:,} | {it.lines:,} | {it.masks:,} | {share:.2f} |")
    where = Counter("tests" if it.in_tests else "elsewhere" for it in found)
    number, shapes, left = planted()
    return "\n".join(
        [
            f"{command_line('bench.masking')}, projects as released on PyPI and npm.",
            "",
            *rows,
            "",
            f"Changed places: {where['tests']} in tests, {where['elsewhere']} elsewhere.",
            "",
            f"Planted secrets: {number} texts in {shapes} shapes; {left} of them keep one.",
        ]
    )


def main() -> int:
    """Fetch, count, print; `--record` keeps the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", type=Path, help="where the projects are, or are fetched to")
    parser.add_argument("--record", action="store_true", help=f"write the section into {RESULTS}")
    arguments = parser.parse_args()
    counts: list[Count] = []
    found: list[Masked] = []
    for project, root in zip(PROJECTS, fetch(PROJECTS, arguments.trees), strict=True):
        counted, changed = count(project, root)
        counts.append(counted)
        found.extend(changed)
    section = report(counts, found)
    print(section)
    print()
    for each in sorted(found, key=lambda it: it.in_tests)[:_SHOWN]:
        print(f"{each.project}/{each.place}\n  - {each.before}\n  + {each.after}")
    if arguments.record:
        put_section(_TITLE, section)
    return 0


if __name__ == "__main__":
    sys.exit(main())
