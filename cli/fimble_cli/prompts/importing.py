"""`fimble prompts import`: prompts of other tools as templates, and what could not come along."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from fimble.prompt_files.folder import MAX_PROMPT_BYTES, PROMPT_SUFFIX, read_regular_text
from fimble.prompt_files.layers import GUARDS, repository_folder, user_folder
from fimble.prompting.importing.forms import ForeignForm, Imported, form_of, import_prompt
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.creating import write_new
from fimble_cli.prompts.options import shown_path, workspace_of
from fimble_cli.usage import UsageError


def run_import(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Convert the files; with `--print` show the templates instead of writing them."""
    folder = user_folder() if arguments.user else repository_folder(workspace_of(arguments))
    found = [(Path(path), _imported(Path(path), arguments.form)) for path in arguments.files]
    if arguments.json:
        shown = [_as_json(path, each) for path, each in found]
        output.write_line(json.dumps(shown, ensure_ascii=False))
        return _code(found)
    for path, each in found:
        relative = f"chat/{each.name}{PROMPT_SUFFIX}"
        if arguments.print:
            output.write(each.text)
        else:
            output.write_line(shown_path(write_new(folder, relative, each.text)))
        for sentence in each.lost:
            diagnostics.note(f"{path}: {sentence}")
        for problem in each.problems:
            where = relative if arguments.print else shown_path(folder.path / relative)
            diagnostics.note(f"still to be put right, {problem.to_error(where)}")
    return _code(found)


def _imported(path: Path, form: str | None) -> Imported:
    text = read_regular_text(path.absolute().resolve(), MAX_PROMPT_BYTES)
    chosen = ForeignForm(form) if form else form_of(path.absolute())
    if chosen is None:
        forms = ", ".join(each.value for each in ForeignForm)
        raise UsageError(f"what kind of prompt is {path}?", hint=f"Say --form with one of {forms}.")
    return import_prompt(text, path=path.absolute(), form=chosen, guards=GUARDS)


def _code(found: list[tuple[Path, Imported]]) -> ExitCode:
    return ExitCode.PROBLEMS if any(each.problems for _, each in found) else ExitCode.OK


def _as_json(path: Path, each: Imported) -> dict[str, object]:
    return {
        "file": str(path),
        "name": each.name,
        "text": each.text,
        "lost": list(each.lost),
        "problems": [
            {
                "line": problem.place.line,
                "column": problem.place.column,
                "message": problem.sentence,
                "hint": problem.hint,
            }
            for problem in each.problems
        ],
    }
