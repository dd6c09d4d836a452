"""Documents in any number, made of real paragraphs with changed words and of real vectors with noise.

Of each copy of a chunk a share of its words, drawn evenly from 0.2 to 0.5, is replaced by words drawn from the pool as
often as they stand there: so a term stands in about the same share of a million chunks as of the real ones, and terms
that are rare among few texts are not rarer among many, which is harder on a lexical index than writing is. Cuts stay
where they were. The vector of a copy has a cosine to the real one that is drawn evenly from 0.8 to 0.9; half of what
turns it is noise in all dimensions alike, half the difference between two other chunks of the pool, so that copies also
differ as texts do. A document is of one pool: half of them are English, a quarter is simplified, a quarter traditional
Chinese. It has 10 to 100 chunks (their logarithm drawn evenly), in sections of one to six paragraphs below a heading.

Document n is the same whenever and wherever it is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eval.bench.scale.originals import Piece, Pool
from rag.library.records import FileFacts
from rag.ports import Matrix
from rag.types import Block, BlockKind, Chunk, Document

VERSION = 1  # raise it when the same number gives another document
SHARES = {"english": 0.5, "simplified": 0.25, "traditional": 0.25}  # of the documents
WORDS_CHANGED = (0.2, 0.5)
COSINES = (0.8, 0.9)
CHUNKS = (10, 100)
MOST_PARAGRAPHS = 6
HEADING_WORDS = 6
FOLDERS = ("reports", "policies", "minutes", "manuals", "letters", "contracts", "news", "research")
TYPES = {"txt": "text/plain", "md": "text/markdown", "html": "text/html", "pdf": "application/pdf"}
FIRST_DAY = 1_420_070_400  # 2015-01-01
DAYS = 3650


@dataclass(frozen=True, slots=True)
class Copy:
    document: Document
    chunks: tuple[Chunk, ...]
    vectors: Matrix
    data: bytes
    facts: FileFacts


def copies(pools: Sequence[Pool], chunks: int) -> Iterator[Copy]:
    """Yield documents until there are so many chunks; the last is cut short."""
    number = 0
    while chunks > 0:
        copy = make_copy(pools, number, most=chunks)
        chunks -= len(copy.chunks)
        number += 1
        yield copy


def make_copy(pools: Sequence[Pool], number: int, *, most: int) -> Copy:
    random = np.random.default_rng([VERSION, number])
    pool = pools[random.choice(len(pools), p=[SHARES[pool.name] for pool in pools])]
    wanted = min(most, round(np.exp(random.uniform(*np.log(CHUNKS)))))
    text, blocks, spans, rows = _Writing(pool, random).written(wanted)
    folder = FOLDERS[min(int(random.exponential(2)), len(FOLDERS) - 1)]
    suffix = str(random.choice(list(TYPES)))
    source = f"{folder}/{number:06d}.{suffix}"
    data = text.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    document = Document(
        id=hashlib.sha256(f"scale {VERSION} {number}".encode()).hexdigest(),
        title=text[: text.index("\n")],
        source=source,
        mime=TYPES[suffix],
        text=text,
        blocks=tuple(blocks),
        language=pool.language,
    )
    seconds = FIRST_DAY + int(random.integers(DAYS)) * 86_400
    return Copy(
        document,
        tuple(Chunk(0, document.id, start, end, headings) for start, end, headings in spans),
        turned(pool.vectors, rows, random),
        data,
        FileFacts(f"file:///scale/{source}", source, sha256, len(data), seconds * 10**9),
    )


def turned(vectors: Matrix, rows: Sequence[int], random: np.random.Generator) -> Matrix:
    """Return the vectors of these rows, each turned away to a cosine drawn from COSINES."""
    real = vectors[np.array(rows)]
    others = random.integers(len(vectors), size=(2, len(rows)))
    as_texts = _unit(vectors[others[0]] - vectors[others[1]] + 1e-6)
    away = as_texts + _unit(random.standard_normal(real.shape, dtype=np.float32))
    away = _unit(away - real * np.sum(away * real, axis=1, keepdims=True))
    cosines = random.uniform(*COSINES, size=(len(rows), 1)).astype(np.float32)
    return _unit(cosines * real + np.sqrt(1 - cosines**2) * away)


def changed(piece: Piece, words: Sequence[str], random: np.random.Generator) -> str:
    """Return the text with a share of its words replaced."""
    parts = list(piece.parts)
    places = piece.words[random.random(len(piece.words)) < random.uniform(*WORDS_CHANGED)]
    for place, drawn in zip(places.tolist(), random.integers(len(words), size=len(places)).tolist(), strict=True):
        parts[place] = words[drawn]
    return "".join(parts)


class _Writing:
    """A text as it grows: headings and paragraphs, and where its chunks stand."""

    def __init__(self, pool: Pool, random: np.random.Generator) -> None:
        self._pool = pool
        self._random = random
        self._joint = " " if pool.language == "en" else ""
        self._text: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._spans: list[tuple[int, int, tuple[str, ...]]] = []
        self._rows: list[int] = []

    def written(self, chunks: int) -> tuple[str, list[Block], list[tuple[int, int, tuple[str, ...]]], list[int]]:
        while len(self._spans) < chunks:
            drawn = self._random.integers(len(self._pool.originals), size=self._random.integers(1, MOST_PARAGRAPHS + 1))
            originals = [self._pool.originals[one] for one in drawn]
            start = self._length
            heading = self._heading(originals[0][0])
            self._block(heading, BlockKind.HEADING)
            for original in originals:
                self._paragraph(original[: chunks - len(self._spans)], heading, start)
                start = self._length
                if len(self._spans) == chunks:
                    break
        return "".join(self._text), self._blocks, self._spans, self._rows

    def _heading(self, piece: Piece) -> str:
        """The first words of a paragraph, changed too."""
        several = piece.words[:HEADING_WORDS]
        return self._changed(Piece(piece.parts[: several[-1] + 1], several, piece.row)).strip()

    def _paragraph(self, pieces: Sequence[Piece], heading: str, start: int) -> None:
        """start: of the first chunk, which has its heading's line in it."""
        texts = [self._changed(piece) for piece in pieces]
        place = self._length
        self._block(self._joint.join(texts), BlockKind.PARAGRAPH)
        for piece, text in zip(pieces, texts, strict=True):
            end = place + len(text)
            self._spans.append((start, end, () if start < place else (heading,)))
            self._rows.append(piece.row)
            start = place = end + len(self._joint)

    def _block(self, text: str, kind: BlockKind) -> None:
        self._text += (text, "\n\n")
        self._blocks.append(Block(self._length, self._length + len(text), kind, level=int(kind is BlockKind.HEADING)))
        self._length += len(text) + 2

    def _changed(self, piece: Piece) -> str:
        return changed(piece, self._pool.words, self._random)


def _unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
