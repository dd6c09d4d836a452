"""Stand-ins for the ports: small, exact, and fast enough for property tests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from rag.ports import Matrix, Message

TOKEN = re.compile(r"[^\W\u3400-\u9fff]+|\S")


class HashEmbedder:
    """Bags of words, hashed: texts that share words are near. Every token of Chinese is one character."""

    name = "hash"
    max_tokens = 256
    languages = frozenset({"*"})

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.fingerprint = f"hash-{dimension}"

    def token_starts(self, text: str) -> Sequence[int]:
        return [match.start() for match in TOKEN.finditer(text)]

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        matrix = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for token in TOKEN.findall(text.casefold()) or [""]:
                digest = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                place = int.from_bytes(digest, "big")
                matrix[row, place % self.dimension] += 1.0
            matrix[row] /= np.linalg.norm(matrix[row])
        return matrix

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        return self.embed_passages(texts)


class FakeWriter:
    """Says what it is told to, in order, the last again and again; an error is raised. Keeps what it was asked."""

    def __init__(self, *replies: str | Exception) -> None:
        self._replies = list(replies)
        self.asked: list[Sequence[Message]] = []

    def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        self.asked.append(messages)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply
