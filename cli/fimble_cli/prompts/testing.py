"""`fimble prompts test`: a team's tests of its templates, without a model unless one is asked for.

Tests render and compare and nothing leaves the process, so they run in an untrusted workspace
too; that is what a pull request from a stranger needs. `--model` asks for answers as well.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
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
from fimble.prompting.problems import did_you_mean
from fimble.prompting.template import Template
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.case_results import FileResult
from fimble_cli.prompts.options import counted, renderer, shown_path, workspace_of
from fimble_cli.usage import UsageError


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
    tell = None if arguments.json else partial(_show, output)
    if arguments.model is not None:
        from fimble_cli.prompts.answering import ask_model  # noqa: PLC0415 - loads the engine

        found = ask_model(found, arguments, diagnostics, tell)
    elif tell is not None:
        for each in found:
            tell(each)
    if arguments.json:
        output.write_line(json.dumps([each.as_json() for each in found], ensure_ascii=False))
    else:
        _summarise(found, folder, diagnostics, asked=arguments.model is not None)
    if any(each.failed for each in found):
        return ExitCode.PROBLEMS
    answered = arguments.model is None or any(each.answers for each in found)
    return ExitCode.OK if found and answered else ExitCode.NOTHING_FOUND


def _show(output: Output, found: FileResult) -> None:
    output.write("".join(f"{line}\n" for line in found.lines()))


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
    runner = CaseRunner(renderer=renderer(), control=control_of)
    for test in folder.tests():
        result = _run_file(test, folder, catalogue, runner)
        if update and test.file is not None and result.error is None:
            for path in _update(folder, result.results):
                if tell is not None:
                    tell(f"wrote {shown_path(path)}.")
            result = _run_file(test, folder, catalogue, runner)
        yield result


def control_of(template: Template, family: str) -> Mapping[str, str]:
    """Return the control strings of a family of models for a completion layout.

    Raises:
        FimbleError: There is no such family, or no such layout.
    """
    # Loaded for tests of layouts alone.
    from fimble.completion.layout import Layout  # noqa: PLC0415
    from fimble.engine.profile_table import PROFILES  # noqa: PLC0415
    from fimble.pipeline.hole_renderer import control_strings  # noqa: PLC0415
    from fimble.pipeline.layout_templates import NEXT  # noqa: PLC0415

    profiles = {profile.family: profile for profile in PROFILES}
    layouts = {layout.value: layout for layout in Layout}
    if family not in profiles:
        hint = did_you_mean(family, profiles)
        raise FimbleError(f"There is no family of models `{family[:60]}`.", hint=hint)
    name = template.front.name.removesuffix(NEXT)
    if name not in layouts:
        raise FimbleError(
            f"No completion uses a layout `{name}`.", hint=did_you_mean(name, layouts)
        )
    return control_strings(profiles[family], layouts[name])


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
    return FileResult(origin=test.origin, prompt=file.prompt, template=template, results=results)


def _update(folder: PromptFolder, results: Sequence[CaseResult]) -> Iterator[Path]:
    """Write the prompts that `equals` compares with; yield what was written."""
    for result in results:
        for assertion in result.case.assertions:
            if assertion.file and result.prompt:
                path = folder.contained(f"tests/{assertion.file}")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(result.prompt.encode("utf-8", "replace"))
                yield path


def _summarise(
    found: Sequence[FileResult], folder: PromptFolder, diagnostics: Diagnostics, *, asked: bool
) -> None:
    if not found:
        diagnostics.note(f"there are no such tests in {shown_path(folder.path / 'tests')}.")
        return
    cases = [result for each in found for result in each.results]
    failed = sum(bool(case.failures) for case in cases)
    failed += sum(each.error is not None for each in found)
    what = f"{counted(len(cases), 'case')} in {counted(len(found), 'file')}"
    diagnostics.note(f"{what}, {failed or 'none'} failed.")
    if asked and not any(each.answers for each in found):
        diagnostics.note("no case says anything of an answer that could be asked for.")
        return
    waiting = sum(each.waiting_answers for each in found)
    if waiting:
        asks = "case asks" if waiting == 1 else "cases ask"
        hint = "" if any(each.answers for each in found) else " (--model)"
        diagnostics.note(f"{waiting} {asks} for a model's answer and got none{hint}.")
