"""From a question with its attachments to the exact text that is sent: always through a template.

A plain question goes through `chat/ask`. Each attachment fills the variable that is made for its
kind where the template has it (a diff `${diff}`, the first file of `/explain` `${selection}`);
everything else is listed in `${files}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fimble.chat.transcript import (
    PLAIN_PROMPT,
    Attachment,
    AttachmentKind,
    PromptUse,
    Question,
)
from fimble.errors import FimbleError, TemplateError
from fimble.policy.control_tokens import neutralise
from fimble.prompt_files.ambient import ambient_values
from fimble.prompting.catalogue import Catalogue
from fimble.prompting.fingerprint import template_fingerprint
from fimble.prompting.render import Renderer
from fimble.prompting.rendered import Rendered
from fimble.prompting.snippets import Snippet, fenced
from fimble.prompting.template import Role, Template
from fimble.prompting.variables import INPUT_PREFIX

DEFAULT_PROMPT: Final = f"chat/{PLAIN_PROMPT}"

_VARIABLE_OF_KIND: Final[Mapping[AttachmentKind, str]] = {
    AttachmentKind.DIFF: "diff",
    AttachmentKind.STAGED: "staged_diff",
    AttachmentKind.ERRORS: "diagnostics",
    AttachmentKind.MAP: "repo_map",
    AttachmentKind.INPUT: "terminal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A question as it is sent, and what its template says of the answer."""

    question: Question
    """With `expanded`, `system` and `prompt` set."""
    template: Template
    rendered: Rendered
    begun: str = ""
    """The beginning of the answer that the template prescribes."""


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
            self.catalogue().find(name)
        except FimbleError:
            return False
        return True

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
        entry = self.catalogue().find(name)
        template = entry.require()
        renderer = Renderer(neutralise=neutralise, count_tokens=self.count_tokens)
        try:
            values = self._values(question, template, opening or question)
            rendered = renderer.render(template, values)
        except TemplateError as error:
            raise _explained(error, template) from error
        texts = {role: _text(rendered, role) for role in Role}
        use = PromptUse(
            name=entry.full_name,
            inputs=question.prompt.inputs if question.prompt else (),
            template_digest=template_fingerprint(template),
        )
        return Expansion(
            question=replace(
                question, prompt=use, expanded=texts[Role.USER], system=texts[Role.SYSTEM]
            ),
            template=template,
            rendered=rendered,
            begun=texts[Role.ASSISTANT],
        )

    def _values(self, question: Question, template: Template, opening: Question) -> dict[str, str]:
        values = {
            **ambient_values(self.repository),
            "rules": self.rules(opening) if "rules" in template.variables else "",
            "input": question.text,
            "language": "",
        }
        listed: list[Attachment] = []
        for attachment in question.attachments:
            variable = _variable(attachment, template, values)
            if variable == "selection":
                values |= {
                    "selection": attachment.text,
                    "path": attachment.label.rpartition(":")[0] or attachment.label,
                    "language": attachment.language,
                }
            elif variable:
                values[variable] = attachment.text
            else:
                listed.append(attachment)
        values["files"] = fenced(
            Snippet(path=each.label, text=each.text, language=each.language) for each in listed
        )
        declared = {each.name for each in template.front.inputs}
        given = dict(question.prompt.inputs) if question.prompt else {}
        return values | {f"{INPUT_PREFIX}{name}": given[name] for name in given.keys() & declared}


def _variable(attachment: Attachment, template: Template, values: Mapping[str, str]) -> str:
    """Return the variable that is made for an attachment, if it is there and still free."""
    variable = _VARIABLE_OF_KIND.get(attachment.kind, "selection")
    if attachment.kind is AttachmentKind.DIRECTORY:
        return ""
    return variable if variable in template.variables and variable not in values else ""


def _text(rendered: Rendered, role: Role) -> str:
    return "\n\n".join(message.text for message in rendered.messages if message.role is role)


def _explained(error: TemplateError, template: Template) -> TemplateError:
    """Say what to type, where a template misses its selection."""
    if "`${selection}`" not in error.sentence or "no value" not in error.sentence:
        return error
    name = template.front.name
    return TemplateError(
        f"/{name} needs code to look at.",
        source=error.source,
        line=error.line,
        column=error.column,
        hint=f"Mention it: /{name} @src/file.py:10-40, or a symbol.",
    )
