"""Measure what is done to questions before they are searched for: what is lost, and what is won.

`python -m eval.bench.questions --dataset squad:FILE --dataset ...` prints a table for each set and writes
runs/questions.json. No question of these sets needs anything done to it, but for the few that point back at a passage
or compare two things, so what is rewritten or split is counted as false; and retrieval must find no less with the
stages than without. What is won is measured on pairs of their questions, joined as people join two: both passages
should be among the first ones; and on follow-ups: of two questions about one passage that share a name, the second
with a pronoun for it; and of two of which the first asks for a person whom the second names, the second with "he", and
the first with its answer: the sentence in which it stands. Knows nothing of how the stages work.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.corpus import open_corpus
from eval.datasets.load import load_dataset
from eval.metrics.mean import mean
from eval.metrics.ranking import recall
from eval.questions import Dataset, Question
from rag.build import build_embedder
from rag.config import Settings, load_settings
from rag.library.library import Library
from rag.plan import NextHop, Stage
from rag.ports import Embedder
from rag.retrieve import Retriever
from rag.stages import chinese, english
from rag.stages.follow_up import FollowUp, stand_alone
from rag.stages.hop import Hop, nested_of
from rag.stages.parts import Parts, questions_of, sides_of
from rag.text import fold, sentence_spans

KEEP = 8
SEED = 4
JOINTS = {"en": (" and ", ", and "), "zh": ("，", "？", "，以及")}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions asked as one."""

    text: str
    first: frozenset[str]
    second: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pointing:
    """A question with a pronoun for what the one before it names."""

    before: str
    text: str
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Person:
    """A question with a pronoun for whom the answer to the one before it names."""

    before: str
    answered: str
    text: str
    named: str


def touched(dataset: Dataset) -> dict[str, Any]:
    """Count the questions that each stage would change; as the follow-up of the question before it in the set."""
    questions = dataset.questions
    rewritten = [
        question.text
        for before, question in pairwise(questions)
        if stand_alone(question.text, [before.text]) != question.text
    ]
    split = [question.text for question in questions if questions_of(question.text)]
    compared = [question.text for question in questions if sides_of(question.text)]
    nested = [question.text for question in questions if nested_of(question.text) is not None]
    return {
        "questions": len(questions),
        "rewritten": rewritten,
        "split": split,
        "compared": compared,
        "second_round": nested,
        **_persons_known(persons(dataset)),
    }


def _persons_known(pointed: Sequence[Person]) -> dict[str, int]:
    """Count the pronouns that the answer resolves, to whom is meant and to others."""
    known = [stand_alone(one.text, [one.before], one.answered) for one in pointed]
    by_answer = [
        (one, text) for one, text in zip(pointed, known, strict=True) if text != stand_alone(one.text, [one.before])
    ]
    right = sum(one.named in text for one, text in by_answer)
    return {"persons": len(pointed), "persons_right": right, "persons_wrong": len(by_answer) - right}


def pairs_of(dataset: Dataset, count: int) -> list[Pair]:
    """Join questions about different passages in pairs, at random but always alike."""
    draw = random.Random(SEED)
    asked = [question for question in dataset.questions if question.answerable]
    joints = JOINTS["en" if asked[0].language == "en" else "zh"]
    pairs: list[Pair] = []
    while len(pairs) < count:
        first, second = draw.sample(asked, 2)
        if not first.gold & second.gold:
            text = f"{first.text.rstrip('?？。. ')}{draw.choice(joints)}{_lowered(second.text)}"
            pairs.append(Pair(text, first.gold, second.gold))
    return pairs


def pointing(dataset: Dataset) -> list[Pointing]:
    """Take every two questions about one passage that share a name, and put a pronoun for it in the second."""
    before: dict[frozenset[str], Question] = {}
    found = []
    for question in dataset.questions:
        if not question.answerable:
            continue
        first = before.get(question.gold)
        before[question.gold] = question
        if first is None:
            continue
        by, owns, stands = (chinese, "它的", "它") if question.language == "zh" else (english, "its", "it")
        shared = [name for name in by.names(first.text) if name in by.names(question.text)]
        if len(shared) == 1 and question.text.count(shared[0]) == 1:
            text = question.text
            for said, pronoun in ((f"{shared[0]}'s", owns), (f"the {shared[0]}", stands), (shared[0], stands)):
                text = text.replace(said, pronoun, 1) if text == question.text else text
            found.append(Pointing(first.text, text, question.gold))
    return found


def persons(dataset: Dataset) -> list[Person]:
    """Take every two questions about one passage of which the second names whom the first asks for."""
    passages = {paragraph.id: paragraph.text for paragraph in dataset.paragraphs}
    asked = [question for question in dataset.questions if question.answerable and question.gold & passages.keys()]
    found = []
    for first in asked:
        chinese_one = first.language == "zh"
        named = first.answers[0]
        if not re.search("谁|哪位|何人" if chinese_one else r"^(?:who|whose|whom)\b", fold(first.text)):
            continue
        support = next(one for one in first.supports if one.document in passages)
        text, at = passages[support.document], support.span
        sentence = next((one.of(text) for one in sentence_spans(text) if at is not None and one.overlaps(at)), "")
        for question in asked:
            if question.gold != first.gold or question.text.count(named) != 1 or question is first:
                continue
            acts = re.search(rf"\b(?:did|was|does|is) {re.escape(named)}\b", question.text) is not None
            he = "他" if chinese_one else "he" if acts else "him"
            told = question.text.replace(f"{named}'s", "his").replace(named, he)
            found.append(Person(first.text, sentence, told, named))
    return found


def measure(dataset: Dataset, settings: Settings, embedder: Embedder, pairs: int) -> dict[str, Any]:
    found: dict[str, Any] = {"dataset": dataset.spec, **touched(dataset)}
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        ways: dict[str, tuple[Sequence[Stage], NextHop | None]] = {
            "without": ((), None),
            "with": ((FollowUp(), Parts()), Hop()),
        }
        joined = pairs_of(dataset, pairs)
        pointed = pointing(dataset)
        found["follow_ups"] = len(pointed)
        found["follow_ups_rewritten"] = sum(stand_alone(one.text, [one.before]) != one.text for one in pointed)
        found["pairs"] = len(joined)
        found["pairs_split"] = sum(bool(questions_of(pair.text)) for pair in joined)
        for name, (stages, hop) in ways.items():
            retriever = _retriever(corpus.library, embedder, stages, hop)
            found[name] = {
                **_recall(retriever, dataset.questions, corpus.documents),
                **_both(retriever, joined, corpus.documents),
                **_followed(retriever, pointed, corpus.documents),
            }
    return found


def _retriever(library: Library, embedder: Embedder, stages: Sequence[Stage], hop: NextHop | None) -> Retriever:
    return Retriever(library, embedder, candidates=100, keep=KEEP, budget_characters=12_000, stages=stages, hop=hop)


def _recall(retriever: Retriever, questions: Sequence[Question], documents: dict[str, str]) -> dict[str, float | None]:
    rankings = []
    for question in questions:
        if question.answerable:
            gold = frozenset(documents[name] for name in question.gold)
            rankings.append((_documents(retriever, question.text), gold))
    return {f"recall@{k}": mean(recall(ranking, gold, k) for ranking, gold in rankings) for k in (1, 5, KEEP)}


def _both(retriever: Retriever, pairs: Sequence[Pair], documents: dict[str, str]) -> dict[str, float | None]:
    """Return the share of pairs of which both passages are among the first 2, and the first 8."""
    rankings = [(_documents(retriever, pair.text), pair) for pair in pairs]

    def holds(ranking: Sequence[str], gold: frozenset[str]) -> bool:
        return bool({documents[name] for name in gold} & set(ranking))

    return {
        f"both@{k}": mean(
            float(holds(ranking[:k], pair.first) and holds(ranking[:k], pair.second)) for ranking, pair in rankings
        )
        for k in (2, KEEP)
    }


def _followed(retriever: Retriever, pointed: Sequence[Pointing], documents: dict[str, str]) -> dict[str, float | None]:
    """Return the share of follow-ups whose passage is first, asked with the question before them."""
    firsts = []
    for one in pointed:
        passages = retriever.retrieve(one.text, earlier=[one.before])
        firsts.append(float(bool(passages) and passages[0].document_id in {documents[name] for name in one.gold}))
    return {"follow_ups@1": mean(firsts)}


def _documents(retriever: Retriever, question: str) -> list[str]:
    return list(dict.fromkeys(passage.document_id for passage in retriever.retrieve(question)))


def _lowered(question: str) -> str:
    """Return a question as it goes on in a sentence: a name keeps its capital."""
    word = question.split(" ", 1)[0]
    return (
        question[:1].lower() + question[1:]
        if word.lower() in ("what", "who", "when", "where", "why", "how", "which", "in")
        else question
    )


def main(
    dataset: Annotated[list[str], typer.Option("--dataset", metavar="FORM:PATH", help="May be given several times.")],
    pairs: Annotated[int, typer.Option("--pairs", min=0, help="Of questions joined.")] = 150,
    out: Annotated[Path, typer.Option("--out", metavar="FILE")] = Path("runs/questions.json"),
    libraries: Annotated[Path, typer.Option("--libraries", metavar="DIR")] = Path("runs/libraries"),
) -> None:
    """Count what is rewritten and split, and compare retrieval with and without the stages."""
    settings = load_settings()
    embedder = build_embedder(settings)
    rows = []
    for spec in dataset:
        row = measure(load_dataset(spec), settings.model_copy(update={"data": libraries}), embedder, pairs)
        rows.append(row)
        counts = "  ".join(f"{name} {len(row[name])}" for name in ("rewritten", "split", "compared", "second_round"))
        typer.echo(
            f"{spec}: {row['questions']} questions  {counts}  pairs split {row['pairs_split']} of {row['pairs']}  "
            f"follow-ups {row['follow_ups_rewritten']} of {row['follow_ups']}  "
            f"he or she {row['persons_right']} of {row['persons']}, wrong {row['persons_wrong']}"
        )
        for way in ("without", "with"):
            typer.echo(f"  {way:<8}" + "  ".join(f"{name} {value:.4f}" for name, value in row[way].items()))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
