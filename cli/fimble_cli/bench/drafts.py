"""Completion layouts that are measured without being put in force.

A server that is started with the environment made here has the user's settings and prompts, with
the drafts in the place of what they replace. What the user has reviewed of a repository does not
count in it, since that would be used before the drafts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fimble.completion.layout import Layout
from fimble.config.load import user_config_file
from fimble.errors import TemplateError
from fimble.pipeline.chosen_layouts import unusable
from fimble.pipeline.layout_templates import NEXT
from fimble.prompt_files.layers import GUARDS, file_folder, file_source, partials_of
from fimble.prompting.catalogue import read_entry
from fimble.prompting.partial_catalogue import PARTIALS_FOLDER
from fimble.prompting.template import Template
from fimble.prompting.variables import Kind
from fimble_cli.usage import UsageError

_DIRECTORIES: Final = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA")
"""What `platformdirs` looks at on each system."""


def layout_of(files: Sequence[Path]) -> Layout:
    """Return the layout that drafts are for: the same for a first and a following hole.

    Raises:
        TemplateError: One is no good, or no completion would use it.
        UsageError: They are for different layouts.
    """
    layouts = {Layout(_checked(file).front.name.removesuffix(NEXT)) for file in files}
    if len(layouts) > 1:
        raise UsageError(
            "The templates are for different layouts.",
            hint="Measure one layout at a time: its first template, its `-next`, or both.",
        )
    return layouts.pop()


@contextmanager
def environment_with(files: Sequence[Path]) -> Generator[Mapping[str, str]]:
    """Yield the environment of a server that completes with these templates.

    Raises:
        TemplateError: As `layout_of`.
    """
    with tempfile.TemporaryDirectory(prefix="fimble-bench-") as home:
        own = user_config_file()
        folder = Path(home) / own.parent.name
        (folder / "prompts" / "complete").mkdir(parents=True)
        if own.is_file():
            shutil.copyfile(own, folder / own.name)
        if (own.parent / "prompts").is_dir():
            shutil.copytree(own.parent / "prompts", folder / "prompts", dirs_exist_ok=True)
        for file in files:
            name = _checked(file).front.name
            shutil.copyfile(file, folder / "prompts" / "complete" / f"{name}.prompt.md")
            partials = file_folder(file).path / PARTIALS_FOLDER
            if partials.is_dir():
                shutil.copytree(partials, folder / "prompts" / PARTIALS_FOLDER, dirs_exist_ok=True)
        yield {**os.environ, **dict.fromkeys(_DIRECTORIES, home)}


def _checked(file: Path) -> Template:
    entry = read_entry(file_source(file), GUARDS, partials_of(file_folder(file)))
    for error in entry.errors():
        raise error
    template = entry.template
    if template is None or template.front.kind is not Kind.COMPLETE:
        raise TemplateError("It is no completion layout (`kind: complete`).", source=str(file))
    unfit = unusable(template)
    if unfit:
        raise TemplateError(unfit, source=str(file))
    return template
