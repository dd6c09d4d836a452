"""Measure retrieval on large libraries, beside bare FAISS and bare tantivy.

    python -m eval.bench.scale [--shared ../shared] [--chunks 100000 --chunks 1000000] [--libraries runs/libraries]
                               [--queries 200] [--prepare] [--markdown]

The libraries are made of real texts with changed words and of real vectors with noise (copies.py says how) and are
kept: a million chunks take some ten minutes, and about as long again to index. --prepare makes them and measures
nothing. The questions are the sets' own, half of them English, half Chinese. Each size is measured by a process of its
own (serving.py), so that memory and opening are its own; the system's file cache is warm.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.bench.scale.libraries import ask_all, collection_name, exact_neighbours, make_indexes, make_truth
from eval.bench.scale.originals import load_pools, load_questions
from eval.bench.scale.remembered import Remembered
from eval.bench.scale.serving import RECALL_AT
from eval.bench.scale.shown import markdown
from rag.build import build_embedder, library_folder
from rag.config import Settings

CHUNKS = (100_000, 1_000_000)
ORIGINALS = "scale-originals"  # beside the libraries


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    settings = Settings(data=options.libraries)
    embedder = build_embedder(settings)
    pools = load_pools(options.shared, options.libraries / ORIGINALS, settings, embedder, _say)
    texts = _questions(options.shared, options.queries)
    report: dict[str, Any] = {"questions": len(texts), "sizes": []}
    for chunks in options.chunks or CHUNKS:
        name = collection_name(chunks, pools, embedder)
        made = make_truth(settings, name, chunks, pools, embedder, _say)
        _say(f"{name}: texts and vectors made in {made:.0f} s")
        indexed = make_indexes(settings, name, embedder)
        _say(f"{name}: indexes made in {indexed:.0f} s")
        if options.prepare:
            continue
        asked = Remembered(embedder)
        exact = exact_neighbours(settings, name, embedder, asked.embed_queries(texts), RECALL_AT)
        ask_all(settings, name, asked, texts)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "questions.npz"
            np.savez(file, questions=texts, texts=asked.texts, vectors=asked.vectors, exact=exact)
            command = [sys.executable, "-m", "eval.bench.scale.serving", str(library_folder(settings, name)), str(file)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        report["sizes"].append({"library": name, **json.loads(done.stdout)})
    if options.markdown:
        sys.stdout.write(markdown(report))
    else:
        json.dump(report, sys.stdout, indent=1)
        sys.stdout.write("\n")


def _questions(shared: Path, amount: int) -> list[str]:
    """As many of one language as of the other, drawn from all and mixed."""
    found = load_questions(shared)
    random = np.random.default_rng(1)
    chosen: list[str] = []
    for language in ("en", "zh"):
        own = [question.text for question in found if question.language == language]
        chosen += [own[one] for one in random.choice(len(own), amount // 2, replace=False)]
    return [chosen[one] for one in random.permutation(len(chosen))]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"), help="where they are made and kept")
    parser.add_argument("--chunks", type=int, action="append", help="of one library; give it again for another")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--prepare", action="store_true", help="make the libraries and measure nothing")
    parser.add_argument("--markdown", action="store_true", help="print tables instead of JSON")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
