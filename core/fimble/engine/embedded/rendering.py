"""Tokens back to text: words with one blank where their source had blanks."""

from __future__ import annotations

from fimble.engine.embedded.vocabulary import UNSPEAKABLE, Vocabulary


def speakable(rest: str) -> bool:
    """Whether every token of `rest` may be suggested."""
    return UNSPEAKABLE.isdisjoint(rest)


def render(
    rest: str, blanks: bytes, vocabulary: Vocabulary, *, typed: str, text_before: str
) -> str:
    """Write out the tokens of a suggestion.

    Args:
        rest: The tokens.
        blanks: For each of them 1 if there are blanks before it.
        vocabulary: What the tokens stand for.
        typed: The part of the first token that is already there.
        text_before: The line up to the cursor; after blanks no further blank is written.
    """
    texts = vocabulary.texts
    words: list[str] = []
    for token, blank in zip(rest, blanks, strict=False):
        if blank:
            words.append(" ")
        words.append(texts[ord(token)])
    text = "".join(words)
    if typed:
        return text.lstrip(" ")[len(typed) :]
    if not text_before or text_before[-1] in " \t":
        return text.lstrip(" ")
    return text
