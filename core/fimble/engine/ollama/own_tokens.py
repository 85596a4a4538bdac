"""The model's own tokenizer, from what the server says of the model; an estimate until then.

Ollama has no tokenize route, but a verbose /api/show states the whole vocabulary. Reading it is
several megabytes and a tenth of a second of work, so it is asked for once for each version of a
model, worked on in a thread, and kept on disk. Nothing waits for it but who asks for it:
`current` always answers at once.
"""

from __future__ import annotations

import asyncio

from fimble.engine.ollama.model_facts import ModelInspector
from fimble.engine.ollama.wire import Show
from fimble.engine.tokens.byte_pairs import BytePairCounter
from fimble.engine.tokens.counter import TokenCounter
from fimble.engine.tokens.store import VocabularyStore
from fimble.engine.tokens.vocabulary import (
    Vocabulary,
    VocabularyRefusedError,
    checked_vocabulary,
)

NOT_ASKED = "the model server has not been asked yet"


class OwnTokens:
    """Knows the best counter for one model.

    Args:
        inspector: Asks the server.
        estimate: Counts until the vocabulary is known, and where it never is.
        model: The model's name, for people.
        store: Where vocabularies are kept.
    """

    def __init__(
        self,
        inspector: ModelInspector,
        estimate: TokenCounter,
        *,
        model: str,
        store: VocabularyStore | None = None,
    ) -> None:
        self._inspector = inspector
        self._model = model
        self._store = store or VocabularyStore()
        self._estimate = estimate
        self._counter: BytePairCounter | None = None
        self._digest: str | None = None
        self._reason = NOT_ASKED
        self._one_at_a_time = asyncio.Lock()

    @property
    def current(self) -> TokenCounter:
        """The best counter at this moment; `exact` and `name` say which it is."""
        return self._counter or self._estimate

    def counter(self) -> TokenCounter:
        """Return `current`, for those who ask again and again."""
        return self.current

    @property
    def why_estimated(self) -> str:
        """Why counts are estimated, as part of a sentence; empty when they are exact."""
        return "" if self._counter else self._reason

    async def learn(self) -> TokenCounter:
        """Find the model's vocabulary and return the best counter; cheap once it is known.

        Raises:
            EngineError: The server did not answer.
            EngineNotLocalError: The model is a pointer to another host.
        """
        async with self._one_at_a_time:
            digest = (await self._inspector.verified()).digest
            if digest != self._digest or not digest:
                self._counter, self._reason = None, NOT_ASKED
                self._counter = await self._find(digest)
                self._digest = digest
        return self.current

    async def _find(self, digest: str) -> BytePairCounter | None:
        known = await asyncio.to_thread(self._stored, digest) if digest else None
        if known is not None:
            return known
        show = await self._inspector.whole_manifest()
        try:
            return await asyncio.to_thread(self._made, digest, show)
        except VocabularyRefusedError as refused:
            self._reason = str(refused)
            return None

    def _stored(self, digest: str) -> BytePairCounter | None:
        vocabulary = self._store.load(digest)
        return self._counter_for(vocabulary) if vocabulary else None

    def _made(self, digest: str, show: Show) -> BytePairCounter:
        vocabulary = checked_vocabulary(show.stated_vocabulary())
        if digest:
            self._store.save(digest, vocabulary)
        return self._counter_for(vocabulary)

    def _counter_for(self, vocabulary: Vocabulary) -> BytePairCounter:
        return BytePairCounter(vocabulary, model=self._model)
