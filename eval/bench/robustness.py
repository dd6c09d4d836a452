"""Recall of questions that are written in the other script, in full width, or with one wrong character.

    python -m eval.bench.robustness [--shared ../shared] [--libraries runs/libraries] [--limit N] [--write docs/FILE.md]

Asks each question of XQuAD (English and Chinese), DRCD and CMRC as it is and in each other way, through the whole of
Retriever.find over the set's whole corpus, and prints one JSON object: recall@5 of each, and what it loses against the
clean question in points. Exits with 1 where a loss is 3 points or more. --write puts the table between its marks in a
Markdown file. The same seed makes the same slips.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import typer

from eval.asking import ranked_documents
from eval.bench.page import between_marks
from eval.corpus import Corpus, open_corpus
from eval.datasets.load import load_dataset
from eval.metrics.mean import mean
from eval.metrics.ranking import recall
from eval.questions import Dataset, Question
from eval.robustness.slips import common_characters, full_width, simplified, slip, traditional
from rag.build import build_embedder, build_retriever
from rag.config import Settings, load_settings
from rag.ports import Embedder

NAME = "eval.bench.robustness"
SETS = {
    "XQuAD en": "xquad/xquad.en.json",
    "XQuAD zh": "xquad/xquad.zh.json",
    "DRCD dev": "drcd/DRCD_dev.json",
    "CMRC trial": "cmrc2018/cmrc2018_trial.json",
}
SEED = "4"
DEEP = 5
MOST_LOST = 3.0  # points

Rewrite = Callable[[Question], str]


def rewrites(dataset: Dataset) -> dict[str, Rewrite]:
    """Return the ways to write this set's questions: to the other script where most of them are not in it."""
    common = common_characters(question.text for question in dataset.questions)
    ways: dict[str, Rewrite] = {}
    for name, convert in {"traditional": traditional, "simplified": simplified}.items():
        if 2 * sum(convert(one.text) != one.text for one in dataset.questions) > len(dataset.questions):
            ways[f"{name} questions"] = partial(_converted, convert)
    ways["full width"] = partial(_converted, full_width)
    ways["one wrong character"] = lambda question: slip(question.text, common, f"{SEED} {question.id}")
    return ways


def _converted(convert: Callable[[str], str], question: Question) -> str:
    return convert(question.text)


def measure(dataset: Dataset, settings: Settings, embedder: Embedder) -> dict[str, Any]:
    """Ask the set's answerable questions in every way."""
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        retriever = build_retriever(settings, corpus.library, embedder)
        corpus.library.refresh()

        def found(way: Rewrite) -> float:
            answerable = [question for question in dataset.questions if question.answerable]
            return (
                mean(_recall(corpus, question, retriever.find(way(question)).ranking) for question in answerable) or 0.0
            )

        clean = found(lambda question: question.text)
        others = {name: found(way) for name, way in rewrites(dataset).items()}
    return {
        "questions": len(dataset.questions),
        "clean": round(clean, 4),
        **{
            name: {"recall@5": round(value, 4), "lost": round(100 * (clean - value), 2)}
            for name, value in others.items()
        },
    }


def _recall(corpus: Corpus, question: Question, ranking: Any) -> float:
    return recall(ranked_documents(corpus, ranking), {corpus.documents[name] for name in question.gold}, DEEP)


def table(found: Mapping[str, Mapping[str, Any]]) -> str:
    names = list(
        dict.fromkeys(name for row in found.values() for name, value in row.items() if isinstance(value, dict))
    )
    lines = [
        "| questions of | clean | " + " | ".join(names) + " |",
        "|---|---:|" + "---:|" * len(names),
    ]
    for spec, row in found.items():
        cells = [f"{row[name]['recall@5']:.4f} ({-row[name]['lost']:+.2f})" if name in row else "–" for name in names]
        lines.append(f"| {spec} ({row['questions']}) | {row['clean']:.4f} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--write", type=Path, help="a Markdown file with the marks in it")
    options = parser.parse_args()
    folder = options.shared / "data"
    if not folder.is_dir():
        typer.echo(f"{folder} is not there: nothing was measured", err=True)
        return 1
    settings = load_settings()
    embedder = build_embedder(settings)
    kept = settings.model_copy(update={"data": options.libraries})
    found = {
        name: measure(load_dataset(f"squad:{folder / file}").limited(options.limit), kept, embedder)
        for name, file in SETS.items()
    }
    typer.echo(json.dumps({"recall@": DEEP, "seed": SEED, "sets": found}, ensure_ascii=False, indent=1))
    if options.write is not None:
        page = between_marks(options.write.read_text(encoding="utf-8"), table(found), NAME)
        options.write.write_text(page, encoding="utf-8")
    else:
        typer.echo(table(found), err=True)
    worst = max((one["lost"] for row in found.values() for one in row.values() if isinstance(one, dict)), default=0.0)
    return int(worst >= MOST_LOST)


if __name__ == "__main__":
    sys.exit(main())
