"""How an ingest scales: many small files the second time, and much text in little memory.

    python -m eval.bench.folders --files 10000
    python -m eval.bench.folders --megabytes 1000 --embedder none

The texts are made: sentences of words drawn by rank as words are in writing (Zipf), half of the files in Chinese
characters. With --embedder none the vectors are random (a hash of the text seeds them): what is measured then is all
but the model, which has no part in how memory grows. Memory is summed over all processes (PSS).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.bench.family import peak_bytes
from ingest.opening import build_ingest, open_for_writing
from rag.config import Settings
from rag.ports import Matrix

WORDS = 20_000
SENTENCES_A_PARAGRAPH = 5
LOOK_SECONDS = 0.25
TOKEN = re.compile(r"[\u2e80-\U0010ffff]|[^\s\u2e80-\U0010ffff]+")


class RandomVectors:
    """Stands in the embedder's place. Counts a character of Chinese, and a word elsewhere, as a token."""

    name = "random"
    fingerprint = "random-384"
    dimension = 384
    max_tokens = 254
    languages = frozenset({"*"})

    def token_starts(self, text: str) -> list[int]:
        return [match.start() for match in TOKEN.finditer(text)]

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        seed = hash(texts[0]) & 0xFFFFFFFF
        made = np.random.default_rng(seed).standard_normal((len(texts), self.dimension), dtype=np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)

    embed_queries = embed_passages


class Writer:
    """Makes texts. Word ranks follow 1 / rank."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        letters = np.array(list("etaoinshrdlucmfwypvbgk"))
        lengths = self._random.integers(2, 11, WORDS)
        self._english = ["".join(self._random.choice(letters, length)) for length in lengths]
        self._chinese = [chr(code) for code in self._random.permutation(np.arange(0x4E00, 0x4E00 + 6000))]
        weights = 1 / np.arange(1, WORDS + 1)
        self._weights = weights / weights.sum()
        weights = 1 / np.arange(1, 6001) ** 0.7
        self._weights_chinese = weights / weights.sum()

    def text(self, characters: int, *, chinese: bool) -> str:
        words, weights = (self._chinese, self._weights_chinese) if chinese else (self._english, self._weights)
        joint, stop, a_sentence, length = ("", "。", 24, 1.0) if chinese else (" ", ". ", 16, 7.0)
        chosen = self._random.choice(len(words), int(characters / length) + a_sentence, p=weights)
        sentences = [
            joint.join(words[one] for one in chosen[first : first + a_sentence]) + stop
            for first in range(0, len(chosen), a_sentence)
        ]
        paragraphs = [
            "".join(sentences[first : first + SENTENCES_A_PARAGRAPH])
            for first in range(0, len(sentences), SENTENCES_A_PARAGRAPH)
        ]
        return "\n\n".join(paragraphs)


def write_files(folder: Path, files: int, characters: int, seed: int = 7) -> int:
    """Write the files, a hundred in a folder; return their bytes."""
    writer, total = Writer(seed), 0
    for number in range(files):
        path = folder / f"{number // 100:04d}" / f"{number:06d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = writer.text(characters, chinese=number % 2 == 1).encode()
        path.write_bytes(data)
        total += len(data)
    return total


def timed(command: list[str]) -> dict[str, float]:
    begun = time.monotonic()
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running,
        peak_bytes(running.pid, every_seconds=LOOK_SECONDS) as seen,
    ):
        out, _ = running.communicate()
    report = json.loads(out)
    counts = {name: report[name] for name in ("discovered", "indexed", "unchanged", "duplicate", "failed", "chunks")}
    return counts | {"seconds": round(time.monotonic() - begun, 2), "peak_mib": round(max(seen) / 2**20)}


def ingest_without_model(folder: Path, data: Path) -> None:
    embedder = RandomVectors()
    settings = Settings(data=data)
    with open_for_writing(settings, "default", embedder) as library:
        report = build_ingest(settings, library, embedder).run([folder])
    sys.stdout.write(report.model_dump_json())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=0, help="so many small files, ingested twice")
    parser.add_argument("--characters", type=int, default=800, help="of each small file")
    parser.add_argument("--megabytes", type=int, default=0, help="of text, in files of 10 MB")
    parser.add_argument("--embedder", choices=("default", "none"), default="default")
    parser.add_argument("--run", nargs=2, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        ingest_without_model(*chosen.run)
        return
    with tempfile.TemporaryDirectory() as base:
        docs, data = Path(base) / "docs", Path(base) / "data"
        if chosen.files:
            size = write_files(docs, chosen.files, chosen.characters)
        else:
            size = write_files(docs, max(1, chosen.megabytes // 10), 5_500_000)
        if chosen.embedder == "none":
            command = [sys.executable, "-m", "eval.bench.folders", "--run", str(docs), str(data)]
        else:
            command = [sys.executable, "-m", "footnote", "ingest", str(docs), "--data", str(data), "--json"]
        first = timed(command)
        second = timed(command)
    ratio = round(second["seconds"] / first["seconds"], 4)
    shown = {"megabytes": round(size / 1e6, 1), "embedder": chosen.embedder, "first": first, "second": second}
    sys.stdout.write(json.dumps({**shown, "second_to_first": ratio}, indent=2) + "\n")


if __name__ == "__main__":
    main()
