"""`fimble prompts diff BASE`: what a change of templates does to prompts, for a pull request.

Every case of the workspace's tests is rendered with the templates of both sides: the text that
changes, and what it costs in tokens. BASE is another checkout of the repository (`git worktree
add ../base main`), since Fimble never starts a program, git included (T1).
"""

from __future__ import annotations

import difflib
import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fimble.prompt_files.folder import PromptFolder
from fimble.prompt_files.layers import repository_folder
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.options import COUNTED, workspace_of
from fimble_cli.prompts.testing import run_folder
from fimble_cli.usage import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One case rendered with one side's template."""

    prompt: str = ""
    tokens: int = 0
    error: str = ""
    """Why there is no prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One case whose prompt is another now."""

    prompt: str
    case: str
    before: _Side
    after: _Side

    def diff(self) -> list[str]:
        """Return the changed lines with two lines around them."""
        before, after = self.before.prompt.split("\n"), self.after.prompt.split("\n")
        lines = difflib.unified_diff(before, after, "before", "after", lineterm="", n=2)
        return [line for line in lines if not line.startswith(("--- before", "+++ after"))]


def run_diff(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Print, as Markdown, which cases change, how, and by how many tokens."""
    base = Path(str(arguments.base))
    if not base.is_dir():
        raise UsageError(
            f"{base} is no folder with another state of the workspace.",
            hint=f"Write: git worktree add ../base {base} && fimble prompts diff ../base.",
        )
    here, there = repository_folder(workspace_of(arguments)), repository_folder(base)
    after = dict(_rendered(here, here))
    before = dict(_rendered(here, there))
    changes = [
        _Change(prompt=key[0], case=key[1], before=before.get(key, _Side()), after=side)
        for key, side in after.items()
        if side != before.get(key, _Side())
    ]
    untested = _changed_without_tests(here, there, {prompt for prompt, _ in after})
    if arguments.json:
        shown = {"changes": [_as_json(each) for each in changes], "untested": untested}
        output.write_line(json.dumps(shown, ensure_ascii=False))
    else:
        output.write("".join(f"{line}\n" for line in _markdown(changes, untested)))
        diagnostics.note(f"{len(changes)} of {len(after)} cases change; tokens are {COUNTED}.")
    return ExitCode.OK


def _rendered(
    tests: PromptFolder, templates: PromptFolder
) -> Iterator[tuple[tuple[str, str], _Side]]:
    for found in run_folder(tests, templates=templates):
        if found.error is not None:
            yield (found.prompt or found.origin, ""), _Side(error=str(found.error.sentence))
        for result in found.results:
            errors = [failure.sentence for failure in result.failures if not result.prompt]
            side = _Side(prompt=result.prompt, tokens=result.tokens, error=" ".join(errors))
            yield (found.prompt, result.case.name), side


def _changed_without_tests(here: PromptFolder, there: PromptFolder, tested: set[str]) -> list[str]:
    """Return the templates that differ and that no case shows, removed ones included."""
    texts = [
        {f"{each.kind}/{each.name}": each.text for each in folder.prompts()}
        for folder in (here, there)
    ]
    names = sorted(texts[0].keys() | texts[1].keys())
    return [
        name for name in names if texts[0].get(name) != texts[1].get(name) and name not in tested
    ]


def _markdown(changes: Sequence[_Change], untested: Sequence[str]) -> Iterator[str]:
    if not changes and not untested:
        yield "No prompt changes."
        return
    if changes:
        yield "| prompt | case | tokens before | after | change |"
        yield "| --- | --- | ---: | ---: | ---: |"
    for each in changes:
        before, after = each.before.tokens, each.after.tokens
        figures = f"{before or '-'} | {after or '-'} | {after - before:+}"
        yield f"| {each.prompt} | {each.case or 'all'} | {figures} |"
    for each in changes:
        yield ""
        yield f"### {each.prompt}: {each.case or 'all cases'}"
        yield ""
        if each.after.error:
            yield f"**It cannot be rendered any more:** {each.after.error}"
            continue
        lines = each.diff()
        fence = "`" * max([3, *(_leading_backticks(line[1:]) + 1 for line in lines)])
        yield from (f"{fence}diff", *lines, fence)
    for name in untested:
        yield ""
        yield f"**{name}** changes, and no test shows how."


def _leading_backticks(line: str) -> int:
    text = line.lstrip(" ")
    return len(text) - len(text.lstrip("`"))


def _as_json(change: _Change) -> dict[str, object]:
    return {
        "prompt": change.prompt,
        "case": change.case,
        "tokens_before": change.before.tokens,
        "tokens_after": change.after.tokens,
        "error": change.after.error or None,
        "diff": change.diff(),
    }
