"""What a prompt was made of, as two short names, so that its answer can be replayed.

They tell later whether the same prompt can still be had, to the last character. The format is
stable; everything that stores one may compare it years later:

- `template` is `sha256:` and `Template.digest`: the template's file without its byte order mark and
  with LF line ends, and each partial in it.
- `prompt` is `sha256:` and the SHA-256, in hexadecimal, of `fimble prompt 1`, a zero byte, and for
  each message in order its role, a zero byte, the length of its text in bytes of UTF-8 in decimal
  figures, a zero byte, and that text. The one text of a completion has the role `raw`, and so has
  a chat whose control tokens Fimble writes itself. Where the model's server writes them and is
  asked to let the model think, `think`, a zero byte, `0` and a zero byte stand at the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from fimble.prompting.rendered import Rendered
from fimble.prompting.template import Role, Template

_FORMAT = b"fimble prompt 1\0"
_THINKS = b"think\x000\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """A prompt's template and its expanded text."""

    template: str
    """Equal for two templates that make the same prompts of the same values."""
    prompt: str
    """Equal for two prompts that a model cannot tell apart."""

    def as_json(self) -> dict[str, str]:
        """Return both by their names."""
        return {"template": self.template, "prompt": self.prompt}


def fingerprint(template: Template, rendered: Rendered) -> Fingerprint:
    """Return the fingerprint of what `template` was rendered to."""
    messages = [(message.role, message.text) for message in rendered.messages]
    return Fingerprint(template=template_fingerprint(template), prompt=prompt_fingerprint(messages))


def template_fingerprint(template: Template) -> str:
    """Return the name of a template's content."""
    return f"sha256:{template.digest}"


def prompt_fingerprint(messages: Iterable[tuple[Role, str]], *, thinks: bool = False) -> str:
    """Return the name of an expanded prompt.

    Args:
        messages: Who says what, in order.
        thinks: Whether a server that renders the messages is asked to let the model think.
    """
    whole = hashlib.sha256(_FORMAT)
    for role, text in messages:
        data = text.encode("utf-8", "surrogatepass")
        whole.update(f"{role.value}\0{len(data)}\0".encode())
        whole.update(data)
    if thinks:
        whole.update(_THINKS)
    return f"sha256:{whole.hexdigest()}"
