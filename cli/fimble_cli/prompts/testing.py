"""`fimble prompts test`: a team's tests of its templates, without a model.

Tests render and compare and nothing leaves the process, so they run in an untrusted workspace
too; that is what a pull request from a stranger needs.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fimble.errors import FimbleError
from fimble.prompt_files.folder import CaseSource, PromptFolder, PromptTexts
from fimble.prompt_files.layers import (
    GUARDS,
    bundled_folder,
    bundled_partial_sources,
    bundled_sources,
    catalogue_of,
    repository_folder,
    user_folder,
)
from fimble.prompting.cases.runner import CaseResult, CaseRunner
from fimble.prompting.catalogue import Catalogue, PromptLayer
from fimble.prompting.partial_catalogue import PartialCatalogue
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.options import counted, renderer, shown_error, shown_path, workspace_of
from fimble_cli.usage import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What came of one file of tests."""

    origin: str
    prompt: str = ""
    results: tuple[CaseResult, ...] = ()
    error: FimbleError | None = None
    """Why none of its cases could be run."""

    @property
    def failed(self) -> bool:
        """Whether anything does not hold."""
        return self.error is not None or any(result.failures for result in self.results)


def run_test(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Run the tests of the workspace, or of the layer that is named."""
    folder = _folder(arguments)
    if arguments.update and folder.layer is PromptLayer.BUNDLED:
        raise UsageError("the expected texts of bundled templates are not yours to change.")
    found = [
        each
        for each in run_folder(folder, update=arguments.update, tell=diagnostics.note)
        if not arguments.names or _is_wanted(each, arguments.names)
    ]
    if arguments.json:
        output.write_line(json.dumps([_as_json(each) for each in found], ensure_ascii=False))
    else:
        for each in found:
            output.write("".join(f"{line}\n" for line in _lines(each)))
        _summarise(found, folder, diagnostics)
    if not found:
        return ExitCode.NOTHING_FOUND
    return ExitCode.PROBLEMS if any(each.failed for each in found) else ExitCode.OK


def run_folder(
    folder: PromptFolder,
    *,
    templates: PromptTexts | None = None,
    update: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Iterator[FileResult]:
    """Run every file of tests in `folder` on its templates and the bundled ones.

    Args:
        folder: Where tests, fixtures and expected texts are.
        templates: What is tested; by default the templates and partials of `folder`.
        update: Whether to write the texts that `equals` compares with.
        tell: Is told of each file written.
    """
    catalogue = catalogue_for(folder, templates or folder.texts())
    runner = CaseRunner(renderer=renderer())
    for test in folder.tests():
        result = _run_file(test, folder, catalogue, runner)
        if update and test.file is not None and result.error is None:
            for path in _update(folder, result.results):
                if tell is not None:
                    tell(f"wrote {shown_path(path)}.")
            result = _run_file(test, folder, catalogue, runner)
        yield result


def catalogue_for(folder: PromptFolder, texts: PromptTexts) -> Catalogue:
    """Return the bundled templates and above them `texts`, which are of the layer of `folder`."""
    if folder.layer is PromptLayer.BUNDLED:
        texts = PromptTexts(templates=(), partials=())
    partials = PartialCatalogue((*bundled_partial_sources(), *texts.partials), GUARDS)
    return catalogue_of((*bundled_sources(), *texts.templates), partials)


def _folder(arguments: Namespace) -> PromptFolder:
    if arguments.bundled:
        return bundled_folder()
    return user_folder() if arguments.user else repository_folder(workspace_of(arguments))


def _is_wanted(found: FileResult, names: Sequence[str]) -> bool:
    return not found.prompt or any(
        name in (found.prompt, found.prompt.partition("/")[2]) for name in names
    )


def _run_file(
    test: CaseSource, folder: PromptFolder, catalogue: Catalogue, runner: CaseRunner
) -> FileResult:
    if test.file is None:
        return FileResult(origin=test.origin, error=test.error)
    file = test.file
    try:
        template = catalogue.find(file.prompt).require()
        results = runner.run(template, file, folder.trees(file))
    except FimbleError as error:
        return FileResult(origin=test.origin, prompt=file.prompt, error=error)
    return FileResult(origin=test.origin, prompt=file.prompt, results=results)


def _update(folder: PromptFolder, results: Sequence[CaseResult]) -> Iterator[Path]:
    """Write the prompts that `equals` compares with; yield what was written."""
    for result in results:
        for assertion in result.case.assertions:
            if assertion.file and result.prompt:
                path = folder.contained(f"tests/{assertion.file}")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(result.prompt.encode("utf-8", "replace"))
                yield path


def _lines(found: FileResult) -> Iterator[str]:
    where = shown_path(found.origin)
    if found.error is not None:
        yield f"FAIL  {found.prompt or where}"
        yield f"      {shown_error(found.error)}"
        return
    for result in found.results:
        state = "FAIL" if result.failures else "ok  "
        yield f"{state}  {found.prompt}: {result.case.name} ({result.tokens} tokens)"
        for failure in result.failures:
            first, *more = failure.sentence.split("\n")
            yield f"      {where}:{failure.line}: {first}"
            yield from (f"        {line}" for line in more)


def _summarise(found: Sequence[FileResult], folder: PromptFolder, diagnostics: Diagnostics) -> None:
    if not found:
        diagnostics.note(f"there are no such tests in {shown_path(folder.path / 'tests')}.")
        return
    cases = [result for each in found for result in each.results]
    failed = sum(bool(case.failures) for case in cases)
    failed += sum(each.error is not None for each in found)
    what = f"{counted(len(cases), 'case')} in {counted(len(found), 'file')}"
    diagnostics.note(f"{what}, {failed or 'none'} failed.")


def _as_json(found: FileResult) -> dict[str, object]:
    return {
        "file": shown_path(found.origin),
        "prompt": found.prompt,
        "error": str(found.error) if found.error else None,
        "cases": [
            {
                "name": result.case.name,
                "tokens": result.tokens,
                "failures": [
                    {"line": failure.line, "message": failure.sentence}
                    for failure in result.failures
                ],
            }
            for result in found.results
        ],
    }
