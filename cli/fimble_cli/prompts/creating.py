"""`fimble prompts new`: a template with its test, both good from the first line on."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from pathlib import Path

from fimble.errors import PathRefusedError
from fimble.prompt_files.folder import PROMPT_SUFFIX, TEST_SUFFIX, PromptFolder
from fimble.prompt_files.layers import repository_folder, user_folder
from fimble.prompting.variables import Kind
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.options import layers_for, shown_path, workspace_of
from fimble_cli.usage import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_SYSTEM = "Say here in one sentence what the model is to do."
_TEMPLATE = """\
---
schema: 1
name: {name}
description: Say in one sentence what it does.
kind: {kind}
context:
  - {{variable: rules, max_tokens: 2000, on_overflow: head}}
  - {{variable: selection, max_tokens: 8000, on_overflow: error}}
  - {{variable: input, max_tokens: 1500, on_overflow: error}}
optional: [rules, input]
budget: {{prompt: 13000, answer: 2000}}
output: {{format: {output}}}
---
[[system]]
{system}

[[include ground-rules]]

Rules of this project:
${{rules}}

[[user]]
The file is `${{path}}`.

The selection:
````${{language}}
${{selection}}
````

${{input}}
"""
_TEST = """\
prompt: {kind}/{name}
cases:
  - name: a selected function
    files:
      src/example.py: |
        def double(number: int) -> int:
            <|cursor|>return number * 2
    assert:
      - roles: [system, user]
      - contains: "return number * 2"
      - dropped: [rules, input]
      - tokens-max: 400
"""


def run_new(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Write a template and its test; nothing that is there is overwritten."""
    kind, name = Kind(arguments.kind), str(arguments.name)
    if not _NAME.fullmatch(name):
        raise UsageError(
            f'"{name}" is no name for a template.',
            hint="Names are lower-case letters and digits joined by `-` or `_`.",
        )
    if kind is Kind.COMPLETE:
        raise UsageError("completion layouts are bundled only.", hint="Use chat, edit or commit.")
    folder = user_folder() if arguments.user else repository_folder(workspace_of(arguments))
    if arguments.like:
        entry = layers_for(arguments).catalogue().find(arguments.like)
        if entry.full_name != f"{kind.value}/{name}":
            raise UsageError(
                f"a copy of {entry.full_name} must keep its kind and name to take its place.",
                hint=f"Write: fimble prompts new {entry.name} --kind {entry.kind.value}.",
            )
        entry.require()
        write_new(folder, f"{kind.value}/{name}{PROMPT_SUFFIX}", entry.source.text, output)
        return ExitCode.OK
    form = "code" if kind is Kind.EDIT else "markdown"
    text = _TEMPLATE.format(name=name, kind=kind.value, output=form, system=_SYSTEM)
    write_new(folder, f"{kind.value}/{name}{PROMPT_SUFFIX}", text, output)
    test = _TEST.format(name=name, kind=kind.value)
    write_new(folder, f"tests/{kind.value}-{name}{TEST_SUFFIX}", test, output)
    diagnostics.note("`fimble prompts check` and `fimble prompts test` look at both.")
    return ExitCode.OK


def write_new(folder: PromptFolder, relative: str, text: str, output: Output) -> Path:
    """Write a file that must not be there yet, and print where it is.

    Raises:
        UsageError: It is there, or cannot be written.
        PathRefusedError: It would lie outside of the folder.
    """
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
        path = folder.contained(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        folder.contained(relative)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(text.encode("utf-8"))
    except FileExistsError:
        raise UsageError(f"{shown_path(folder.path / relative)} is there already.") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        path = folder.path / relative
        raise PathRefusedError(f"{path} cannot be written: {reason}.", path=str(path)) from None
    output.write_line(shown_path(path))
    return path
