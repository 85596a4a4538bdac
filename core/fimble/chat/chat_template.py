"""A model family's chat template, rendered so that a conversation's prompt only grows.

The server's own rendering drops what the model thought from earlier turns and changes its bytes
with every turn. Ours writes each earlier answer with the empty think block that it was generated
behind, so that with thinking off the next prompt is the last one, its answer, and the new
question: a hybrid model evaluates only what is new (Qwen3.5's template:
ollama/ollama:model/renderers/qwen35.go). With thinking on, the thoughts are left out afterwards,
as the model's maker advises, and the last answer is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fimble.chat.messages import ChatMessage, ChatRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTemplate:
    """The strings around each turn."""

    system_open: str
    user_open: str
    answer_open: str
    """Ends where an answer without thinking begins; holds the empty think block."""
    thinking_open: str
    """Ends where thinking begins; empty for families that cannot think."""
    thinking_end: str
    """What the model writes between its thoughts and its answer."""
    turn_end: str

    def prompt(
        self,
        messages: Sequence[ChatMessage],
        *,
        think: bool = False,
        begun: str = "",
        begun_thinking: str = "",
    ) -> str:
        """Return the prompt whose end the model continues."""
        opening = self.thinking_open if think and self.thinking_open else self.answer_open
        return f"{self.history(messages)}{opening}{begun_thinking}{begun}"

    def history(self, messages: Sequence[ChatMessage]) -> str:
        """Return whole turns, each with its end."""
        opened = {
            ChatRole.SYSTEM: self.system_open,
            ChatRole.USER: self.user_open,
            ChatRole.ASSISTANT: self.answer_open,
        }
        return "".join(f"{opened[each.role]}{each.text}{self.turn_end}" for each in messages)


class ThinkingSplitter:
    """Parts a raw stream into thoughts and answer, whatever its chunks are.

    Holds back what may be the beginning of the end mark, and the line ends behind it.
    """

    def __init__(self, end: str, *, thinking: bool) -> None:
        self._mark = end.strip()
        self._thinking = thinking and bool(self._mark)
        self._held = ""
        self._answer_begun = not self._thinking

    @property
    def thinking(self) -> bool:
        """Whether the answer has not begun yet."""
        return self._thinking

    def feed(self, text: str) -> tuple[str, str]:
        """Return what `text` adds to the thoughts and to the answer."""
        if not self._thinking:
            return "", self._answer(text)
        joined = self._held + text
        thought, mark, rest = joined.partition(self._mark)
        if mark:
            self._thinking = False
            self._held = ""
            return thought, self._answer(rest)
        keep = _overlap(joined, self._mark)
        self._held = joined[len(joined) - keep :]
        return joined[: len(joined) - keep], ""

    def end(self) -> str:
        """Return what was held back when the stream ended inside the thoughts."""
        held, self._held = self._held, ""
        return held

    def _answer(self, text: str) -> str:
        if not self._answer_begun:
            text = text.lstrip("\n")
            self._answer_begun = bool(text)
        return text


def _overlap(text: str, mark: str) -> int:
    """Return how many characters at the end of `text` begin `mark`."""
    longest = min(len(text), len(mark) - 1)
    return next((size for size in range(longest, 0, -1) if mark.startswith(text[-size:])), 0)
