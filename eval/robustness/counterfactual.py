"""Documents that say something false: the answer replaced by another of its kind, in every place. Pure and seeded.

Nobody can tell from the document alone that it is false, so where it is the only one, its answer is what is wanted:
told from the documents, and not from elsewhere. Where the true one is there too, both answers should be shown.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from eval.metrics.answers import WORD, contains
from eval.planted_errors import plant
from eval.questions import Dataset, Paragraph, Question
from eval.robustness.edits import Edit, changed, of_one_text, rounds
from eval.robustness.perturbation import CONTAINS, Compared, Perturbation, Perturbed
from eval.robustness.said import said_in
from rag.asked import AnswerType, answer_type
from rag.text import fold, has_han
from rag.types import Answer, Span

LONGEST = {False: 4, True: 12}  # of an answer that another can stand for: English words, Chinese characters
TRIES = 20  # other answers that are looked at, for one that may stand in the place
WRONG = "conflict.wrong"  # the false answer is told

Kind = tuple[bool, AnswerType, int]


def perturbations() -> Iterator[Perturbation]:
    yield Perturbation(
        name="counterfactual",
        family="counterfactual",
        does="The document says another answer of the same kind, wherever it said the true one",
        wanted="what the document says",
        compared=(
            Compared(WRONG, CONTAINS),
            Compared("conflict.right", wanted="lower"),
            Compared("citation.recall", "citation.recall"),
            Compared("refusal.refused", "refusal.refused", "lower"),
        ),
        change=alone,
        measure=told,
    )
    yield Perturbation(
        name="counterfactual-beside",
        family="counterfactual",
        does="Beside the document there is another which only says another answer of the same kind",
        wanted="both answers, or the disagreement",
        compared=(
            Compared("conflict.open"),
            Compared("conflict.both"),
            Compared("conflict.shown"),
            Compared("conflict.right_alone", wanted=""),
            Compared("conflict.wrong_alone", wanted="lower"),
            Compared(CONTAINS, CONTAINS),
        ),
        change=beside,
        measure=told,
    )


def told(question: Question, answer: Answer) -> Mapping[str, float]:
    """Tell which of the answers was told. open: both were, or that the documents disagree."""
    said = said_in(answer)
    right, wrong = contains(said, question.answers), contains(said, question.wrong)
    shown = float(bool(answer.disagreements))
    return {
        "conflict.right": right,
        "conflict.wrong": wrong,
        "conflict.both": right * wrong,
        "conflict.shown": shown,
        "conflict.open": max(right * wrong, shown),
        "conflict.right_alone": right * (1 - wrong),
        "conflict.wrong_alone": wrong * (1 - right),
    }


def alone(dataset: Dataset, seed: int) -> Perturbed:
    if dataset.false_paragraphs:
        return Perturbed((_with_its_own(dataset, lambda paragraph, replaced: paragraph.id not in replaced),))
    return Perturbed(tuple(changed(asked, edits) for asked, edits in _rounds(dataset, seed)))


def beside(dataset: Dataset, seed: int) -> Perturbed:
    """The true document is what the answer should rest on."""
    if dataset.false_paragraphs:
        return Perturbed((_with_its_own(dataset, lambda _paragraph, _replaced: True),))
    found = []
    for asked, edits in _rounds(dataset, seed):
        known = {paragraph.id for paragraph in asked.paragraphs}
        false = [paragraph for paragraph in changed(asked, edits).paragraphs if paragraph.id not in known]
        found.append(replace(asked, paragraphs=(*asked.paragraphs, *false)))
    return Perturbed(tuple(found))


def _with_its_own(dataset: Dataset, kept: Callable[[Paragraph, frozenset[str]], bool]) -> Dataset:
    """Return the set with the false documents that it brings, and the questions that it brings them for."""
    asked = [question for question in dataset.questions if question.wrong and question.false_documents]
    replaced = frozenset(document for question in asked for document in question.gold)
    paragraphs = tuple(paragraph for paragraph in dataset.paragraphs if kept(paragraph, replaced))
    return replace(dataset, questions=tuple(asked), paragraphs=(*paragraphs, *dataset.false_paragraphs))


def _rounds(dataset: Dataset, seed: int) -> Iterator[tuple[Dataset, Mapping[str, Sequence[Edit]]]]:
    """Yield sets whose questions have a false answer, with what makes their documents say it."""
    pool: dict[Kind, list[str]] = {}
    for question, _ in of_one_text(dataset):
        for answer in question.answers:
            if _kind(question, answer) is not None:
                pool.setdefault(_kind(question, answer) or (False, AnswerType.OTHER, 0), []).append(answer)
    false: dict[str, tuple[Question, list[Edit]]] = {}
    for question, paragraph in of_one_text(dataset):
        chance = random.Random(f"{seed} {question.id}")
        core = min(question.answers, key=len, default="")
        if not core.strip() or not all(core in answer for answer in question.answers):
            continue
        other = another(question, core, paragraph.text, pool, chance)
        if other is None:
            continue
        edits = [Edit(span, other) for span in _places(core, paragraph.text)]
        if _says_only(question, paragraph, edits):
            false[question.id] = replace(question, wrong=(other,)), edits
    for asked in rounds(question for question, _ in false.values()):
        edits_of = {next(iter(question.gold)): false[question.id][1] for question in asked}
        yield replace(dataset, questions=tuple(asked)), edits_of


def another(
    question: Question, answer: str, text: str, pool: Mapping[Kind, Sequence[str]], chance: random.Random
) -> str | None:
    """Return an answer of the same kind that does not stand in the text: another number, date, or name of the set."""
    chinese = has_han(text)
    for kind in ("date", "number"):
        planted = plant(kind, answer, text, chance, chinese=chinese)
        if planted is not None:
            return planted.text if _apart(planted.text, answer, text) else None
    kind_of = _kind(question, answer)
    if kind_of is None or any(letter.isdigit() for letter in answer):
        return None
    others = [one for one in dict.fromkeys(pool.get(kind_of, ())) if not any(letter.isdigit() for letter in one)]
    chance.shuffle(others)
    return next((one for one in others[:TRIES] if _apart(one, answer, text)), None)


def _apart(other: str, answer: str, text: str) -> bool:
    return not (contains(text, [other]) or contains(other, [answer]) or contains(answer, [other]))


def _kind(question: Question, answer: str) -> Kind | None:
    """Return what kind of answer it is, None where it is too long for another to stand in its place."""
    chinese = has_han(answer)
    length = len(WORD.findall(fold(answer)))
    if not 0 < length <= LONGEST[chinese]:
        return None
    return chinese, answer_type(question.text), length if not chinese else (length + 1) // 2


def _places(answer: str, text: str) -> list[Span]:
    """Return where the answer's words stand as words of their own."""
    before = r"(?<![A-Za-z0-9])" if answer[0].isascii() and answer[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if answer[-1].isascii() and answer[-1].isalnum() else ""
    return [Span(*match.span()) for match in re.finditer(before + re.escape(answer) + after, text)]


def _says_only(question: Question, paragraph: Paragraph, edits: Sequence[Edit]) -> bool:
    """Tell whether the document says the false answer where the true one stood, and the true one nowhere."""
    alone = Dataset("", (question,), (paragraph,))
    after = changed(alone, {paragraph.id: edits})
    spans = [support.span for support in question.supports if support.span is not None]
    torn = any(edit.span.overlaps(span) and not _inside(edit.span, span) for edit in edits for span in spans)
    text = after.paragraphs[0].text
    return bool(edits) and not torn and not contains(text, question.answers)


def _inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
