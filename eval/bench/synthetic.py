"""Are synthetic questions easier than people's? Both are asked of the same paragraphs, in one run.

    python -m eval.bench.synthetic FILE... [--count 100] [--seed 0] [--show]

FILE: of SQuAD's form. Prints JSON: recall@1 with its interval, and the share answered, of people's questions and of
each kind of synthetic ones. --show prints the questions instead, for somebody to read.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.asking import Scope, ask_all
from eval.corpus import open_corpus
from eval.datasets.load import load_dataset
from eval.figures import figures_of
from eval.questions import Dataset, Paragraph, Question, Support
from eval.record import Record
from eval.synthetic.made import Made, Source
from eval.synthetic.make import synthesise
from rag.build import build_embedder
from rag.config import load_settings
from rag.types import Block, Document

NAME = "eval.bench.synthetic"
FIGURES = ("retrieval.recall@1", "refusal.answered")


def made_of(dataset: Dataset, count: int, seed: int) -> list[Made]:
    """Return synthetic questions on a set's paragraphs."""
    sources = [Source(paragraph.id, _document(paragraph)) for paragraph in dataset.paragraphs]
    return list(synthesise(sources, count=count, seed=seed).questions)


def question_of(made: Made, number: int) -> Question:
    sentence = made.sentence
    return Question(
        id=f"synthetic {number}",
        text=made.text,
        language=sentence.language,
        kind=made.kind,
        answers=made.answers,
        supports=(Support(sentence.source.name, sentence.text, sentence.span),),
        synthetic=True,
    )


def _document(paragraph: Paragraph) -> Document:
    text = paragraph.text
    return Document(paragraph.id, paragraph.title, paragraph.id, "text/plain", text, (Block(0, len(text)),), "und")


def _table(records: Sequence[Record]) -> dict[str, Any]:
    found = figures_of(records)
    values = {name: [found[name].value, found[name].low, found[name].high] for name in FIGURES}
    return {"questions": len(records)} | {
        name: [None if one is None else round(one, 3) for one in three] for name, three in values.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    settings = load_settings()
    settings = settings.model_copy(update={"data": Path("runs/libraries")})
    embedder = build_embedder(settings)
    tables: dict[str, Any] = {}
    for file in arguments.files:
        dataset = load_dataset(f"squad:{file}")
        made = made_of(dataset, arguments.count, arguments.seed)
        if arguments.show:
            lines = (f"{one.kind}: {one.text} => {one.answers[0]}\n" for one in made)
            sys.stdout.writelines(lines)
            continue
        people = [question for question in dataset.questions if question.answerable]
        asked = random.Random(arguments.seed).sample(people, min(arguments.count, len(people)))
        synthetic = [question_of(one, number) for number, one in enumerate(made)]
        with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
            records = [one for one, _ in ask_all([*asked, *synthetic], corpus, settings, embedder, Scope.ANSWERS)]
        groups = {"people": [one for one in records if not one.synthetic]}
        for record in records[len(asked) :]:
            groups.setdefault(record.kind, []).append(record)
        tables[file.name] = {name: _table(group) for name, group in groups.items()}
    if tables:
        sys.stdout.write(json.dumps(tables, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
