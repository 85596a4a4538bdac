"""What prompts cost: rendering one, and checking five hundred, beside the tools one would take.

Run: `python -m bench.prompt_render [--runs N] [--record] [--json FILE]`. Needs no model and no
network; minijinja comes with the dependency group `bench`.

Targets of the issue on prompts:

- one template with 50 values and 6 kB of text: under 1 ms;
- `fimble prompts check` over 500 templates, the whole process: under 1 s.

Beside them the bundled completion layouts with a full window (24 kB before the cursor, 6 kB after
it), since rendering one happens between a key and its request.

`string.Template` and minijinja put the same values into the same words, parsed beforehand as ours
are; neither looks for control tokens, makes fences outgrow their content or keeps the segments
that a cache forecast needs. They show what the rest costs.
"""

from __future__ import annotations

import argparse
import re
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import minijinja
from bench.measure import Report, Row, Sample, as_table, condense, machine_line, publish, timed
from bench.results import command_line, put_section

from fimble.policy.control_tokens import neutralise
from fimble.policy.hidden import locate_hidden_characters
from fimble.prompt_files.layers import bundled_partial_sources
from fimble.prompting.catalogue import PromptLayer
from fimble.prompting.guards import TextGuards
from fimble.prompting.parse import parse_template
from fimble.prompting.partial_catalogue import PartialCatalogue
from fimble.prompting.render import Renderer
from fimble.prompting.template import Template
from fimble_prompts import bundled_names, read_bundled

TITLE = "Prompts: rendering one, checking five hundred"
RENDER_TARGET_MS = 1.0
CHECK_TARGET_MS = 1000.0

_FIFTY = "50 values, 6 kB"
_CHECK = "500 templates"
_COPIED_KINDS = ("chat", "edit", "commit")
_CONTROL = (
    *("fim_prefix", "fim_suffix", "fim_middle", "repo_name", "file_separator"),
    *("turn_system", "turn_user", "turn_assistant", "turn_end", "think_off"),
)
_CODE = "def total(items: list[Item]) -> int:\n    return sum(item.price for item in items)\n\n"
_GUARDS = TextGuards(neutralise=neutralise, hidden_characters=locate_hidden_characters)
_RENDERER = Renderer(neutralise=neutralise, count_tokens=len)

Contestant = tuple[str, str, Callable[[], object]]
"""What is done, by whom, and how."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; `--record` puts the table into bench/RESULTS.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=400, help="of each rendering")
    parser.add_argument("--record", action="store_true", help="write to bench/RESULTS.md")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    machine = machine_line()
    rows = (*_rendering(options.runs), *_checking(max(3, options.runs // 20)))
    report = Report(title=TITLE, label_names=("what", "by"), rows=rows, machine=machine)
    publish(report, json_path=options.json)
    print("", _verdict(rows), sep="\n")
    if options.record:
        table = as_table(report).partition("\n")[2]
        run = command_line("bench.prompt_render")
        put_section(TITLE, f"{run}\n\n{table}\n\n{_verdict(rows)}")


def _rendering(runs: int) -> tuple[Row, ...]:
    """Time every contestant in turns, so that a busy moment hits all of them."""
    contestants = [*_fifty_values(), *_layouts()]
    samples: dict[tuple[str, str], list[Sample]] = {(what, by): [] for what, by, _ in contestants}
    for _, _, work in contestants:
        work()
    for _ in range(runs):
        for what, by, work in contestants:
            samples[what, by].append(timed(work))
    return tuple(Row(labels=key, figures=condense(found)) for key, found in samples.items())


def _fifty_values() -> Iterator[Contestant]:
    names = [f"v{number}" for number in range(50)]
    declared = "".join(f"  {name}: {{}}\n" for name in names)
    front = "schema: 1\nname: wide\ndescription: Fifty values.\nkind: chat\n"
    lines = "".join(f"{name} is ${{inputs.{name}}}.\n" for name in names)
    template = _parsed(f"---\n{front}inputs:\n{declared}---\n{lines}")
    values = {f"inputs.{name}": _CODE[:120] for name in names}
    plain_values = dict.fromkeys(names, _CODE[:120])
    plain = string.Template(lines.replace("inputs.", ""))
    jinja = minijinja.Environment(
        templates={"wide": re.sub(r"\$\{inputs\.(\w+)\}", r"{{ \1 }}", lines)},
        undefined_behavior="strict",
    )
    yield _FIFTY, "fimble", lambda: _RENDERER.render(template, values).text
    yield _FIFTY, "string.Template", lambda: plain.substitute(plain_values)
    yield _FIFTY, "minijinja", lambda: jinja.render_template("wide", **plain_values)
    yield (
        _FIFTY,
        "the search for control tokens alone",
        lambda: [neutralise(value) for value in values.values()],
    )


def _layouts() -> Iterator[Contestant]:
    values = {name: f"<|{name}|>" for name in _CONTROL} | {
        "repository": "demo",
        "rules": "",
        "context": _CODE * 40,
        "path": "src/shop.py",
        "language": "python",
        "suffix": (_CODE * 100)[:6_000],
        "prefix": (_CODE * 300)[:24_000],
    }
    for name in ("psm", "spm", "prefill"):
        text = read_bundled("complete", name)
        template = _parsed(text)
        body = text.split("---\n", 2)[2]
        plain = string.Template(body)
        jinja = minijinja.Environment(
            templates={name: re.sub(r"\$\{(\w+)\}", r"{{ \1 }}", body)},
            undefined_behavior="strict",
        )
        what = f"layout {name}, 30 kB"
        yield what, "fimble", lambda t=template: _RENDERER.render(t, values).split("prefix")
        yield what, "string.Template", lambda p=plain: p.substitute(values)
        yield what, "minijinja", lambda j=jinja, n=name: j.render_template(n, **values)


def _parsed(text: str) -> Template:
    partials = PartialCatalogue(bundled_partial_sources(), _GUARDS).seen_by(PromptLayer.BUNDLED)
    return parse_template(text, source="bench", guards=_GUARDS, partials=partials)


def _checking(runs: int) -> Iterator[Row]:
    """Time whole processes over a workspace with copies of the bundled templates."""
    with tempfile.TemporaryDirectory() as name:
        workspace = Path(name)
        _write_templates(workspace, 500)
        command = [sys.executable, "-m", "fimble_cli", "prompts", "check"]
        for by, started in (("fimble prompts check", command), ("fimble --version", None)):
            arguments = started or [*command[:3], "--version"]
            _process(arguments, workspace)
            samples = [_process(arguments, workspace) for _ in range(runs)]
            yield Row(labels=(_CHECK if started else "no template", by), figures=condense(samples))


def _write_templates(workspace: Path, count: int) -> None:
    """Write copies under names of their own; a layout's name decides what it replaces."""
    layouts = bundled_names("complete")
    texts = [
        (kind, read_bundled(kind, name)) for kind in _COPIED_KINDS for name in bundled_names(kind)
    ]
    written = [("complete", name, read_bundled("complete", name)) for name in layouts]
    for number in range(count - len(layouts)):
        kind, text = texts[number % len(texts)]
        named = re.sub(r"^name: .*$", f"name: t{number}", text, count=1, flags=re.MULTILINE)
        written.append((kind, f"t{number}", named))
    (workspace / ".git").mkdir()
    for kind, name, text in written:
        folder = workspace / ".fimble" / "prompts" / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.prompt.md").write_text(text, encoding="utf-8")


def _process(command: Sequence[str], workspace: Path) -> Sample:
    """Run a process to its end; its processor time is that of all finished children since."""
    cpu_start, wall_start = _children_cpu_s(), time.perf_counter()
    subprocess.run(command, cwd=workspace, check=True, capture_output=True)
    wall_s = time.perf_counter() - wall_start
    return Sample(wall_s=wall_s, cpu_s=_children_cpu_s() - cpu_start)


def _children_cpu_s() -> float:
    if sys.platform == "win32":
        return 0.0
    import resource  # noqa: PLC0415 - POSIX only

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _verdict(rows: Sequence[Row]) -> str:
    medians = {row.labels: row.figures.p50_ms for row in rows}
    render_ms = medians[_FIFTY, "fimble"]
    check_ms = medians[_CHECK, "fimble prompts check"]
    return (
        f"- {_FIFTY}: {render_ms:.2f} ms (p50), {render_ms / medians[_FIFTY, 'minijinja']:.1f} "
        f"times minijinja and {render_ms / medians[_FIFTY, 'string.Template']:.1f} times "
        f"string.Template, which check nothing; the target is under {RENDER_TARGET_MS:.0f} ms: "
        f"{_met(render_ms, RENDER_TARGET_MS)}.\n"
        f"- {_CHECK} checked by a whole process: {check_ms:.0f} ms (p50); the target is under "
        f"{CHECK_TARGET_MS:.0f} ms: {_met(check_ms, CHECK_TARGET_MS)}."
    )


def _met(measured_ms: float, target_ms: float) -> str:
    return "met" if measured_ms < target_ms else "missed"


if __name__ == "__main__":
    main()
