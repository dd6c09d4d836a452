"""CPU time of the lexical leg alone, by how much of the posting lists is read and by what a filter leaves.

    python -m eval.bench.lexical LIBRARY --dataset squad:FILE [--dataset ...] [--questions 100] [-k 100]

LIBRARY is a collection's folder. Prints one JSON object: milliseconds of CPU time, which a busy machine leaves as they
are, at the median and the 99th of a hundred: at several values of MOST_POSTINGS, and with filters that leave a share of
the chunks: drawn one by one, twenty by twenty as documents have them, or one run. Changes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer

from eval.datasets.load import load_dataset
from rag.library import lexical
from rag.library.follow import Head
from rag.library.lexical import TantivyIndex
from rag.ports import Keys

SHARES = (0.0001, 0.001, 0.01, 0.1, 0.5)
POSTINGS = (0.2, 0.5, 1.0, 2.0)  # times the chunks
RUN = 20


def measure(index: TantivyIndex, questions: Sequence[str], k: int) -> dict[str, Any]:
    every = index.keys()
    _times(index, questions, k, None)  # dictionaries are loaded, files are read
    chance = np.random.default_rng(4)
    found: dict[str, Any] = {"as it is": _times(index, questions, k, None)}
    usual = lexical.MOST_POSTINGS
    for times in POSTINGS:
        lexical.MOST_POSTINGS = int(times * len(every))
        found[f"postings {times} x chunks"] = _times(index, questions, k, None)
    lexical.MOST_POSTINGS = usual
    for share in SHARES:
        count = max(1, int(share * len(every)))
        runs = np.arange(len(every)) // RUN
        drawn = chance.choice(runs[-1] + 1, max(1, count // RUN), replace=False)
        ways = {
            "one by one": np.sort(chance.choice(every, count, replace=False)),
            "by documents": every[np.isin(runs, drawn)],
            "one run": every[len(every) // 3 : len(every) // 3 + count],
        }
        for name, keys in ways.items():
            found[f"{share:.2%}, {name}"] = _times(index, questions, k, keys)
    return found


def _times(index: TantivyIndex, questions: Sequence[str], k: int, among: Keys | None) -> dict[str, float]:
    taken = []
    for question in questions:
        before = time.thread_time()
        index.search(question, k, among=among)
        taken.append(1000 * (time.thread_time() - before))
    return {"p50": round(float(np.quantile(taken, 0.5)), 2), "p99": round(float(np.quantile(taken, 0.99)), 2)}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--dataset", action="append", required=True)
    parser.add_argument("--questions", type=int, default=100, help="of each dataset")
    parser.add_argument("-k", type=int, default=100)
    options = parser.parse_args()
    folder = options.library / "lexical"
    head = Head.read(folder)
    if head is None or head.schema != lexical.SCHEMA:
        typer.echo(f"{folder} holds no index of this schema", err=True)
        return 1
    index = TantivyIndex.open(folder / head.name)
    sets = {}
    for spec in options.dataset:
        questions = load_dataset(spec).questions
        some = [question.text for question in questions[:: max(1, len(questions) // options.questions)]]
        sets[spec] = measure(index, some[: options.questions], options.k)
    typer.echo(json.dumps({"chunks": len(index), "k": options.k, "milliseconds": sets}, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
