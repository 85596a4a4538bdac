"""`fimble prompts diff REV`: what a change of templates does to prompts, for a pull request.

Every case of the workspace's tests is rendered with the templates and partials of both sides: the
text that changes, and what it costs in tokens. REV is a revision of the workspace's git
repository, read without starting git (T1), or a folder with another state of the workspace.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from fimble.errors import FimbleError, RevisionError, TemplateError
from fimble.prompt_files.folder import PromptFolder, PromptTexts
from fimble.prompt_files.layers import repository_folder
from fimble.prompting.catalogue import PromptEntry
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.comparison import Change, Comparison, Side
from fimble_cli.prompts.options import COUNTED, counted, workspace_of
from fimble_cli.prompts.testing import catalogue_for, run_folder


def run_diff(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Print, as Markdown, which cases change, how, and by how many tokens."""
    base = str(arguments.base)
    here = repository_folder(workspace_of(arguments))
    found = _compare(here, base, _texts_at(here, base, diagnostics))
    if arguments.json:
        output.write_line(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        output.write(found.markdown())
        cases = f"{len(found.changes)} of {counted(found.cases, 'case')}"
        diagnostics.note(f"{cases} changed; tokens are {COUNTED}.")
    changed = bool(found.changes or found.untested)
    if found.broken or (arguments.exit_code and changed):
        return ExitCode.PROBLEMS
    return ExitCode.OK


def _texts_at(here: PromptFolder, base: str, diagnostics: Diagnostics) -> PromptTexts:
    """Return the templates of a revision, or of a folder when no revision is called so.

    What is written as a path (`../base`, `/tmp/base`, `./docs`) is never taken for a revision.
    """
    folder = Path(base)
    if folder.is_dir() and (folder.is_absolute() or base.startswith(".")):
        return repository_folder(folder).texts()
    from fimble.prompt_files.revision import read_revision  # noqa: PLC0415 - imports dulwich

    try:
        texts = read_revision(here, base)
    except RevisionError:
        if folder.is_dir():
            return repository_folder(folder).texts()
        raise
    if folder.is_dir():
        diagnostics.note(f"{base} is taken for the revision; write ./{base} for the folder.")
    return texts


def _compare(here: PromptFolder, base: str, before_texts: PromptTexts) -> Comparison:
    texts = here.texts()
    after = dict(_rendered(here, texts))
    before = dict(_rendered(here, before_texts))
    tested = {prompt for prompt, _ in after}
    return Comparison(
        base=base,
        cases=len(after),
        changes=tuple(
            Change(prompt=key[0], case=key[1], before=before.get(key, Side()), after=side)
            for key, side in after.items()
            if side != before.get(key, Side())
        ),
        untested=tuple(_changed_without_tests(here, texts, before_texts, tested)),
    )


def _rendered(tests: PromptFolder, texts: PromptTexts) -> Iterator[tuple[tuple[str, str], Side]]:
    """Yield each case with its prompt; an error of all of a file's cases has no case's name."""
    for found in run_folder(tests, templates=texts):
        if found.error is not None:
            yield (found.prompt or found.origin, ""), Side(error=_reason(found.error))
        for result in found.results:
            errors = [failure.sentence for failure in result.failures if not result.prompt]
            side = Side(prompt=result.prompt, tokens=result.tokens, error=" ".join(errors))
            yield (found.prompt, result.case.name), side


def _reason(error: FimbleError) -> str:
    """Return why there is no prompt without the file, which is another one on each side."""
    if not isinstance(error, TemplateError):
        return str(error)
    where = f"{error.source}:{error.line}:{error.column}: "
    return f"Line {error.line}: {error.sentence.removeprefix(where)} {error.hint}".rstrip()


def _changed_without_tests(
    here: PromptFolder, after: PromptTexts, before: PromptTexts, tested: set[str]
) -> list[str]:
    """Return the templates that differ and that no case shows, removed ones included.

    A template that is as it was differs when a partial in it does.
    """
    sides = [
        {
            entry.full_name: _identity(entry)
            for entry in catalogue_for(here, texts).entries
            if entry.source.layer is here.layer
        }
        for texts in (before, after)
    ]
    names = sorted(sides[0].keys() | sides[1].keys())
    return [
        name for name in names if sides[0].get(name) != sides[1].get(name) and name not in tested
    ]


def _identity(entry: PromptEntry) -> str:
    return entry.template.digest if entry.template else entry.source.text
