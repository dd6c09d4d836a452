"""Measure footnote's ingest against LlamaIndex's pipeline and against its own embedder alone, on the same files.

    python -m eval.bench.throughput [--shared ../shared] [--peers DIR] [--files 80] [--paragraphs 20] [--rounds 2]

The files are made from paragraphs of XQuAD (English) and DRCD (Chinese), their sentences mixed anew so that no two
files are alike. Everybody gets the same model folder, the same files and the same chunk size in tokens, and embeds one
text before the clock starts, so that loading a model counts for nobody. What counts: for footnote, reading in processes
of their own (started on the clock), cleaning, chunking, embedding and durable commits with both indexes in step; for
LlamaIndex, splitting, embedding and adding to FAISS in memory; for the bare embedder, the very passages that footnote
embedded, handed over 256 at a time. The rounds are interleaved, since a shared machine changes its pace; CPU seconds
count child processes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from eval.bench.peer import LLAMA_INDEX, PACKAGES
from ingest.batch import BATCH_PASSAGES
from ingest.opening import build_ingest, open_for_writing
from ingest.passage import passage_texts
from rag.build import find_embedder
from rag.config import EmbedderSettings, Settings
from rag.models.embed import LazyEmbedder

SETS = {"en": "data/xquad/xquad.en.json", "zh": "data/drcd/DRCD_dev.json"}
SENTENCE = {"en": re.compile(r"(?<=[.!?]) +"), "zh": re.compile(r"(?<=[。！？])")}
PARAGRAPH_CHARACTERS = {"en": 800, "zh": 400}
PEERS = Path("runs/peers/venv")
Row = dict[str, Any]


def main(arguments: list[str]) -> None:
    options = _options(arguments)
    python = _peer_python(options.peers)
    report: Row = {"machine": _machine(), "rounds": options.rounds, "paragraphs": options.paragraphs, "languages": {}}
    with tempfile.TemporaryDirectory() as name:
        for language, path in SETS.items():
            folder = Path(name) / language
            files = make_files(options.shared / path, language, folder / "files", options.files, options.paragraphs)
            report["languages"][language] = measure(folder, files, python, options.rounds)
    json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def make_files(dataset: Path, language: str, folder: Path, count: int, each: int = 20) -> int:
    """Write files of so many paragraphs each, their sentences drawn from the whole set; return their characters."""
    rows = json.loads(dataset.read_text(encoding="utf-8"))["data"]
    contexts = [paragraph["context"] for row in rows for paragraph in row["paragraphs"]]
    sentences = [sentence for text in contexts for sentence in SENTENCE[language].split(text) if sentence.strip()]
    draw = random.Random(language)
    folder.mkdir(parents=True)
    characters = 0
    for number in range(count):
        paragraphs = []
        for _ in range(each):
            drawn: list[str] = []
            while sum(map(len, drawn)) < PARAGRAPH_CHARACTERS[language]:
                drawn.append(draw.choice(sentences).strip())
            paragraphs.append((" " if language == "en" else "").join(drawn))
        text = "\n\n".join(paragraphs)
        characters += len(text)
        (folder / f"{number:04}.txt").write_text(text, encoding="utf-8")
    return characters


def measure(folder: Path, characters: int, python: Path, rounds: int) -> Row:
    ours, bare, theirs = [], [], []
    for number in range(rounds):
        row, texts, embedder = _footnote(folder / "files", folder / f"data-{number}")
        ours.append(row)
        bare.append(_timed(len(texts), partial(_embed, embedder, texts)))
        theirs.append(_llama_index(python, folder / "files", embedder, row["max_tokens"]))
    rates = {name: _middle(rows) for name, rows in (("footnote", ours), ("bare", bare), ("llama_index", theirs))}
    texts_per_second = {name: rates[name]["chunks"] / rates[name]["seconds"] for name in rates}
    characters_per_second = {name: characters / rates[name]["seconds"] for name in ("footnote", "llama_index")}
    cpu = {name: rates[name]["chunks"] / rates[name]["cpu_seconds"] for name in rates}
    return {
        "characters": characters,
        "runtime": embedder.runtime,
        "chunks_per_second": {name: round(rate, 1) for name, rate in texts_per_second.items()},
        "chunks_per_cpu_second": {name: round(rate, 1) for name, rate in cpu.items()},
        "characters_per_second": {name: round(rate) for name, rate in characters_per_second.items()},
        "times_llama_index": {
            "chunks": round(texts_per_second["footnote"] / texts_per_second["llama_index"], 2),
            "characters": round(characters_per_second["footnote"] / characters_per_second["llama_index"], 2),
            "chunks_per_cpu_second": round(cpu["footnote"] / cpu["llama_index"], 2),
        },
        "share_of_bare": {
            "seconds": round(texts_per_second["footnote"] / texts_per_second["bare"], 3),
            "cpu_seconds": round(cpu["footnote"] / cpu["bare"], 3),
        },
        "footnote": ours,
        "bare": bare,
        "llama_index": theirs,
    }


def _footnote(files: Path, data: Path) -> tuple[Row, list[str], LazyEmbedder]:
    """Ingest into a new library; return what it took, and the passages as they were embedded."""
    settings = Settings(data=data, embedder=EmbedderSettings(device="cpu"))
    embedder = find_embedder(settings)
    embedder.embed_passages(["warm"])
    with open_for_writing(settings, "bench", embedder) as library:
        run = build_ingest(settings, library, embedder)

        def ingest() -> None:
            report = run.run([files])
            if report.indexed != report.discovered:
                raise SystemExit(f"indexed {report.indexed} of {report.discovered} files")

        row = _timed(0, ingest)
        texts: list[str] = []
        for found in library.documents(limit=1_000_000):
            texts += passage_texts(library.document(found.id), library.chunks_of(found.id), embedder)
    tokens = sum(len(embedder.token_starts(text)) for text in texts)
    max_tokens = min(settings.chunk.max_tokens, embedder.max_tokens)
    row |= {"chunks": len(texts), "mean_tokens": round(tokens / len(texts), 1), "max_tokens": max_tokens}
    return row, texts, embedder


def _embed(embedder: LazyEmbedder, texts: list[str]) -> None:
    for first in range(0, len(texts), BATCH_PASSAGES):
        embedder.embed_passages(texts[first : first + BATCH_PASSAGES])


def _llama_index(python: Path, files: Path, embedder: LazyEmbedder, max_tokens: int) -> Row:
    done = subprocess.run(
        [python, "-c", LLAMA_INDEX, files, embedder.folder, str(max_tokens), str(embedder.dimension)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"},
    )
    if done.returncode:
        raise SystemExit(f"the peer failed: {done.stderr[-2000:]}")
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row


def _timed(chunks: int, work: Callable[[], None]) -> Row:
    cpu, start = _cpu_seconds(), time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    return {"chunks": chunks, "seconds": round(seconds, 3), "cpu_seconds": round(_cpu_seconds() - cpu, 3)}


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _middle(rows: list[Row]) -> Row:
    """Return the medians of the rounds."""
    return {name: statistics.median(row[name] for row in rows) for name in ("chunks", "seconds", "cpu_seconds")}


def _peer_python(folder: Path) -> Path:
    """Return a Python that has the peer; its environment is made where there is none."""
    python = folder / "bin" / "python"
    if not python.exists():
        sys.stderr.write(f"Making {folder}: {' '.join(PACKAGES)}\n")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-c", "constraints.txt", *PACKAGES], check=True)
    return python.absolute()


def _machine() -> Row:
    return {"processors": len(os.sched_getaffinity(0)), "load_before": round(os.getloadavg()[0], 1)}


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.bench.throughput", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--peers", type=Path, default=PEERS, help="a virtual environment; made when absent")
    parser.add_argument("--files", type=int, default=80, help="of each language")
    parser.add_argument("--paragraphs", type=int, default=20, help="in a file: 20 are 16 kB of English")
    parser.add_argument("--rounds", type=int, default=2)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
