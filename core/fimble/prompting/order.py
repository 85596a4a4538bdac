"""Is the prompt cheap? Stable variables before volatile ones, and a completion's open end last.

Checked on the template alone, which only works because a body has no logic in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimble.prompting.problems import TOP, Findings, Rule
from fimble.prompting.template import FrontMatter, Message, Slot, Text
from fimble.prompting.variables import Kind, Nature

GROWING = "prefix"
"""The variable of a completion layout that grows with every key."""

SUFFIX = "suffix"


def check_order(front: FrontMatter, messages: Sequence[Message], findings: Findings) -> None:
    """Record every variable that stands after a more volatile one.

    A name or path that already stands further up may be repeated: it is as short as the words
    around it, and its change is felt from its first place on.
    """
    latest: Slot | None = None
    seen: set[str] = set()
    for slot in _values(messages):
        variable = slot.variable
        repeated = variable.nature is Nature.LINE and variable.name in seen
        live = front.live_suffix and variable.name == SUFFIX
        seen.add(variable.name)
        if latest is None or variable.volatility >= latest.variable.volatility:
            latest = slot
        elif not repeated and not live:
            _record(slot, latest, findings)


def _record(slot: Slot, latest: Slot, findings: Findings) -> None:
    findings.at(
        slot.place,
        f"{_named(slot)} stands after {_named(latest)}: each change of the latter makes "
        "the model read everything after it again.",
        f"Move it before {latest.within or f'line {latest.place.line}'}.",
        rule=Rule.VOLATILE_FIRST,
    )


def _named(slot: Slot) -> str:
    variable = slot.variable
    within = f" on {slot.within}" if slot.within else ""
    return f"`${{{variable.name}}}` ({variable.volatility.label}){within}"


def check_completion(front: FrontMatter, messages: Sequence[Message], findings: Findings) -> None:
    """Record what keeps a completion layout from growing at its end only."""
    slots = list(_values(messages))
    if front.kind is not Kind.COMPLETE:
        if front.live_suffix:
            findings.at(
                TOP,
                "`live_suffix` is for completion layouts only.",
                "Remove the key.",
                rule=Rule.COMPLETION_LAYOUT,
            )
        return
    growing = [slot for slot in slots if slot.variable.name == GROWING]
    if not growing:
        findings.at(
            TOP,
            "A completion layout must contain `${prefix}`.",
            "Put it at the end.",
            rule=Rule.COMPLETION_LAYOUT,
        )
        return
    for slot in growing[1:]:
        findings.at(
            slot.place,
            "`${prefix}` may stand only once.",
            "Remove this one.",
            rule=Rule.COMPLETION_LAYOUT,
        )
    _check_end(front, messages, growing[0], findings)


def _check_end(
    front: FrontMatter, messages: Sequence[Message], growing: Slot, findings: Findings
) -> None:
    pieces = [piece for message in messages for piece in message.pieces]
    after = pieces[pieces.index(growing) + 1 :]
    live = [p for p in after if isinstance(p, Slot) and p.variable.name == SUFFIX]
    if front.live_suffix and not live:
        findings.at(
            growing.place,
            "`live_suffix` is set, but `${suffix}` does not stand after `${prefix}`.",
            "Remove the key: the layout is cheaper without it.",
            rule=Rule.COMPLETION_LAYOUT,
        )
    if live and not front.live_suffix:
        return  # `check_order` has said so already
    if any(isinstance(piece, Text) for piece in after):
        findings.at(
            growing.place,
            "Text stands after `${prefix}`: the prompt must be open where the cursor is.",
            "Only control variables may follow it.",
            rule=Rule.COMPLETION_LAYOUT,
        )


def _values(messages: Sequence[Message]) -> Iterator[Slot]:
    for message in messages:
        for piece in message.pieces:
            if isinstance(piece, Slot) and piece.variable.nature is not Nature.CONTROL:
                yield piece
