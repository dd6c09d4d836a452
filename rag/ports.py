"""The seams: what the core asks of models and indexes. One contract suite each, in tests/contracts."""

from __future__ import annotations

from collections.abc import Generator as Stream
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.types import Evidence, Hit, Passage, Usage

Matrix = npt.NDArray[np.float32]  # (n, d), rows of unit length, so the inner product is the cosine
Keys = npt.NDArray[np.int64]  # (n,)


class Embedder(Protocol):
    """Text to unit vectors."""

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """Hash of the weights and of whatever else changes the vectors: equal means interchangeable."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """Tokens of a passage that reach the model; the rest would be cut off."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes that the model was trained for; {"*"} means all that matter here."""
        ...

    def token_starts(self, text: str) -> Sequence[int]:
        """Start, in code points, of each of the text's tokens, special tokens left out."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Matrix: ...

    def embed_queries(self, texts: Sequence[str]) -> Matrix: ...


class VectorIndex(Protocol):
    """Exact or approximate nearest neighbours of keyed unit vectors."""

    def __len__(self) -> int: ...

    def add(self, keys: Keys, vectors: Matrix) -> None:
        """Add; a key that is there already is replaced."""
        ...

    def remove(self, keys: Keys) -> None:
        """Remove; a key that is not there is ignored."""
        ...

    def search(self, queries: Matrix, k: int) -> list[list[Hit]]:
        """Return the k nearest keys of each query, best first; fewer where the index is smaller."""
        ...

    def save(self, path: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class LexicalEntry:
    key: int
    body: str
    title: str = ""
    headings: str = ""


class LexicalIndex(Protocol):
    """BM25 over folded search keys. What was added or removed is seen after commit."""

    def __len__(self) -> int: ...

    def add(self, entries: Iterable[LexicalEntry]) -> None:
        """Add; a key that is there already is replaced."""
        ...

    def remove(self, keys: Iterable[int]) -> None: ...

    def commit(self) -> None: ...

    def search(self, query: str, k: int, *, among: Keys | None = None) -> list[Hit]:
        """Return the k best keys, best first, equal scores by the smaller key.

        among: of these only, ascending, scored as if there were no such filter.
        """
        ...


class Reranker(Protocol):
    @property
    def name(self) -> str: ...

    def load(self) -> None:
        """Make ready, which may take seconds the first time."""
        ...

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return how well each text answers, in [0, 1], in their order. Raises ModelError."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    role: str  # "system", "user" or "assistant"
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """All a generator may know. passages are numbered from 1 in this order; a mark [n] names passages[n - 1].

    messages say it in words for a language model, which is shown all of these passages and of each all its text;
    evidence is for a generator that only picks sentences.
    """

    question: str
    language: str
    passages: tuple[Passage, ...]
    messages: tuple[Message, ...]
    evidence: Evidence
    version: str = ""  # of the words around the passages: ours, or a collection's own


class Generator(Protocol):
    """Prompt to text with marks such as [2] after each sentence. Closing the stream stops the work.

    May be used from many threads at once.
    """

    @property
    def name(self) -> str: ...

    @property
    def context_tokens(self) -> int | None:
        """Tokens that the messages may have, the answer's own left out; None where messages are not read."""
        ...

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the messages as the model gets them, its template included; an estimate where it is elsewhere."""
        ...

    def generate(self, prompt: Prompt) -> Stream[str, None, Usage]:
        """Raises GenerationFailed, also in the middle."""
        ...


class Writer(Protocol):
    """A language model that says a line or two about a question; it is shown no documents. It keeps its own time."""

    def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str: ...


class LanguageModel(Generator, Writer, Protocol):
    """One that answers and writes."""

    def load(self) -> None:
        """Make ready, which may take minutes the first time. Raises ModelError."""
        ...


class Entailment(Protocol):
    """A model of natural language inference."""

    @property
    def name(self) -> str: ...

    def entails(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """Return of each premise and hypothesis the chance that the first entails the second. Raises ModelError."""
        ...
