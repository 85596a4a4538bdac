"""The inside of a paragraph: emphasis, code, links with their real target, places in files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from markdown_it.token import Token

from fimble.policy.printable import printable
from fimble_tui.markdown.lines import LinkTarget, PlaceTarget
from fimble_tui.markdown.wrapping import Run

_PLACE: Final = (
    r"(?P<path>(?<![\w./@+-])(?:[\w.@+-]{1,80}/){0,20}[\w@+-][\w.@+-]{0,80}\.[A-Za-z]\w{0,7})"
)
_REACHABLE: Final = re.compile(rf"(?P<url>https?://[^\s<>\"'`)\]]+)|{_PLACE}:(?P<line>\d{{1,7}})\b")
_PATH_ALONE: Final = re.compile(rf"{_PLACE}(?::(?P<line>\d{{1,7}}))?")
_SPACE: Final = re.compile(r"\s+")
_STYLES: Final = {"em": "emphasis", "strong": "strong", "s": "struck", "link": "link"}


def inline_runs(token: Token, style: str = "") -> list[Run]:
    """Return the runs of an "inline" token of markdown-it; `style` lies under all of them."""
    runs: list[Run] = []
    styles = [style] if style else []
    links: list[tuple[str, int]] = []
    for child in token.children or ():
        name, _, edge = child.type.rpartition("_")
        if child.type == "link_open":
            links.append((str(child.attrs.get("href", "")), len(runs)))
            styles.append("link")
        elif child.type == "link_close":
            styles.pop()
            runs += _target_of_link(runs, *links.pop())
        elif edge == "open":
            styles.append(_STYLES.get(name, ""))
        elif edge == "close":
            styles.pop()
        else:
            runs += _leaf(child, " ".join(filter(None, styles)), within_link=bool(links))
    return runs


def _leaf(child: Token, style: str, *, within_link: bool) -> Iterator[Run]:
    match child.type:
        case "text":
            text = _SPACE.sub(" ", printable(child.content))
            yield from [Run(text, style)] if within_link else _reachable(text, style)
        case "softbreak":
            yield Run(" ", style)
        case "hardbreak":
            yield Run("\n", style)
        case "code_inline":
            text = _SPACE.sub(" ", printable(child.content))
            place = None if within_link else _PATH_ALONE.fullmatch(text)
            target = _place(place) if place and ("/" in text or place["line"]) else None
            yield Run(text, f"{style} code".strip(), target)
        case "image":
            address = printable(str(child.attrs.get("src", "")))
            label = _SPACE.sub(" ", printable(child.content)) or "no description"
            yield Run(f"image: {label}", f"{style} link".strip(), LinkTarget(address=address))
            yield Run(f" ({address})", f"{style} quiet".strip())
        case _:
            yield Run(_SPACE.sub(" ", printable(child.content)), f"{style} html".strip())


def _target_of_link(runs: list[Run], href: str, first: int) -> list[Run]:
    """Make the label lead to `href`, and return what shows where that is."""
    address = printable(href)
    label = "".join(run.text for run in runs[first:])
    if first < len(runs):
        runs[first] = runs[first]._replace(target=LinkTarget(address=address))
    if address in {label, f"mailto:{label}"}:
        return []
    return [Run(f" ({address})", "quiet", None if label else LinkTarget(address=address))]


def _reachable(text: str, style: str) -> Iterator[Run]:
    """Cut `text` at bare addresses and at `file:line`."""
    end = 0
    if ":" in text:
        for found in _REACHABLE.finditer(text):
            if found.start() > end:
                yield Run(text[end : found.start()], style)
            end = found.end()
            if found["url"]:
                address = found["url"].rstrip(".,;:!?")
                end -= len(found["url"]) - len(address)
                yield Run(address, f"{style} link".strip(), LinkTarget(address=address))
            else:
                yield Run(found[0], f"{style} place".strip(), _place(found))
    if end < len(text):
        yield Run(text[end:], style)


def _place(found: re.Match[str]) -> PlaceTarget:
    line = found["line"]
    return PlaceTarget(path=found["path"], line=int(line) if line else None)
