"""Built-in prompt templates and their partials (data) and the one accessor for them."""

from __future__ import annotations

from importlib.resources import files

_SUFFIX = ".prompt.md"
_PARTIAL_SUFFIX = ".md"


def bundled_names(kind: str) -> tuple[str, ...]:
    """Return the names of the built-in templates of `kind`, in alphabetical order.

    `kind` is "chat", "edit", "complete" or "commit"; an unknown kind has no templates.
    """
    folder = files(__name__) / "templates" / kind
    if not kind.isalpha() or not folder.is_dir():
        return ()
    names = (entry.name for entry in folder.iterdir() if entry.name.endswith(_SUFFIX))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names))


def read_bundled(kind: str, name: str) -> str:
    """Return the text of the built-in template `name` of `kind`.

    Raises:
        KeyError: There is none of that name.
    """
    if name not in bundled_names(kind):
        raise KeyError(f"{kind}/{name}")
    file = files(__name__) / "templates" / kind / f"{name}{_SUFFIX}"
    return file.read_text(encoding="utf-8")


def bundled_partials() -> dict[str, str]:
    """Return the texts of the built-in partials by their names, in alphabetical order."""
    folder = files(__name__) / "templates" / "_partials"
    if not folder.is_dir():
        return {}
    texts = {
        entry.name.removesuffix(_PARTIAL_SUFFIX): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(_PARTIAL_SUFFIX)
    }
    return dict(sorted(texts.items()))
