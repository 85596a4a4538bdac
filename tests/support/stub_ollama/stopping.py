"""Stop strings as llama-server applies them: text is held back while one may be beginning.

After ``process_token`` and ``find_stopping_strings`` in
``ggml-org/llama.cpp:tools/server/server-context.cpp``. Two consequences are visible to clients:
a stop string never reaches them, and text that was held back when the token limit strikes is
lost.
"""

from __future__ import annotations


class StopScanner:
    """Turns generated tokens into the pieces that are sent."""

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop = tuple(it for it in stop if it)
        self._held = ""
        self.stopped = False
        """A whole stop string was seen; nothing more may be generated."""

    def add(self, token: str) -> str:
        """Take one token; returns what goes out now, possibly nothing."""
        text = self._held + token
        starts = [at for at in (text.find(it) for it in self._stop) if at >= 0]
        if starts:
            self.stopped = True
            self._held = ""
            return text[: min(starts)]
        if any(_ends_with_beginning(text, it) for it in self._stop):
            self._held = text
            return ""
        self._held = ""
        return text

    def rest(self) -> str:
        """What was held back, when the model ended by itself."""
        held, self._held = self._held, ""
        return held


def _ends_with_beginning(text: str, stop: str) -> bool:
    """Whether `text` ends with a proper beginning of `stop`."""
    return any(text.endswith(stop[:size]) for size in range(1, min(len(stop), len(text)) + 1))
