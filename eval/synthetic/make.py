"""Make a set of questions from documents: draw sentences, ask of them, and keep what asks for one thing.

Knows nothing of files and libraries. Same documents, count and seed: same questions.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.synthetic.cloze import GAP, clozes
from eval.synthetic.made import Made, Sentence, Source, sentences_of
from eval.synthetic.template import templated
from eval.synthetic.written import written
from rag.ports import Writer
from rag.text import fold, telling_terms
from rag.types import BlockKind

LEAST_TERMS = 3  # telling terms of a question, without its answer: fewer could be asked of anything
SHARED = 0.6  # of a question's terms in another sentence than its own: that sentence may answer it too
KINDS = ("template", "cloze", "written")


@dataclass(frozen=True, slots=True)
class Synthesised:
    """rejected: how often a question was not kept, by the reason."""

    questions: tuple[Made, ...]
    rejected: dict[str, int]


def synthesise(
    sources: Sequence[Source], *, count: int, seed: int, language: str | None = None, writer: Writer | None = None
) -> Synthesised:
    """Return at most `count` questions, of every kind in turn, at most one of a sentence.

    language: "zh" or "en": of such sentences alone. writer: the language model that writes some, where there is one.
    """
    sentences = [one for source in sources for one in sentences_of(source)]
    unique = _Unique(sources, sentences)
    drawn = [one for one in sentences if language in (None, one.language)]
    random.Random(seed).shuffle(drawn)
    rejected: Counter[str] = Counter()
    makers = {
        "template": _first_fit(drawn, unique, rejected, "template", seed),
        "cloze": _first_fit(drawn, unique, rejected, "cloze", seed),
    }
    if writer is not None:
        makers["written"] = _written(drawn, unique, rejected, writer)
    kept: list[Made] = []
    used: set[Sentence] = set()
    asked: set[str] = set()
    while makers and len(kept) < count:
        for kind in [kind for kind in KINDS if kind in makers]:
            made = next((one for one in makers[kind] if one.sentence not in used and fold(one.text) not in asked), None)
            if made is None:
                del makers[kind]
            elif len(kept) < count:
                kept.append(made)
                used.add(made.sentence)
                asked.add(fold(made.text))
    return Synthesised(tuple(kept), dict(rejected))


def _first_fit(
    sentences: Sequence[Sentence], unique: _Unique, rejected: Counter[str], kind: str, seed: int
) -> Iterator[Made]:
    """Yield of each sentence one question of a kind, drawn among those that are fit."""
    draw = random.Random(f"{seed} {kind}")
    for sentence in sentences:
        made = list(templated(sentence) if kind == "template" else clozes(sentence, unique.is_rare))
        draw.shuffle(made)
        for one in made:
            reason = unique.unfit(one)
            if not reason:
                yield one
                break
            rejected[reason] += 1


def _written(sentences: Sequence[Sentence], unique: _Unique, rejected: Counter[str], writer: Writer) -> Iterator[Made]:
    for sentence in sentences:
        made, reason = written(sentence, writer)
        if made is not None:
            reason = unique.unfit(made)
        if made is not None and not reason:
            yield made
        else:
            rejected[reason] += 1


class _Unique:
    """Says whether a question has one answer in these documents, as far as words tell."""

    def __init__(self, sources: Sequence[Source], sentences: Sequence[Sentence]) -> None:
        self._texts = [fold(source.document.text) for source in sources]
        self._headings = {fold(heading) for source in sources for heading in _headings(source)}
        self._of = [frozenset(telling_terms(sentence.text)) for sentence in sentences]
        self._place = {sentence: number for number, sentence in enumerate(sentences)}
        self._with: dict[str, list[int]] = defaultdict(list)
        for number, terms in enumerate(self._of):
            for term in terms:
                self._with[term].append(number)

    def is_rare(self, word: str) -> bool:
        return sum(text.count(fold(word)) for text in self._texts) == 1

    def unfit(self, made: Made) -> str:
        """Return why a question is not kept, "" where it is."""
        sentence, answer = made.sentence, made.answers[0]
        if sentence.text.count(answer) > 1:
            return "its answer stands in the sentence twice"
        if fold(sentence.source.document.text).count(fold(sentence.text)) > 1 or self._is_heading(made.text):
            return "it repeats a heading, or a sentence that stands there twice"
        rest = made.text.partition(": ")[2] or made.text.partition("：")[2] or made.text
        terms = frozenset(telling_terms(rest.replace(GAP, " ")))
        if len(terms) < LEAST_TERMS:
            return "it says too little"
        shared: Counter[int] = Counter(number for term in terms for number in self._with[term])
        shared.pop(self._place[sentence], None)
        if shared and max(shared.values()) >= SHARED * len(terms):
            return "another sentence may answer it too"
        return ""

    def _is_heading(self, question: str) -> bool:
        return fold(question) in self._headings


def _headings(source: Source) -> Iterator[str]:
    document = source.document
    yield document.title
    yield from (document.text[one.start : one.end] for one in document.blocks if one.kind is BlockKind.HEADING)
