"""What the popup offers: mentions as the search finds them, commands and prompts by their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.fuzzy import FuzzySearch

from fimble.context.index.candidates import Candidate
from fimble.prompting.catalogue import PromptEntry
from fimble.prompting.variables import Kind
from fimble_tui.commands.registry import SlashCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One row of the popup. Everything in it may come from outside."""

    kind: str
    label: str
    detail: str
    insert: str
    """What is put in place of what was typed."""
    argument: str = ""
    """What may be written behind it."""
    price: str = ""
    more: bool = False
    """Whether choosing goes on from here: a folder."""


def mention_choices(candidates: Iterable[Candidate]) -> list[Choice]:
    """Return the rows for what can be mentioned."""
    return [
        Choice(
            kind=each.kind,
            label=each.label,
            detail=each.detail,
            insert=each.mention_text,
            price="" if each.tokens is None else f"{each.tokens:,} tokens",
            more=each.kind == "dir" and not each.mention_text.endswith('"'),
        )
        for each in candidates
    ]


def command_choices(
    typed: str, commands: Sequence[SlashCommand], prompts: Sequence[PromptEntry]
) -> list[Choice]:
    """Return the rows for what `/typed` may mean, the best first."""
    every = [*map(_of_command, commands), *map(_of_prompt, _askable(prompts, commands))]
    if not typed:
        return every
    search = FuzzySearch(case_sensitive=False)
    scored = [
        (not each.insert.startswith(f"/{typed}"), -search.match(typed, each.insert)[0], place, each)
        for place, each in enumerate(every)
    ]
    return [each for _, score, _, each in sorted(scored, key=lambda it: it[:3]) if score < 0]


def prompt_name(entry: PromptEntry) -> str:
    """Return what is typed for a template: its name where that is enough."""
    return entry.name if entry.kind is Kind.CHAT else entry.full_name


def named_prompt(name: str, prompts: Sequence[PromptEntry]) -> PromptEntry | None:
    """Return the template that `/name` means, by its short or its full name."""
    found = [each for each in prompts if name in {prompt_name(each), each.full_name}]
    found = found or [each for each in prompts if each.name == name]
    return found[0] if len(found) == 1 else None


def _askable(
    prompts: Sequence[PromptEntry], commands: Sequence[SlashCommand]
) -> Iterable[PromptEntry]:
    taken = {command.name for command in commands}
    return (each for each in prompts if prompt_name(each) not in taken and each.name != "ask")


def _of_command(command: SlashCommand) -> Choice:
    return Choice(
        kind="command",
        label=f"/{command.name}",
        detail=command.summary,
        insert=f"/{command.name}",
        argument=command.argument,
    )


def _of_prompt(entry: PromptEntry) -> Choice:
    template = entry.template
    inputs = () if template is None else template.front.inputs
    return Choice(
        kind="prompt",
        label=f"/{prompt_name(entry)}",
        detail=entry.problems[0].sentence if template is None else template.front.description,
        insert=f"/{prompt_name(entry)}",
        argument=" ".join(f"<{each.name}>" for each in inputs),
    )
