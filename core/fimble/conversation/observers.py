"""Who is told what happens in a conversation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from fimble.chat.events import ChatEvent, ChatObserver, StoreProblem


class Observers:
    """Tells each event to everybody, in the order in which they came."""

    def __init__(self) -> None:
        self._observers: list[ChatObserver] = []
        self._problems: list[str] = []

    def add(self, observer: ChatObserver) -> Callable[[], None]:
        """Tell `observer` every event from now on; returns what ends that.

        Problems of the store that nobody has heard of are told at once.
        """
        self._observers.append(observer)
        problems, self._problems = self._problems, []
        for problem in problems:
            observer(StoreProblem(problem))

        def stop() -> None:
            with suppress(ValueError):
                self._observers.remove(observer)

        return stop

    def tell(self, event: ChatEvent) -> None:
        """Tell everybody."""
        for observer in tuple(self._observers):
            observer(event)

    def tell_store_problem(self, sentence: str) -> None:
        """Tell of a problem now, or to the first who observes."""
        if self._observers:
            self.tell(StoreProblem(sentence))
        else:
            self._problems.append(sentence)
