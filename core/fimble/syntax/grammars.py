"""The only place that loads compiled grammars: each on first use, once per process."""

from __future__ import annotations

import importlib
from functools import cache

import tree_sitter

from fimble.syntax.language import Grammar, Language


def compiled(language: Language) -> tree_sitter.Language:
    """Return the compiled grammar of a language.

    Raises:
        ImportError: The grammar's wheel is missing from the installation.
    """
    return _load(language.grammar)


@cache
def _load(grammar: Grammar) -> tree_sitter.Language:
    module = importlib.import_module(grammar.module)
    pointer: object = getattr(module, grammar.function)()
    return tree_sitter.Language(pointer)
