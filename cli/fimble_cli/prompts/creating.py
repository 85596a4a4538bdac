"""`fimble prompts new`: a template with its test, both good from the first line on."""

from __future__ import annotations

import json
import os
import re
from argparse import Namespace
from pathlib import Path

from fimble.errors import PathRefusedError
from fimble.prompt_files.folder import PROMPT_SUFFIX, TEST_SUFFIX, PromptFolder
from fimble.prompt_files.layers import repository_folder, user_folder
from fimble.prompting.template import Template
from fimble.prompting.variables import INPUT_PREFIX, Kind
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


_TEST_OF_A_COPY = """\
prompt: {kind}/{name}
cases:
  - name: a selected function
    files:
      src/example.py: |
        def double(number: int) -> int:
            <|cursor|>return number * 2
{given}    assert:
      - roles: [{roles}]
"""
_SAID_BY_THE_FILE = frozenset(
    {"path", "language", "imports", "outline", "file", "symbol", "before", "after", "selection"}
    | {"os", "date", "repository"}
)


def run_new(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Write a template and its test; nothing that is there is overwritten."""
    kind, name = Kind(arguments.kind), str(arguments.name)
    if not _NAME.fullmatch(name):
        raise UsageError(
            f'"{name}" is no name for a template.',
            hint="Names are lower-case letters and digits joined by `-` or `_`.",
        )
    folder = user_folder() if arguments.user else repository_folder(workspace_of(arguments))
    files = _copied(kind, name, arguments) if arguments.like else _begun(kind, name)
    written = [write_new(folder, relative, text) for relative, text in files.items()]
    if arguments.json:
        shown = [shown_path(path) for path in written]
        output.write_line(json.dumps({"written": shown}, ensure_ascii=False))
        return ExitCode.OK
    for path in written:
        output.write_line(shown_path(path))
    if len(files) > 1:
        diagnostics.note("`fimble prompts check` and `fimble prompts test` look at both.")
    return ExitCode.OK


def _begun(kind: Kind, name: str) -> dict[str, str]:
    if kind is Kind.COMPLETE:
        raise UsageError(
            "a completion layout takes the place of a bundled one, and begins as its copy.",
            hint="Write for instance: fimble prompts new psm --kind complete --like psm.",
        )
    form = "code" if kind is Kind.EDIT else "markdown"
    return {
        f"{kind.value}/{name}{PROMPT_SUFFIX}": _TEMPLATE.format(
            name=name, kind=kind.value, output=form, system=_SYSTEM
        ),
        f"tests/{kind.value}-{name}{TEST_SUFFIX}": _TEST.format(name=name, kind=kind.value),
    }


def _copied(kind: Kind, name: str, arguments: Namespace) -> dict[str, str]:
    """Return a copy under the new name, with a test; one that keeps its name hides the other.

    Raises:
        FimbleError: There is no such template, it is broken, or it is of another kind.
    """
    entry = layers_for(arguments).catalogue().find(arguments.like, prefer=(kind,))
    template = entry.require()
    if entry.kind is not kind:
        raise UsageError(
            f"{entry.full_name} is of the kind {entry.kind.value}, and a copy keeps it.",
            hint=f"Add --kind {entry.kind.value}.",
        )
    if kind is Kind.COMPLETE and entry.name != name:
        raise UsageError(
            f"a completion layout is found by its name: a copy of {entry.name} keeps it.",
            hint=f"Write: fimble prompts new {entry.name} --kind complete --like {entry.name}.",
        )
    text = re.sub(r"(?m)^name:.*$", f"name: {name}", entry.source.text, count=1)
    files = {f"{kind.value}/{name}{PROMPT_SUFFIX}": text}
    if kind is not Kind.COMPLETE:
        test = _test_of_a_copy(kind, name, template)
        files[f"tests/{kind.value}-{name}{TEST_SUFFIX}"] = test
    return files


def _test_of_a_copy(kind: Kind, name: str, template: Template) -> str:
    """Return a test that gives the template what it cannot do without."""
    front = template.front
    inputs = [
        f"      {each.name}: {json.dumps(each.enum[0] if each.enum else 'example')}\n"
        for each in front.inputs
        if each.default is None and f"{INPUT_PREFIX}{each.name}" not in front.optional
    ]
    values = [
        f"      {variable}: an example\n"
        for variable in sorted(template.variables - _SAID_BY_THE_FILE - front.optional.keys())
        if not variable.startswith(INPUT_PREFIX)
    ]
    given = "".join(["    inputs:\n", *inputs] if inputs else [])
    given += "".join(["    values:\n", *values] if values else [])
    roles = ", ".join(message.role.value for message in template.messages)
    return _TEST_OF_A_COPY.format(kind=kind.value, name=name, given=given, roles=roles)


def write_new(folder: PromptFolder, relative: str, text: str) -> Path:
    """Write a file that must not be there yet; returns where it is.

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
    return path
