"""One reader for each foreign form of prompt file; the forms are described in their projects.

- GitHub and VS Code `.prompt.md`: microsoft/vscode-docs:docs/copilot/customization/prompt-files.md
- Continue prompts: continuedev/continue:docs/customize/deep-dives/prompts.mdx
- llm templates: simonw/llm:docs/templates.md
- fabric patterns: danielmiessler/fabric:data/patterns/*/system.md

A model, a host, tools and whatever runs or fetches something never come along: they are the
user's, and a template of ours has no place for them.
"""

from __future__ import annotations

import re

from fimble.errors import TemplateError
from fimble.prompting.front_fields import entries
from fimble.prompting.importing.draft import Draft, escaped, slug, translated
from fimble.prompting.problems import TOP
from fimble.prompting.yaml_nodes import FrontMatterRefusedError, Mapping, Node, Scalar, read_yaml

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_GITHUB_VARIABLE = re.compile(r"\$\{([A-Za-z]+)(?::([^:{}\n]+))?(?::([^{}\n]*))?\}")
_GITHUB_NAMES = {
    "selection": "${selection}",
    "selectedText": "${selection}",
    "file": "${path}",
    "relativeFile": "${path}",
    "workspaceFolderBasename": "${repository}",
}
_REFERENCE = re.compile(r"(?<![\w&])#(?:file|tool|sym|selection|codebase)\b:?[^\s,;)]*")
_MENTION = re.compile(r"(?<![\w.@])@[A-Za-z][\w./-]*")
_HANDLEBARS = re.compile(r"\{\{\{?\s*([^{}]*?)\s*\}\}\}?")
_LLM_VARIABLE = re.compile(r"\$(?:(\$)|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_KEYS = re.compile(r"(?:[A-Za-z][\w-]*:(?:[ \t][^\n]*)?\n?)+")
_SYSTEM = re.compile(r"<system>\n?(.*?)</system>", re.DOTALL)


def read_github(text: str, name: str, source: str) -> Draft:
    """Read a prompt file of VS Code or GitHub Copilot."""
    draft = Draft(name=slug(name), format="GitHub Copilot")
    fields, body = _front_matter(text, source)
    draft.description = _take(fields, "description")
    _lose_keys(draft, fields, keep={"name", "title"})

    def translate(found: re.Match[str]) -> str | None:
        word, argument, hint = found.groups()
        if word == "input" and argument:
            return draft.input(argument, hint=hint or "")
        if word in _GITHUB_NAMES and not argument:
            return _GITHUB_NAMES[word]
        draft.lose(f"`{found[0]}` has no counterpart and stays as text.")
        return None

    for reference in _REFERENCE.findall(body):
        draft.lose(f"`{reference.rstrip('.')}` is a reference that stays as text.")
    draft.user = translated(body, _GITHUB_VARIABLE, translate)
    draft.add_typed_text()
    return draft


def read_continue(text: str, name: str, source: str) -> Draft:
    """Read a prompt of Continue."""
    fields, body = _front_matter(_with_opening_fence(text), source)
    # Continue's users type the key, not the file's name.
    draft = Draft(name=slug(_take(fields, "name") or name), format="Continue")
    draft.description = _take(fields, "description")
    draft.version = _take(fields, "version")
    _take(fields, "invokable")
    _lose_keys(draft, fields, keep={"schema"})
    for mention in _MENTION.findall(body):
        draft.lose(f"`{mention.rstrip('.')}` is a mention that stays as text.")

    def translate(found: re.Match[str]) -> str | None:
        if found[1] in ("input", "currentFile"):
            return "${input}" if found[1] == "input" else "${file}"
        draft.lose(f"`{found[0]}` has no counterpart and stays as text.")
        return None

    system = _SYSTEM.search(body)
    if system is not None:
        draft.instructions = escaped(system[1])
        body = body[: system.start()] + body[system.end() :]
    draft.user = translated(body, _HANDLEBARS, translate)
    draft.add_typed_text()
    return draft


def _with_opening_fence(text: str) -> str:
    """Return a `.prompt` file of Continue in the form of the others.

    Its keys stand above the first line `---` with none before them
    (continuedev/continue:core/promptFiles/parsePromptFile.ts).
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    keys, fence, _ = text.partition("\n---\n")
    if not fence or text.startswith("---") or not _KEYS.fullmatch(keys):
        return text
    return f"---\n{text}"


def read_llm(text: str, name: str, source: str) -> Draft:
    """Read a template of llm."""
    draft = Draft(name=slug(name), format="llm")
    fields = _mapping(text, source, line=0)
    defaults = _texts(fields.pop("defaults", None))
    options = _texts(fields.pop("options", None))
    draft.temperature, draft.top_p = options.pop("temperature", ""), options.pop("top_p", "")
    for option in options:
        draft.lose(f"The option `{option}` is the user's setting and was left out.")

    def translate(found: re.Match[str]) -> str | None:
        word = found[2] or found[3]
        if found[1]:
            return "$$"
        return "${input}" if word == "input" else draft.input(word, default=defaults.get(word))

    draft.instructions = translated(_take(fields, "system"), _LLM_VARIABLE, translate)
    if "${input}" in draft.instructions:
        draft.instructions = draft.instructions.replace("${input}", "what the user says below")
        draft.lose("`$input` in the system text would change it with every call; it is below.")
    prompt = _take(fields, "prompt")
    draft.user = translated(prompt, _LLM_VARIABLE, translate) if prompt else "${input}"
    _lose_keys(draft, fields, keep={"name"})
    return draft


def read_fabric(text: str, name: str, source: str) -> Draft:
    """Read the system text of a pattern of fabric; its input follows as the user's message."""
    del source
    draft = Draft(name=slug(name), format="fabric")

    def translate(found: re.Match[str]) -> str | None:
        word = found[1]
        if word in ("input", "INPUT"):
            return "the text below"
        if re.fullmatch(r"\w+", word):
            return draft.input(word)
        draft.lose(f"`{found[0]}` would run a plugin; it stays as text.")
        return None

    body = re.sub(r"\n#*[ \t]*INPUT:?[ \t]*\n*\Z", "\n", text.replace("\r\n", "\n"))
    draft.instructions = translated(body, _HANDLEBARS, translate)
    heading = re.search(r"^(?!#)\S.*$", body, re.MULTILINE)
    draft.description = heading[0] if heading else ""
    draft.user = "${input}"
    return draft


def _front_matter(text: str, source: str) -> tuple[dict[str, Node], str]:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    found = _FRONT.match(text)
    if found is None:
        return {}, text
    return _mapping(found[1], source, line=1), text[found.end() :]


def _mapping(text: str, source: str, *, line: int) -> dict[str, Node]:
    """Read YAML; `line` is how many lines stand before it in the file."""
    try:
        root = read_yaml(text) or Mapping((), TOP)
        return {key.value: value for key, value in entries(root)}
    except FrontMatterRefusedError as error:
        at = error.place
        raise TemplateError(
            error.sentence, source=source, line=at.line + line, column=at.column, hint=error.hint
        ) from None


def _take(fields: dict[str, Node], key: str) -> str:
    node = fields.pop(key, None)
    return node.value if isinstance(node, Scalar) else ""


def _texts(node: Node | None) -> dict[str, str]:
    if not isinstance(node, Mapping):
        return {}
    return {key.value: value.value for key, value in node.entries if isinstance(value, Scalar)}


def _lose_keys(draft: Draft, fields: dict[str, Node], *, keep: set[str]) -> None:
    for key in sorted(fields.keys() - keep):
        draft.lose(f"The key `{key}` was left out.")
