"""A conversation as Markdown, JSON or one HTML page, to be kept or shown to somebody.

The HTML page runs nothing and fetches nothing: raw HTML in answers is shown as text, images are
left out with their text, links keep http and https only (security T12).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Any, Final

from fimble.chat.transcript import AnswerState, SessionSummary, Turn
from fimble.policy.printable import printable
from fimble.prompting.snippets import in_fence

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

VERSION: Final = 1
"""Of the JSON form."""

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --dim: #888; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } .meta, footer { color: var(--dim); font-size: .85rem }
section { border-top: 1px solid var(--line); padding: 1rem 0 }
.question { white-space: pre-wrap; font-weight: 600 }
pre { overflow-x: auto; padding: .8rem; border: 1px solid var(--line); border-radius: .4rem }
code { font: .88em/1.45 ui-monospace, monospace }
table { border-collapse: collapse } td, th { border: 1px solid var(--line); padding: .2rem .6rem }
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


class ExportFormat(StrEnum):
    """What a conversation can be written as."""

    MARKDOWN = "md"
    JSON = "json"
    HTML = "html"


def export(form: ExportFormat, session: SessionSummary, turns: Sequence[Turn]) -> str:
    """Return a whole conversation in one form."""
    if form is ExportFormat.JSON:
        return export_json(session, turns)
    if form is ExportFormat.HTML:
        return export_html(session, turns)
    return export_markdown(session, turns)


def export_markdown(session: SessionSummary, turns: Sequence[Turn]) -> str:
    """Return Markdown that renders as the chat shows it; attachments are named, not repeated."""
    parts = [f"# {_one_line(session.name) or 'Conversation'}\n\n{_about(session)}\n"]
    for turn in turns:
        quoted = "\n".join(
            f"> {line}".rstrip() for line in printable(turn.question.text).split("\n")
        )
        parts.append(f"## {_time(turn.created_at)}\n\n{quoted}\n")
        if turn.question.attachments:
            named = ", ".join(f"`{_one_line(it.label)}`" for it in turn.question.attachments)
            parts.append(f"Attached: {named}\n")
        if turn.answer.thinking:
            thought = in_fence(printable(turn.answer.thinking), "text")
            parts.append(f"<details><summary>Thinking</summary>\n\n{thought}\n\n</details>\n")
        parts.append(f"{printable(turn.answer.text)}\n")
        parts.append(f"*{_footer(turn)}*\n")
    return "\n".join(parts)


def export_json(session: SessionSummary, turns: Sequence[Turn]) -> str:
    """Return everything that is stored, attachments with their texts, as one JSON object."""
    shown = {
        "fimble_conversation": VERSION,
        "name": session.name,
        "directory": session.directory,
        "created_at": session.created_at,
        "turns": [_turn_object(turn) for turn in turns],
    }
    return json.dumps(shown, ensure_ascii=False, indent=2) + "\n"


def export_html(session: SessionSummary, turns: Sequence[Turn]) -> str:
    """Return one page without scripts, remote images or remote styles."""
    renderer = _renderer()
    title = escape(_one_line(session.name) or "Conversation")
    body = "".join(_turn_section(renderer, turn) for turn in turns)
    return (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>"
        f'<p class="meta">{escape(_about(session))}</p>\n{body}</body></html>\n'
    )


def _turn_section(renderer: MarkdownIt, turn: Turn) -> str:
    parts = [f'<p class="question">{escape(printable(turn.question.text))}</p>']
    if turn.question.attachments:
        named = ", ".join(escape(_one_line(it.label)) for it in turn.question.attachments)
        parts.append(f'<p class="meta">Attached: {named}</p>')
    if turn.answer.thinking:
        thought = escape(printable(turn.answer.thinking))
        parts.append(f"<details><summary>Thinking</summary><pre>{thought}</pre></details>")
    parts.append(renderer.render(printable(turn.answer.text)))
    parts.append(f"<footer>{escape(_footer(turn))}</footer>")
    return f"<section>{''.join(parts)}</section>\n"


def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - 15 ms that only an export pays

    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    renderer.validateLink = _is_web_link
    renderer.add_render_rule("image", _image_text)
    return renderer


def _is_web_link(url: str) -> bool:
    return url.lower().startswith(("https://", "http://"))


def _image_text(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    _options: OptionsDict,
    _environment: MutableMapping[str, Any],
) -> str:
    """Show an image's text: fetching it would tell its host that the page was opened."""
    return f"[image: {escape(tokens[at].content)}]"


def _turn_object(turn: Turn) -> dict[str, object]:
    question, answer = turn.question, turn.answer
    return {
        "created_at": turn.created_at,
        "question": question.text,
        "prompt": question.prompt.name if question.prompt else None,
        "template_digest": question.prompt.template_digest if question.prompt else "",
        "examples": [
            {"role": role, "text": text}
            for role, text in (question.prompt.examples if question.prompt else ())
        ],
        "sent": question.expanded,
        "system": question.system,
        "attachments": [
            {"kind": it.kind.value, "label": it.label, "digest": it.digest, "text": it.text}
            for it in question.attachments
        ],
        "answer": answer.text,
        "thinking": answer.thinking,
        "state": answer.state.value,
        "problem": answer.problem,
        "model": answer.model,
        "model_digest": answer.model_digest,
        "prompt_digest": answer.prompt_digest,
        "prompt_tokens": answer.statistics.prompt_tokens,
        "generated_tokens": answer.statistics.generated_tokens,
    }


def _about(session: SessionSummary) -> str:
    return f"{_one_line(session.directory)}, begun {_time(session.created_at)}"


def _footer(turn: Turn) -> str:
    answer = turn.answer
    state = "" if answer.state is AnswerState.FINISHED else f", {answer.state.value}"
    return f"{_one_line(answer.model) or 'no model'}{state}"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
