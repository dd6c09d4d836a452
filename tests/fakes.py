"""Stand-ins for the ports: small, exact, and fast enough for property tests."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Generator as Stream
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from rag.ports import Matrix, Message, Prompt
from rag.types import Usage

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


class Streams:
    """How many streams are open, of any number of threads."""

    def __init__(self) -> None:
        self._open = 0
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def none_within(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, seconds)

    def _count(self, more: int) -> None:
        with self._changed:
            self._open += more
            self._changed.notify_all()


class FakeGenerator:
    """Says these pieces to every prompt; an error among them is raised."""

    name = "fake"
    context_tokens = 4096

    def __init__(self, *pieces: str | Exception) -> None:
        self._pieces = pieces
        self.streams = Streams()

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(TOKEN.findall(message.content)) for message in messages)

    def generate(self, prompt: Prompt) -> Stream[str, None, Usage]:
        with self.streams.one():
            for piece in self._pieces:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        return Usage(self.count_tokens(prompt.messages), len(self._pieces))
