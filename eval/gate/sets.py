"""What the gate asks: our own questions on examples/, and, where ../shared is, some articles of XQuAD.

Of each article drawn, one paragraph is left out, and its questions have no answer then: what is asked and where it
could stand are as like the others as can be. Every document is a file, so that it goes the whole way: read, cleaned,
compared, chunked, embedded. Knows nothing of libraries or scores.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.datasets.load import load_dataset
from eval.questions import Dataset, Paragraph, Question, Support

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = "examples"
QUESTIONS = Path(__file__).with_name("examples.jsonl")
SAMPLED = {"xquad.en": "data/xquad/xquad.en.json", "xquad.zh": "data/xquad/xquad.zh.json"}
ARTICLES = 12  # of each: sixty paragraphs, of which a fifth is left out, and three hundred questions
SEED = 6


@dataclass(frozen=True, slots=True)
class GateSet:
    """A set on a folder of files. ours: its questions are our own, and may be shown."""

    name: str
    dataset: Dataset
    ours: bool

    @property
    def content(self) -> str:
        """A hash of all that is asked, and of every file that it is asked of."""
        assert self.dataset.folder is not None
        files = sorted(path for path in self.dataset.folder.rglob("*") if path.is_file())
        documents = [
            [path.relative_to(self.dataset.folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()]
            for path in files
        ]
        asked = [
            [one.id, one.text, one.answers, one.key_points, [_place(support) for support in one.supports]]
            for one in self.dataset.questions
        ]
        return hashlib.sha256(json.dumps([asked, documents]).encode()).hexdigest()[:16]


def gate_sets(shared: Path | None, folder: Path, *, articles: int = ARTICLES) -> list[GateSet]:
    """Return the sets that can be asked here. folder: where the sampled files are written.

    Raises NotFound, Malformed.
    """
    ours = load_dataset(f"qa:{QUESTIONS}", documents=ROOT / EXAMPLES)
    found = [GateSet(EXAMPLES, ours, ours=True)]
    for name, path in SAMPLED.items():
        if shared is not None and (shared / path).is_file():
            whole = load_dataset(f"squad:{shared / path}")
            found.append(GateSet(name, sample(whole, folder / name, articles=articles, salt=name), ours=False))
    return found


def sample(dataset: Dataset, folder: Path, *, articles: int, salt: str) -> Dataset:
    """Write the paragraphs of some articles as files, less one of each, and return the questions on all of them.

    salt: other sets draw other articles; XQuAD's languages are translations of one another.
    """
    draw = random.Random(f"{SEED} {salt}")
    by_topic: dict[str, list[Paragraph]] = defaultdict(list)
    for paragraph in dataset.paragraphs:
        by_topic[paragraph.topic].append(paragraph)
    topics = draw.sample(sorted(by_topic), min(articles, len(by_topic)))
    kept, left_out = _parted([by_topic[topic] for topic in topics], draw)
    folder.mkdir(parents=True)
    for paragraph in kept:
        (folder / _file(paragraph.id)).write_text(paragraph.text, encoding="utf-8")
    there, gone = {one.id for one in kept}, {one.id for one in left_out}
    questions = (_asked(question, there) for question in dataset.questions if question.gold <= there | gone)
    return Dataset(spec=dataset.spec, questions=tuple(questions), folder=folder)


def _parted(articles: Sequence[Sequence[Paragraph]], draw: random.Random) -> tuple[list[Paragraph], list[Paragraph]]:
    """Return the paragraphs that stay, and one of each article, which is left out where it has another."""
    kept: list[Paragraph] = []
    left_out: list[Paragraph] = []
    for paragraphs in articles:
        gone = draw.choice(paragraphs) if len(paragraphs) > 1 else None
        for one in paragraphs:
            (left_out if one is gone else kept).append(one)
    return kept, left_out


def _asked(question: Question, there: set[str]) -> Question:
    """Return the question on files; without answers where its paragraph was left out."""
    if not question.gold <= there:
        return replace(question, kind="unanswerable", answers=(), supports=())
    return replace(question, supports=tuple(replace(one, document=_file(one.document)) for one in question.supports))


def _place(one: Support) -> list[object]:
    """Name fields, so that one which is added for other sets does not make this another."""
    return [one.document, one.quote, None if one.span is None else [one.span.start, one.span.end], one.part]


def _file(paragraph: str) -> str:
    return f"{paragraph[:16]}.txt"
