"""`fimble prompts check`: every problem of templates and of their tests, without using any.

Reading is not using: a workspace's own prompts are checked whether it is trusted or not.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fimble.errors import PathRefusedError, TemplateError
from fimble.prompt_files.folder import (
    MAX_PARTIAL_BYTES,
    MAX_PROMPT_BYTES,
    PARTIAL_SUFFIX,
    TEST_SUFFIX,
    CaseSource,
    PromptFolder,
    read_regular_text,
)
from fimble.prompt_files.layers import (
    GUARDS,
    bundled_sources,
    file_folder,
    file_source,
    partials_of,
    repository_folder,
    user_folder,
)
from fimble.prompting.cases.case_file import read_case_file
from fimble.prompting.catalogue import PromptLayer, PromptSource, read_entry
from fimble.prompting.partial import Partial, included_names
from fimble.prompting.partial_catalogue import PARTIALS_FOLDER
from fimble.prompting.read_partial import read_partial
from fimble.prompting.variables import Kind
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.options import counted, shown_error, shown_path, workspace_of
from fimble_cli.usage import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """One file and what is wrong with it."""

    origin: str
    errors: tuple[TemplateError, ...]
    warnings: tuple[TemplateError, ...] = ()
    """What is no mistake and still not meant; it never changes the exit code."""


def run_check(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Check the given files and folders, or else the user's and the workspace's prompts."""
    if arguments.schema:
        output.write_line(json.dumps(_schema(arguments.schema), indent=2, ensure_ascii=False))
        return ExitCode.OK
    if arguments.paths:
        checked = [each for path in arguments.paths for each in _check_path(Path(path))]
    else:
        checked = [
            *_check_folder(user_folder()),
            *_check_folder(repository_folder(workspace_of(arguments))),
        ]
    errors = [error for each in checked for error in each.errors]
    warnings = [warning for each in checked for warning in each.warnings]
    if arguments.json:
        shown = {
            "checked": len(checked),
            "problems": [_as_json(error) for error in errors],
            "warnings": [_as_json(warning) for warning in warnings],
        }
        output.write_line(json.dumps(shown, ensure_ascii=False))
    else:
        for error in errors:
            output.write_line(shown_error(error))
        for warning in warnings:
            diagnostics.note(f"warning: {shown_error(warning)}")
        problems = counted(len(errors), "problem") if errors else "no problem"
        diagnostics.note(f"{counted(len(checked), 'file')} checked, {problems}.")
    return ExitCode.PROBLEMS if errors else ExitCode.OK


def _schema(wanted: str) -> dict[str, object]:
    from fimble.prompting.cases.json_schema import case_file_schema  # noqa: PLC0415
    from fimble.prompting.json_schema import front_matter_schema  # noqa: PLC0415

    return case_file_schema() if wanted == "tests" else front_matter_schema()


def _check_path(path: Path) -> Iterator[_Checked]:
    if path.is_dir():
        yield from _check_folder(_folder_at(path))
    elif path.name.endswith(TEST_SUFFIX):
        yield _check_test_file(path)
    elif path.parent.name == PARTIALS_FOLDER and path.exists():
        yield _check_partial_file(path)
    elif path.exists():
        yield _check_source(file_source(path), partials_of(file_folder(path)))
    else:
        raise UsageError(f"there is no file or folder {path}.")


def _folder_at(path: Path) -> PromptFolder:
    """Return the prompts at `path`: itself such a folder, or a workspace that has one."""
    inner = repository_folder(path)
    if inner.path.is_dir():
        return inner
    if not any((path / kind.value).is_dir() for kind in Kind):
        raise UsageError(
            f"{path} holds no prompts.",
            hint="A folder of prompts has the folders chat, edit, complete or commit in it.",
        )
    return PromptFolder(root=path, folder="", layer=PromptLayer.FILE)


def _check_folder(folder: PromptFolder) -> Iterator[_Checked]:
    known = {f"{each.kind.value}/{each.name}" for each in bundled_sources() if each.kind}
    partials = partials_of(folder)
    included: set[str] = set()
    for source in folder.prompts():
        if source.kind is not None:
            known.add(f"{source.kind.value}/{source.name}")
        included.update(included_names(source.text))
        yield _check_source(source, partials)
    for partial in partials.values():
        if partial.origin.startswith(str(folder.path)):
            yield _check_partial(partial, included)
    for test in folder.tests():
        yield _Checked(origin=test.origin, errors=tuple(_test_errors(test, known)))


def _check_partial(partial: Partial, included: Container[str]) -> _Checked:
    unused = TemplateError(
        f"No template includes the partial `{partial.name[:60]}`.",
        source=partial.origin,
        hint=f"Write `[[include {partial.name[:60]}]]` where it belongs, or delete it.",
    )
    return _Checked(
        origin=partial.origin,
        errors=tuple(problem.to_error(partial.origin) for problem in partial.problems),
        warnings=() if partial.name in included else (unused,),
    )


def _check_partial_file(path: Path) -> _Checked:
    text, refusal = "", ""
    try:
        text = read_regular_text(path.resolve(), MAX_PARTIAL_BYTES)
    except PathRefusedError as error:
        refusal = str(error)
    name = path.name.removesuffix(PARTIAL_SUFFIX)
    partial = read_partial(text, name=name, origin=str(path), guards=GUARDS, refusal=refusal)
    return _check_partial(partial, {name})


def _test_errors(test: CaseSource, known: Iterable[str]) -> Iterator[TemplateError]:
    if test.error is not None:
        yield test.error
    elif test.file is not None and test.file.prompt not in known:
        yield TemplateError(
            f"There is no template `{test.file.prompt}` to test.",
            source=test.origin,
            hint="`prompt` is kind/name, as in chat/review.",
        )


def _check_source(source: PromptSource, partials: Mapping[str, Partial]) -> _Checked:
    entry = read_entry(source, GUARDS, partials)
    errors = entry.errors()
    if entry.kind is Kind.COMPLETE and entry.template is not None:
        # Loads the profiles of models, which other templates have no use for.
        from fimble.pipeline.chosen_layouts import unusable  # noqa: PLC0415

        unfit = unusable(entry.template)
        errors = (TemplateError(unfit, source=source.origin),) if unfit else ()
    return _Checked(origin=source.origin, errors=errors)


def _check_test_file(path: Path) -> _Checked:
    try:
        read_case_file(read_regular_text(path.resolve(), MAX_PROMPT_BYTES), source=str(path))
    except TemplateError as error:
        return _Checked(origin=str(path), errors=(error,))
    except PathRefusedError as error:
        return _Checked(origin=str(path), errors=(TemplateError(str(error), source=str(path)),))
    return _Checked(origin=str(path), errors=())


def _as_json(error: TemplateError) -> dict[str, object]:
    where = f"{error.source}:{error.line}:{error.column}: "
    return {
        "file": shown_path(error.source),
        "line": error.line,
        "column": error.column,
        "message": error.sentence.removeprefix(where),
        "hint": error.hint,
    }
