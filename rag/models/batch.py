"""Questions of many askers, embedded together, and those asked before not again. Knows nothing of what embeds them.

A question's vector is the one it would have alone where a row does not depend on its batch: so it is on OpenVINO, bit
for bit. On torch a batch is padded to its longest text, which changes the last bits of the others.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from rag.ports import Embedder, Matrix
from rag.together import Together

REMEMBERED_QUESTIONS = 2048  # 3 MB at 384 dimensions
REMEMBERED_CHARACTERS = 4096  # of a question: a longer one is a text, and not asked twice

Vector = npt.NDArray[np.float32]  # (d,), not to be written to


class BatchingEmbedder:
    """An embedder that many threads ask. What it does not do itself is the inner one's."""

    def __init__(self, inner: Embedder, *, batch_size: int = 32, remembered: int = REMEMBERED_QUESTIONS) -> None:
        """batch_size: questions in one call of the inner embedder. remembered: questions; 0: none."""
        self._inner = inner
        self._together = Together(self._embed, runs=len(os.sched_getaffinity(0)), most_items=batch_size)
        self._known = _Known(remembered)

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Return float32 (n, d), unit rows in the order of the texts, not to be written to.

        Nobody waits for others to come; who comes while others are at it waits for them. Raises what the inner
        embedder raises for these texts alone.
        """
        known = {text: vector for text in set(texts) if (vector := self._known.get(text)) is not None}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, self._together(missing), strict=True))
            for text in missing:
                self._known.put(text, known[text])
        elif not texts:
            return self._inner.embed_queries(texts)
        vectors = np.stack([known[text] for text in texts])
        vectors.flags.writeable = False
        return vectors

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return self._inner.embed_passages(texts)

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def fingerprint(self) -> str:
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    @property
    def max_tokens(self) -> int:
        return self._inner.max_tokens

    @property
    def languages(self) -> frozenset[str]:
        return self._inner.languages

    def token_starts(self, text: str) -> Sequence[int]:
        return self._inner.token_starts(text)

    @property
    def runtime(self) -> str:
        """What makes the vectors, as the inner one says it; "" where it does not."""
        return str(getattr(self._inner, "runtime", ""))

    def _embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Embed each text once, however many ask it."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        vectors = self._inner.embed_queries(list(places))
        return [vectors[places[text]] for text in texts]


class _Known:
    """The vectors of the questions asked last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._turn = Lock()
        self._held: OrderedDict[str, Vector] = OrderedDict()

    def get(self, text: str) -> Vector | None:
        with self._turn:
            vector = self._held.get(text)
            if vector is not None:
                self._held.move_to_end(text)
            return vector

    def put(self, text: str, vector: Vector) -> None:
        if len(text) > REMEMBERED_CHARACTERS or not self._most:
            return
        kept = vector.copy()  # of the row alone, lest it hold its whole batch
        kept.flags.writeable = False
        with self._turn:
            self._held[text] = kept
            self._held.move_to_end(text)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
