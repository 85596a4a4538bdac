"""From a question with its attachments to the exact text that is sent: always through a template.

A plain question goes through `chat/ask`. What attachments stand for in a template is decided in
`attachment_values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fimble.chat.mentions import mentions
from fimble.chat.transcript import PLAIN_PROMPT, PromptUse, Question
from fimble.chat.typed_inputs import typed_inputs
from fimble.conversation.attachment_values import attachment_values
from fimble.errors import FimbleError, TemplateError
from fimble.policy.control_tokens import neutralise
from fimble.prompt_files.ambient import ambient_values
from fimble.prompting.catalogue import Catalogue
from fimble.prompting.fingerprint import template_fingerprint
from fimble.prompting.render import Renderer
from fimble.prompting.rendered import Rendered
from fimble.prompting.template import FrontMatter, Role, Template
from fimble.prompting.variables import INPUT_PREFIX, Kind

DEFAULT_PROMPT: Final = f"chat/{PLAIN_PROMPT}"
ASKABLE: Final = (Kind.CHAT, Kind.COMMIT)
"""Kinds whose answers are read by a person; of equal names the first one is meant."""

_WAYS_TO_GIVE: Final[Mapping[str, str]] = {
    "diff": "Mention it: /{name} @diff, or pipe it to `fimble ask /{name}`.",
    "staged_diff": "Stage it and mention it: /{name} @staged.",
    "commits": "Pipe them in: git log v1.0.. | fimble ask /{name}.",
    "terminal": "Pipe it to `fimble ask /{name}`.",
    "diagnostics": "Mention them: /{name} @errors, with an editor open.",
    "repo_map": "Mention it: /{name} @map.",
}
_OF_PLACES: Final = frozenset(
    {"selection", "path", "imports", "outline", "before", "after", "symbol", "file"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A question as it is sent, and what its template says of the answer."""

    question: Question
    """With `expanded`, `system` and `prompt` set."""
    template: Template
    rendered: Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionExpander:
    """Renders questions; what it asks others for is read when it is needed."""

    catalogue: Callable[[], Catalogue]
    """All templates, as they are now."""
    count_tokens: Callable[[str], int]
    rules: Callable[[Question], str] = lambda _: ""
    """The project's written rules for a session that a question opens; empty when there are none
    or they are not trusted."""
    repository: str = ""
    """The workspace's name."""

    def has(self, name: str) -> bool:
        """Whether a template of that name is there, broken or not."""
        try:
            self.catalogue().find(name, prefer=ASKABLE)
        except FimbleError:
            return False
        return True

    def front(self, question: Question) -> FrontMatter:
        """Return what the question's template says of its answer, as it is now.

        Raises:
            FimbleError: There is no such template, or it is broken.
        """
        name = question.prompt.name if question.prompt else DEFAULT_PROMPT
        return self.catalogue().find(name, prefer=ASKABLE).require().front

    def expand(self, question: Question, *, opening: Question | None = None) -> Expansion:
        """Return what is sent for `question`.

        Args:
            question: What is asked.
            opening: The session's first question, whose file decides which rules hold in all of
                it; None when this is the first.

        Raises:
            FimbleError: There is no such template, or it is broken.
            TemplateError: A value that it needs is missing, or is over its budget.
        """
        name = question.prompt.name if question.prompt else DEFAULT_PROMPT
        entry = self.catalogue().find(name, prefer=ASKABLE)
        template = entry.require()
        renderer = Renderer(neutralise=neutralise, count_tokens=self.count_tokens)
        try:
            values = self._values(question, template, opening or question)
            rendered = renderer.render(template, values)
        except TemplateError as error:
            raise _explained(error, template) from error
        conversation = [each for each in rendered.messages if each.role is not Role.SYSTEM]
        begun = conversation.pop().text if conversation[-1].role is Role.ASSISTANT else ""
        asked = conversation.pop().text if conversation else ""
        use = PromptUse(
            name=entry.full_name,
            inputs=question.prompt.inputs if question.prompt else (),
            template_digest=template_fingerprint(template),
            examples=tuple((each.role.value, each.text) for each in conversation),
            begun=begun,
        )
        system = "\n\n".join(each.text for each in rendered.messages if each.role is Role.SYSTEM)
        return Expansion(
            question=replace(question, prompt=use, expanded=asked, system=system),
            template=template,
            rendered=rendered,
        )

    def _values(self, question: Question, template: Template, opening: Question) -> dict[str, str]:
        declared = {each.name for each in template.front.inputs}
        given, typed = typed_inputs(question.text, declared)
        given |= dict(question.prompt.inputs) if question.prompt else {}
        if "input" in template.front.optional and _only_mentions(typed):
            typed = ""
        return {
            **ambient_values(self.repository),
            "rules": self.rules(opening) if "rules" in template.variables else "",
            "input": typed,
            "language": "",
            **attachment_values(question.attachments, template),
            **{f"{INPUT_PREFIX}{name}": given[name] for name in given.keys() & declared},
        }


def _only_mentions(text: str) -> bool:
    """Whether nothing is said besides what is attached."""
    rest, at = "", 0
    for mention in mentions(text):
        rest += text[at : mention.start]
        at = mention.end
    return not (rest + text[at:]).strip()


def _explained(error: TemplateError, template: Template) -> TemplateError:
    """Say what to type, where a template misses something."""
    name = template.front.name
    missing = re.search(r"no value for `\$\{([\w.-]+)\}`", error.sentence)
    unset = re.search(r"[Tt]he input `([\w-]+)` is missing", error.sentence)
    if missing and missing[1] in _OF_PLACES:
        sentence = f"/{name} needs code to look at."
        hint = f"Mention it: /{name} @src/file.py:10-40, or a symbol."
    elif missing and missing[1] in _WAYS_TO_GIVE:
        sentence = f"/{name} needs something to look at, as `${{{missing[1]}}}`."
        hint = _WAYS_TO_GIVE[missing[1]].format(name=name)
    elif unset:
        sentence = f"/{name} needs to be told its `{unset[1]}`."
        hint = f"{error.hint} Write: /{name} {unset[1]}=… and the rest."
    else:
        return error
    return TemplateError(
        sentence, source=error.source, line=error.line, column=error.column, hint=hint
    )
