"""`fimble prompts render`: the exact prompt for a place, without a model."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from fimble.context.project_rules import MAX_RULES_TOKENS, project_rules
from fimble.errors import PathRefusedError, TemplateError
from fimble.policy.secrets import is_secret_file
from fimble.prompt_files.ambient import ambient_values
from fimble.prompt_files.folder import read_regular_text
from fimble.prompt_files.layers import PromptLayers
from fimble.prompting.cases.transcript import transcript
from fimble.prompting.fingerprint import fingerprint
from fimble.prompting.guards import CountTokens
from fimble.prompting.place_values import PlaceInDocument, place_values
from fimble.prompting.problems import did_you_mean
from fimble.prompting.rendered import Rendered
from fimble.prompting.template import Template
from fimble.prompting.variables import INPUT_PREFIX, VARIABLES, Kind
from fimble.syntax.one_shot import parse, parse_window
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.place import Place, parse_place, read_document
from fimble_cli.prompts.options import (
    chain_of,
    layers_for,
    pairs,
    renderer,
    shown_path,
    standard_input,
)
from fimble_cli.prompts.token_figures import TokenFigures, figures_for
from fimble_cli.usage import UsageError

_PARSE_MS = 500.0
_OF_PLACE = frozenset(
    {"path", "language", "imports", "outline", "file", "symbol", "before", "after", "selection"}
)
_MAX_VALUE_BYTES = 8_000_000


def run_render(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Print the prompt that a template makes at a place."""
    place = parse_place(arguments.at) if arguments.at else None
    layers = layers_for(arguments, place.path if place else None)
    entry = chain_of(arguments.name, layers)[0]
    try:
        template = entry.require()
    except TemplateError as error:
        raise _explained(error) from None
    if template.front.kind is Kind.COMPLETE:
        raise UsageError(
            "completion layouts need a model's own control strings.",
            hint="`fimble complete FILE:LINE:COLUMN --show-prompt` shows their prompts.",
        )
    values = {**ambient_values(layers.workspace.name), "language": ""}
    if place is not None:
        values |= _values_at(place, arguments.to, layers.workspace)
    values["rules"] = _rules(layers, place, diagnostics)
    values |= _given(arguments, template)
    figures = figures_for(place.path.absolute() if place else layers.workspace)
    try:
        rendered = renderer(figures.counter.count).render(template, values)
    except TemplateError as error:
        raise _explained(error) from None
    if arguments.json:
        output.write_line(json.dumps(_as_json(template, rendered, figures), ensure_ascii=False))
    else:
        output.write(transcript(rendered))
        _tell_costs(entry.full_name, rendered, figures, diagnostics)
    return ExitCode.OK


def _explained(error: TemplateError) -> TemplateError:
    """Shorten the path, and say with which option a missing value is given."""
    missing = re.search(r"no value for `\$\{([\w.-]+)\}`", error.sentence) or re.search(
        r"input `([\w-]+)` is missing", error.sentence
    )
    return TemplateError(
        error.sentence.removeprefix(f"{error.source}:{error.line}:{error.column}: "),
        source=shown_path(error.source),
        line=error.line,
        column=error.column,
        hint=f"{error.hint} {_way_to_give(missing[1])}" if missing else error.hint,
    )


def _way_to_give(variable: str) -> str:
    if variable == "input" or variable not in VARIABLES:
        return f"Add --input {variable.removeprefix(INPUT_PREFIX)}=TEXT."
    if variable in _OF_PLACE:
        return "Name a place: --at FILE:LINE:COLUMN."
    return f"Add --value {variable}=FILE, or --value {variable}=- for what is piped in."


def _values_at(place: Place, end: str | None, workspace: Path) -> dict[str, str]:
    path = place.path.absolute()
    snapshot = Snapshot.from_text(read_document(path).text, uri=path.as_uri())
    cursor = place.cursor_in(snapshot)
    try:
        relative = path.relative_to(workspace).as_posix()
    except ValueError:
        relative = path.name
    where = PlaceInDocument(
        snapshot=snapshot,
        cursor=cursor,
        path=relative,
        selection=_selection(place, cursor, end, snapshot),
    )
    tree = parse(snapshot, deadline_ms=_PARSE_MS)
    return place_values(where, tree or parse_window(snapshot, cursor, deadline_ms=_PARSE_MS))


def _selection(place: Place, cursor: Position, end: str | None, snapshot: Snapshot) -> Range | None:
    if end is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}:[0-9]{1,9}", end):
        raise UsageError(f'"{end}" is no place in the file.', hint="Write --to LINE:COLUMN.")
    last = parse_place(f"{place.path}:{end}").cursor_in(snapshot)
    if last < cursor:
        raise UsageError("the selection ends before it begins.")
    return Range(cursor, last)


def _rules(layers: PromptLayers, place: Place | None, diagnostics: Diagnostics) -> str:
    """Return the rules that hold at a place; raises what is wrong with their files."""
    if layers.allows is None:
        return ""
    rules = project_rules(
        layers.workspace,
        place.path.absolute() if place else None,
        allows=layers.allows,
        count_tokens=renderer().count_tokens,
    )
    if rules.errors:
        raise rules.errors[0]
    for path in rules.withheld:
        diagnostics.note(f"{path} is left out: it waits for your review (`fimble trust`).")
    if rules.cut:
        diagnostics.note(f"the rules are cut to {MAX_RULES_TOKENS:,} tokens.")
    return rules.text


def _given(arguments: Namespace, template: Template) -> dict[str, str]:
    """Return the values and inputs of the command line."""
    declared = {each.name for each in template.front.inputs}
    values: dict[str, str] = {}
    for name, value in pairs(arguments.input, "--input").items():
        if name == "input" and "input" not in declared:
            values["input"] = value
        elif name in declared:
            values[f"{INPUT_PREFIX}{name}"] = value
        else:
            known = [*declared, *({"input"} & template.variables)]
            hint = did_you_mean(name, known) if known else "It has none."
            raise UsageError(f"the template has no input `{name}`.", hint=hint)
    for name, source in pairs(arguments.value, "--value").items():
        if name not in VARIABLES:
            raise UsageError(f"there is no variable `{name}`.", hint=did_you_mean(name, VARIABLES))
        values[name] = standard_input() if source == "-" else _value_in(source)
    return values


def _value_in(source: str) -> str:
    path = Path(source).absolute()
    # The file that a link leads to is what the user means; its own name is judged all the same.
    if is_secret_file(str(path)):
        raise PathRefusedError(f"{source} looks like a file of secrets.", path=source)
    return read_regular_text(path.resolve(), _MAX_VALUE_BYTES)


def _costs(rendered: Rendered, count: CountTokens) -> Mapping[str, int]:
    costs: dict[str, int] = {}
    for segment in rendered.segments:
        if segment.text:
            name = segment.variable or "the template's own words"
            costs[name] = costs.get(name, 0) + count(segment.text)
    return costs


def _tell_costs(
    name: str, rendered: Rendered, figures: TokenFigures, diagnostics: Diagnostics
) -> None:
    count = figures.counter.count
    costs = _costs(rendered, count).items()
    parts = ", ".join(f"{each} {tokens}" for each, tokens in costs)
    diagnostics.note(f"{name}: {count(rendered.text)} tokens: {parts}; {figures.described}.")
    for cut in rendered.cuts:
        what = f"cut to {cut.kept_tokens} tokens" if cut.kept_tokens else "left out"
        diagnostics.note(f"`{cut.variable}` was {what}: all of it would be {cut.tokens}.")


def _as_json(template: Template, rendered: Rendered, figures: TokenFigures) -> dict[str, object]:
    front = template.front
    count = figures.counter.count
    sampling = front.sampling
    return {
        "template": f"{front.kind.value}/{front.name}",
        "origin": shown_path(template.source),
        "fingerprint": fingerprint(template, rendered).as_json(),
        "tokens": count(rendered.text),
        "tokens_are": figures.described,
        "tokens_exact": figures.counter.exact,
        "answer_tokens": front.answer_tokens,
        "think": front.think,
        "output": front.output.format,
        "sampling": {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "stop": list(sampling.stop),
        },
        "messages": [
            {
                "role": message.role.value,
                "content": message.text,
                "segments": [
                    {
                        "variable": segment.variable or None,
                        "volatility": segment.volatility.label,
                        "tokens": count(segment.text),
                        "characters": len(segment.text),
                    }
                    for segment in message.segments
                ],
            }
            for message in rendered.messages
        ],
        "cuts": [
            {"variable": cut.variable, "tokens": cut.tokens, "kept_tokens": cut.kept_tokens}
            for cut in rendered.cuts
        ],
    }
