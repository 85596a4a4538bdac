"""`fimble prompts list | show | why`: which templates there are and which one a name means."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence

from fimble.prompting.catalogue import PromptEntry, PromptLayer
from fimble.trust.workspace import trust_state
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.options import layers_for, shown_error, shown_path


def run_list(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Print every template that a name can mean now."""
    layers = layers_for(arguments)
    chains = [
        chain
        for chain in layers.catalogue().chains
        if not arguments.kind or chain[0].kind.value == arguments.kind
    ]
    if arguments.json:
        output.write_line(json.dumps([_chain_json(chain) for chain in chains], ensure_ascii=False))
    else:
        width = max((len(chain[0].full_name) for chain in chains), default=0)
        for chain in chains:
            output.write_line(f"{chain[0].full_name:<{width}}  {_line(chain)}")
    if not arguments.trust_workspace:
        waiting = trust_state(layers.workspace).sentence()
        if waiting:
            diagnostics.note(waiting)
    return ExitCode.OK if chains else ExitCode.NOTHING_FOUND


def run_show(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Print the text of the template that a name means, and say where it is from."""
    chain = layers_for(arguments).catalogue().chain(arguments.name)
    entry = chain[0]
    if arguments.json:
        shown = {**_chain_json(chain), "text": entry.source.text}
        output.write_line(json.dumps(shown, ensure_ascii=False))
    else:
        output.write(entry.source.text)
        diagnostics.note(f"{entry.full_name} from {_from(entry)}{_shadows(chain)}.")
    for error in entry.errors():
        diagnostics.note(shown_error(error))
    return ExitCode.PROBLEMS if entry.problems else ExitCode.OK


def run_why(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Print every template of the name, the one that counts first."""
    del diagnostics
    chain = layers_for(arguments).catalogue().chain(arguments.name)
    if arguments.json:
        output.write_line(json.dumps(_chain_json(chain), ensure_ascii=False))
        return ExitCode.OK
    for number, entry in enumerate(chain):
        role = "counts" if number == 0 else "hidden"
        state = "" if entry.template else "  (broken: `fimble prompts check` says why)"
        where = shown_path(entry.source.origin)
        output.write_line(f"{role}  {entry.source.layer.label:<10}  {where}{state}")
    return ExitCode.OK


def _line(chain: Sequence[PromptEntry]) -> str:
    entry = chain[0]
    if entry.template is None:
        return f"BROKEN, {shown_error(entry.errors()[0])}"
    origin = f" [{_from(entry)}{_shadows(chain)}]"
    bundled = entry.source.layer is PromptLayer.BUNDLED
    return f"{entry.template.front.description}{'' if bundled else origin}"


def _from(entry: PromptEntry) -> str:
    if entry.source.layer is PromptLayer.BUNDLED:
        return "the bundled templates"
    return f"{entry.source.layer.label}: {shown_path(entry.source.origin)}"


def _shadows(chain: Sequence[PromptEntry]) -> str:
    if len(chain) == 1:
        return ""
    return ", shadows " + " and ".join(entry.source.layer.label for entry in chain[1:])


def _chain_json(chain: Sequence[PromptEntry]) -> dict[str, object]:
    entry = chain[0]
    front = entry.template.front if entry.template else None
    return {
        "name": entry.name,
        "kind": entry.kind.value,
        "layer": entry.source.layer.label,
        "origin": entry.source.origin,
        "description": front.description if front else None,
        "owner": front.owner if front else None,
        "version": front.version if front else None,
        "inputs": [
            {
                "name": each.name,
                "type": each.type,
                "default": each.default,
                "enum": list(each.enum),
                "hint": each.hint,
            }
            for each in (front.inputs if front else ())
        ],
        "shadows": [
            {"layer": hidden.source.layer.label, "origin": hidden.source.origin}
            for hidden in chain[1:]
        ],
        "problems": [str(error) for error in entry.errors()],
    }
