"""`fimble prompts list | show | why`: which templates there are and which one a name means."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence

from fimble.errors import FimbleError
from fimble.prompting.catalogue import PromptEntry, PromptLayer
from fimble.prompting.partial import Partial, included_names
from fimble.prompting.partial_catalogue import PARTIALS_FOLDER, PartialCatalogue, PartialEntry
from fimble.trust.workspace import trust_state
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.options import (
    chain_of,
    layers_for,
    shown_error,
    shown_path,
    unreviewed,
)


def run_list(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Print every template that a name can mean now."""
    layers = layers_for(arguments)
    partials = layers.partials()
    every = layers.catalogue().chains
    chains = [
        chain for chain in every if not arguments.kind or chain[0].kind.value == arguments.kind
    ]
    shared = () if arguments.kind else partials.chains
    if arguments.json:
        shown = [_chain_json(chain) for chain in chains]
        shown += [_partial_json(chain) for chain in shared]
        output.write_line(json.dumps(shown, ensure_ascii=False))
    else:
        lines = {chain[0].full_name: _line(chain) for chain in chains}
        lines |= {chain[0].full_name: _partial_line(chain, every) for chain in shared}
        width = max((len(name) for name in lines), default=0)
        for name, line in lines.items():
            output.write_line(f"{name:<{width}}  {line}")
    if not arguments.trust_workspace:
        waiting = trust_state(layers.workspace).sentence()
        if waiting:
            diagnostics.note(waiting)
    return ExitCode.OK if chains else ExitCode.NOTHING_FOUND


def run_show(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Print the text of the template that a name means, and say where it is from."""
    chain = chain_of(arguments.name, layers_for(arguments))
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
    """Print every template of the name, the one that counts first, and the partials in it."""
    del diagnostics
    layers = layers_for(arguments)
    partials = layers.partials()
    if str(arguments.name).startswith(f"{PARTIALS_FOLDER}/"):
        return _why_partial(str(arguments.name), partials, output, as_json=arguments.json)
    chain = chain_of(arguments.name, layers)
    waiting = [source.origin for source in unreviewed(chain[0].full_name, layers)]
    if arguments.json:
        shown = {**_chain_json(chain), "waiting": waiting}
        output.write_line(json.dumps(shown, ensure_ascii=False))
        return ExitCode.OK
    for origin in waiting:
        output.write_line(_where("waits", PromptLayer.REPOSITORY, origin, _WAITS))
    for number, entry in enumerate(chain):
        role = "counts" if number == 0 else "hidden"
        former = _FORMER if entry.source.is_former else ""
        broken = former if entry.template else _BROKEN
        output.write_line(_where(role, entry.source.layer, entry.source.origin, broken))
    seen = partials.seen_by(chain[0].source.layer)
    for name in dict.fromkeys(included_names(chain[0].source.text)):
        if name in seen:
            layer = _layer_of(seen[name], partials)
            broken = _BROKEN if seen[name].problems else ""
            output.write_line(_where("with", layer, seen[name].origin, broken))
    return ExitCode.OK


_BROKEN = "  (broken: `fimble prompts check` says why)"
_WAITS = "  (`fimble trust`)"
_FORMER = "  (as you reviewed it; the file has changed: `fimble trust`)"


def _why_partial(
    name: str, partials: PartialCatalogue, output: Output, *, as_json: bool
) -> ExitCode:
    chain = partials.chain(name)
    if not chain:
        hint = "`fimble prompts list` shows all."
        raise FimbleError(f"There is no partial `{name[:80]}`.", hint=hint)
    if as_json:
        output.write_line(json.dumps(_partial_json(chain), ensure_ascii=False))
        return ExitCode.OK
    for entry in chain:
        broken = _BROKEN if entry.partial.problems else ""
        output.write_line(_where("partial", entry.layer, entry.partial.origin, broken))
    return ExitCode.OK


def _where(role: str, layer: PromptLayer, origin: str, after: str) -> str:
    return f"{role:<8}{layer.label:<10}  {shown_path(origin)}{after}"


def _layer_of(partial: Partial, partials: PartialCatalogue) -> PromptLayer:
    return next(each.layer for each in partials.chain(partial.name) if each.partial is partial)


def _partial_line(chain: Sequence[PartialEntry], templates: Sequence[Sequence[PromptEntry]]) -> str:
    name = chain[0].partial.name
    users = [each[0].full_name for each in templates if name in included_names(each[0].source.text)]
    used = f"Included by {', '.join(users)}." if users else "Included by no template."
    if chain[0].partial.problems:
        error = chain[0].partial.problems[0].to_error(chain[0].partial.origin)
        return f"BROKEN, {shown_error(error)}"
    if chain[0].layer is PromptLayer.BUNDLED:
        return used
    others = "".join(f", beside {each.layer.label}" for each in chain[1:])
    return f"{used} [{chain[0].layer.label}: {shown_path(chain[0].partial.origin)}{others}]"


def _partial_json(chain: Sequence[PartialEntry]) -> dict[str, object]:
    entry = chain[0]
    partial = entry.partial
    return {
        "name": partial.name,
        "kind": "partial",
        "layer": entry.layer.label,
        "origin": partial.origin,
        "shadows": [
            {"layer": hidden.layer.label, "origin": hidden.partial.origin} for hidden in chain[1:]
        ],
        "problems": [str(problem.to_error(partial.origin)) for problem in partial.problems],
    }


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
    former = ", as you reviewed it" if entry.source.is_former else ""
    return f"{entry.source.layer.label}: {shown_path(entry.source.origin)}{former}"


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
        "digest": entry.template.digest if entry.template else None,
        "partials": list(entry.template.partials) if entry.template else [],
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
