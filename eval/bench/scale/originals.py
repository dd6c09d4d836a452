"""The real texts that a large library is made of: their chunks, their words and their vectors. Made once and kept.

English: XQuAD, and the web pages that ExpertQA's answers rest on. Chinese: XQuAD and CMRC 2018 (simplified), DRCD
(traditional). Each of the three is a pool: texts, words and neighbours are only ever drawn from one's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rjieba

from eval.datasets.load import load_dataset
from eval.questions import Question
from ingest.chunk import chunk
from rag.config import Settings
from rag.ports import Embedder, Matrix
from rag.text import HAN, language_of
from rag.types import Block, Document

SETS = {
    "english": ("xquad/xquad.en.json",),
    "simplified": ("xquad/xquad.zh.json", "cmrc2018/cmrc2018_trial.json"),
    "traditional": ("drcd/DRCD_dev.json",),
}
PAGES = "expertqa/rand_val.jsonl"
PAGE_CHARACTERS = 2000  # of one page at most: a few are very long, and would be most of the pool
EMBEDDED_TOGETHER = 256
SHOWN_URL = re.compile(r"^\[\d+\]\s*\S*\s*")
WORDS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+|[\W_]+")
IS_HAN = re.compile(f"[{HAN}]")
IS_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A real chunk, cut into words and what stands between them."""

    parts: tuple[str, ...]
    words: np.ndarray  # int, where in parts the words stand
    row: int  # of its vector in the pool


@dataclass(frozen=True, slots=True)
class Pool:
    name: str
    language: str
    originals: tuple[tuple[Piece, ...], ...]  # paragraphs, chunked as usual
    words: tuple[str, ...]  # every one as often as it stands in the texts
    vectors: Matrix


def load_questions(shared: Path) -> list[Question]:
    """All questions of the sets, each wording once."""
    found = [
        question
        for files in SETS.values()
        for file in files
        for question in load_dataset(_squad(shared, file)).questions
    ]
    return list({question.text: question for question in found}.values())


def load_pools(
    shared: Path, folder: Path, settings: Settings, embedder: Embedder, say: Callable[[str], None]
) -> list[Pool]:
    """Read, chunk and embed; the vectors are kept in the folder, named for the embedder."""
    return [_pool(name, shared, folder, settings, embedder, say) for name in SETS]


def _pool(
    name: str, shared: Path, folder: Path, settings: Settings, embedder: Embedder, say: Callable[[str], None]
) -> Pool:
    texts = [one.text for file in SETS[name] for one in load_dataset(_squad(shared, file)).paragraphs]
    if name == "english":
        texts += _pages(shared / "data" / PAGES)
    most = min(settings.chunk.max_tokens, embedder.max_tokens)
    originals: list[tuple[Piece, ...]] = []
    chunked: list[str] = []
    for text in texts:
        document = Document("", "", "", "text/plain", text, (Block(0, len(text)),))
        chunks = chunk(document, embedder.token_starts, max_tokens=most)
        own = [text[one.start : one.end] for one in chunks]
        originals.append(tuple(cut(part, row=len(chunked) + place) for place, part in enumerate(own)))
        chunked += own
    words = [piece.parts[at] for pieces in originals for piece in pieces for at in piece.words]
    vectors = _embedded(folder / f"{name}-{embedder.fingerprint[:12]}-{len(chunked)}.npy", chunked, embedder, say)
    return Pool(name, "en" if name == "english" else "zh", tuple(originals), tuple(words), vectors)


def cut(text: str, *, row: int) -> Piece:
    """Chinese into the words of its dictionary, the rest at its spaces and signs. Joined, the parts are the text."""
    parts: list[str] = []
    for run in WORDS.findall(text):
        parts += rjieba.cut(run) if IS_HAN.match(run) else [run]
    words = [place for place, part in enumerate(parts) if IS_WORD.search(part)]
    return Piece(tuple(parts), np.array(words, dtype=np.int64), row)


def _pages(file: Path) -> list[str]:
    """What people were shown as evidence, without its address, each text once."""
    texts: dict[str, None] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        for answer in json.loads(line)["answers"].values():
            for claim in answer["claims"]:
                for shown in claim.get("evidence") or []:
                    text = " ".join(SHOWN_URL.sub("", shown).split())[:PAGE_CHARACTERS]
                    if language_of(text) == "en":
                        texts[text] = None
    return list(texts)


def _embedded(file: Path, texts: Sequence[str], embedder: Embedder, say: Callable[[str], None]) -> Matrix:
    if file.is_file():
        return np.asarray(np.load(file), dtype=np.float32)
    rows = []
    for first in range(0, len(texts), EMBEDDED_TOGETHER):
        say(f"{file.stem}: {first} of {len(texts)} embedded")
        rows.append(embedder.embed_passages(texts[first : first + EMBEDDED_TOGETHER]))
    vectors = np.concatenate(rows)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file, vectors)
    return vectors


def _squad(shared: Path, file: str) -> str:
    return f"squad:{shared / 'data' / file}"
