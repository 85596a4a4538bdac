"""A rendered prompt as one text that a person can read and a test can compare."""

from __future__ import annotations

from fimble.prompting.rendered import Rendered
from fimble.prompting.template import Role


def transcript(rendered: Rendered) -> str:
    """Return the messages one after the other, each under its role's line.

    A completion layout is one raw text and comes back as it is, to the byte.
    """
    if [message.role for message in rendered.messages] == [Role.RAW]:
        return rendered.text
    return "\n".join(f"[[{message.role}]]\n{message.text}\n" for message in rendered.messages)


def common_prefix(one: str, other: str) -> str:
    """Return the longest text that both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    return one[: next((at for at, (left, right) in pairs if left != right), shorter)]
