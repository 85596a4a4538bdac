"""What rendering a prompt costs, with `string.Template` on the same texts in the same run.

Run: `.venv/bin/python bench/prompt_render.py [--json]`. Needs no model and no network.

Three questions, each with its target from the issue on prompts:

- one template with 50 values and 6 kB of text: under 1 ms;
- the bundled completion layouts with a full window (24 kB before, 6 kB after the cursor): under
  1 ms, since it happens between a key and its request;
- parsing and checking 500 templates: under 1 s.

`string.Template` does none of the checking, fencing, budgeting or neutralising: its figure is the
floor, not a rival. `neutralise` alone is given because it is most of the difference.
"""

from __future__ import annotations

import argparse
import json
import string
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from fimble.policy.control_tokens import neutralise
from fimble.policy.hidden import locate_hidden_characters
from fimble.prompting.guards import TextGuards
from fimble.prompting.parse import parse_template
from fimble.prompting.render import Renderer
from fimble_prompts import bundled_names, read_bundled

GUARDS = TextGuards(neutralise=neutralise, hidden_characters=locate_hidden_characters)
RENDERER = Renderer(neutralise=neutralise, count_tokens=len)
CONTROL = (
    *("fim_prefix", "fim_suffix", "fim_middle", "repo_name", "file_separator"),
    *("turn_system", "turn_user", "turn_assistant", "turn_end", "think_off"),
)
CODE = "def total(items: list[Item]) -> int:\n    return sum(item.price for item in items)\n\n"
FRONT = "schema: 1\nname: wide\ndescription: Fifty values.\nkind: chat\n"


def main(arguments: list[str] | None = None) -> int:
    """Print the table, or one JSON object with `--json`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = {**_fifty_values(), **_layouts(), **_parsing()}
    if options.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return 0
    for name, microseconds in figures.items():
        sys.stdout.write(f"{name:<58} {microseconds:>10.1f} us\n")
    return 0


def _fifty_values() -> dict[str, float]:
    names = [f"v{number}" for number in range(50)]
    declared = "".join(f"  {name}: {{}}\n" for name in names)
    lines = "".join(f"{name} is ${{inputs.{name}}}.\n" for name in names)
    text = f"---\n{FRONT}inputs:\n{declared}---\n{lines}"
    template = parse_template(text, source="bench", guards=GUARDS)
    values = {f"inputs.{name}": CODE[:120] for name in names}
    plain = string.Template(lines.replace("inputs.", ""))
    plain_values = dict.fromkeys(names, CODE[:120])
    return {
        "50 values, 6 kB: fimble": _microseconds(lambda: RENDERER.render(template, values).text),
        "50 values, 6 kB: string.Template": _microseconds(lambda: plain.substitute(plain_values)),
        "50 values, 6 kB: neutralise alone": _microseconds(
            lambda: [neutralise(value) for value in values.values()]
        ),
    }


def _layouts() -> dict[str, float]:
    values = {name: f"<|{name}|>" for name in CONTROL} | {
        "repository": "demo",
        "rules": "",
        "context": CODE * 40,
        "path": "src/shop.py",
        "language": "python",
        "suffix": (CODE * 100)[:6_000],
        "prefix": (CODE * 300)[:24_000],
    }
    figures: dict[str, float] = {}
    for name in bundled_names("complete"):
        text = read_bundled("complete", name)
        template = parse_template(text, source=name, guards=GUARDS)
        body = text.split("---\n", 2)[2]
        plain = string.Template(body)
        figures[f"layout {name}, 30 kB: fimble"] = _microseconds(
            lambda template=template: RENDERER.render(template, values).split("prefix")
        )
        figures[f"layout {name}, 30 kB: string.Template"] = _microseconds(
            lambda plain=plain: plain.substitute(values)
        )
    return figures


def _parsing() -> dict[str, float]:
    texts = [
        read_bundled(kind, name)
        for kind in ("complete", "chat", "edit", "commit")
        for name in bundled_names(kind)
    ]

    def parse_all() -> None:
        for number in range(500):
            parse_template(texts[number % len(texts)], source="bench", guards=GUARDS)

    parse_all()
    start = perf_counter()
    parse_all()
    return {"parse and check 500 bundled templates": (perf_counter() - start) * 1e6}


def _microseconds(work: Callable[[], object]) -> float:
    """Median of 200 runs, each timed alone."""
    work()
    times: list[float] = []
    for _ in range(200):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times) * 1e6


if __name__ == "__main__":
    raise SystemExit(main())
