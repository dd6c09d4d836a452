"""Find sources that answer one question with different values. Pure; it knows sentences, and not who is right.

To be wrong here is worse than to be silent, so two sentences disagree only where they are much alike, one thing alone
is different in them, and that thing is what is asked for. Years of a series, two products, plans and what came of them,
rounded numbers and ranges are no disagreement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from rag.asked import AnswerType, answer_type
from rag.check import dates, names, negation, numbers
from rag.check.said import Said, Word, said
from rag.text import fold, search_terms, sentence_spans, telling_terms
from rag.types import Citation, Disagreement, EvidenceSentence, Passage, Span

LOOKED_AT = 12  # of the best sentences
ALIKE = 0.6  # share of the telling words that two sentences have in common, where one value is asked for
VERY_ALIKE = 0.75  # where it is not known what is asked for, or a word or a denial is all that differs
MOST_WORDS = 60  # telling ones of a sentence; what is longer says many things
LEAST_WORDS = 2  # that they have in common
SAME_WORDS = 5  # telling ones, where all but one stretch is the same
LONGEST_VALUE = 6  # words

_NAME_ASKED = re.compile(r"\b(?:who|whom|whose|where|which|what)\b|谁|哪[里个位家座所国]|何处|什么")
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|may|must|should|has|have|had|will)\b|"
    r"是否|能否|可否|吗|是不是|[能会]不[能会]"
)
# A plan, a guess, somebody's word, a bound: beside a bare fact it says something else.
_HEDGES = (
    re.compile(
        r"\b(?:plan\w*|target\w*|expect\w*|forecast\w*|project(?:ed|ion)|estimat\w*|budget\w*|propos\w+|goal|intend\w*|"
        r"predict\w*|will|would|could|might|scheduled)\b|计划|目标|预计|预期|预测|预算|拟|将|估计|力争|规划|可能"
    ),
    re.compile(r"\b(?:claim\w*|alleg\w*|reported\w*|rumou?r\w*|accord\w+)\b|据称|号称|声称|传闻|据报道"),
    re.compile(
        r"\b(?:between|up to|at least|at most|more than|less than|fewer than|over|under|about|around|approximately|"
        r"nearly|almost|roughly|some|circa|minimum|maximum|average)\b|"
        r"至少|至多|最多|最少|以上|以下|超过|不足|约|左右|平均|近|不超过"
    ),
    re.compile(
        r"\b(?:former|previous|old|new|until|since|first|last|before|after|now|currently)\w*\b|"
        r"原|旧|新|此前|之前|以前|目前|现在|起"
    ),
)


_SCALE = re.compile(r" ?(?:[十百千万亿兆]+|%|thousand|million|billion|trillion|percent)", re.IGNORECASE)


class Kind(Enum):
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    DENIAL = "denial"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sentences of two documents, and what each says."""

    kind: Kind
    sentences: tuple[EvidenceSentence, EvidenceSentence]
    values: tuple[str, str]


def conflict_in(question: str, sentences: Sequence[EvidenceSentence], passages: Sequence[Passage]) -> Conflict | None:
    """Return the first sentence that disagrees with the best one, of another document; sentences: best first."""
    ranked = [sentence for sentence in sentences if sentence.passage < len(passages)][:LOOKED_AT]
    kinds = _kinds(question)
    wanted = frozenset(telling_terms(question))
    for other in ranked[1:]:
        own, theirs = passages[ranked[0].passage], passages[other.passage]
        if own.document_id == theirs.document_id:
            continue
        found = _compared(ranked[0].text, other.text, wanted, kinds)
        if found is not None and _one_topic(own, theirs):
            return Conflict(found[0], (ranked[0], other), found[1])
    return None


def disagreements_in(
    conflict: Conflict | None, citations: Sequence[Citation], passages: Sequence[Passage]
) -> tuple[Disagreement, ...]:
    """Return what an answer shows of a conflict: nothing unless it cites both sentences."""
    if conflict is None:
        return ()
    marks = []
    for sentence in conflict.sentences:
        passage = passages[sentence.passage]
        span = sentence_spans(passage.text)[sentence.position]
        start, end = passage.start + span.start, passage.start + span.end
        marks += [
            citation.mark
            for citation in citations
            if citation.document_id == passage.document_id and citation.span.overlaps(Span(start, end))
        ][:1]
    return (Disagreement(tuple(marks), conflict.values),) if len(marks) == len(conflict.sentences) else ()


def _kinds(question: str) -> frozenset[Kind]:
    """Return what may be different in the answers to it."""
    folded = fold(question)
    match answer_type(question):
        case AnswerType.NUMBER:
            return frozenset({Kind.NUMBER})
        case AnswerType.DATE:
            return frozenset({Kind.DATE})
        case AnswerType.LIST | AnswerType.DEFINITION:
            return frozenset()
    if _YES_NO.search(folded):
        return frozenset(Kind) - {Kind.NAME}
    return frozenset({Kind.NAME}) if _NAME_ASKED.search(folded) else frozenset({Kind.NUMBER, Kind.DATE})


def _compared(
    one: str, other: str, wanted: frozenset[str], kinds: frozenset[Kind]
) -> tuple[Kind, tuple[str, str]] | None:
    a, b = said(one), said(other)
    if max(len(a.telling), len(b.telling)) > MOST_WORDS or a.lower == b.lower:
        return None
    if wanted & set(search_terms(one)) != wanted & set(search_terms(other)):
        return None
    if any(bool(hedge.search(a.lower)) != bool(hedge.search(b.lower)) for hedge in _HEDGES):
        return None
    if Kind.NAME in kinds and (stretch := _only_stretch(a, b)) is not None:
        return Kind.NAME, (_shown(one, a, _span(stretch[0])), _shown(other, b, _span(stretch[1])))
    alike = _alike(a, b)
    kind = _different(a, b, alike) if alike >= ALIKE else None
    if kind is None or kind not in kinds:
        return None
    if alike < VERY_ALIKE and (kind in (Kind.NAME, Kind.DENIAL) or len(kinds) > 1):
        return None
    if kind is Kind.DENIAL:
        return kind, (one, other)
    spots = [_value_spans(kind, text) for text in (a, b)]
    changed = [(_touched(own, spots[0]), _touched(theirs, spots[1])) for own, theirs in _changed(a, b)]
    values = [(own, theirs) for own, theirs in changed if own is not None and theirs is not None]
    if len(values) != 1:
        return None
    return kind, (_shown(one, a, values[0][0]), _shown(other, b, values[0][1]))


def _only_stretch(a: Said, b: Said) -> tuple[Sequence[Word], Sequence[Word]] | None:
    """Return the words of each that alone are different, in sentences that are otherwise the same word for word."""
    if [word.stem for word in a.words if _is_numeral(word)] != [word.stem for word in b.words if _is_numeral(word)]:
        return None
    changed = list(_changed(a, b))
    if len(changed) != 1 or max(map(len, changed[0])) > LONGEST_VALUE or names.codes(a) != names.codes(b):
        return None
    own, theirs = changed[0]
    same = len(a.words) - len(own) == len(b.words) - len(theirs) == _common(a, b)
    telling = [[word for word in words if word.telling] for words in changed[0]]
    return changed[0] if same and all(telling) and len(a.telling) - len(telling[0]) >= SAME_WORDS else None


def _common(a: Said, b: Said) -> int:
    return (Counter(word.stem for word in a.words) & Counter(word.stem for word in b.words)).total()


def _span(words: Sequence[Word]) -> tuple[int, int]:
    return words[0].start, words[-1].end


def _alike(a: Said, b: Said) -> float:
    """Return the share of telling words that both have, numbers and the names that only one has left out."""
    own, theirs = (
        Counter(word.stem for word in one.telling if word.start not in left and not _is_numeral(word))
        for one, left in ((a, _name_starts(a, b)), (b, _name_starts(b, a)))
    )
    both = (own & theirs).total()
    return both / max(own.total(), theirs.total()) if both >= LEAST_WORDS else 0.0


def _name_starts(text: Said, other: Said) -> frozenset[int]:
    """Where the words stand that belong to names which the other has not."""
    unsaid = names.unsaid(text, other)
    return frozenset(text.words[place].start for name in unsaid for place in range(name.first, name.last + 1))


def _different(a: Said, b: Said, alike: float) -> Kind | None:
    """Return what kind of thing is said otherwise, if it is one thing of one kind."""
    own_dates, their_dates = dates.dates(a), dates.dates(b)
    own_numbers, their_numbers = (
        numbers.quantities(text, [(date.start, date.end) for date in found])
        for text, found in ((a, own_dates), (b, their_dates))
    )
    other_dates = (
        dates.unsaid(own_dates, their_dates, [quantity.value for quantity in their_numbers]),
        dates.unsaid(their_dates, own_dates, [quantity.value for quantity in own_numbers]),
    )
    other_numbers = numbers.unsaid(own_numbers, their_numbers), numbers.unsaid(their_numbers, own_numbers)
    other_names = names.unsaid(a, b), names.unsaid(b, a)
    if names.codes(a) != names.codes(b):
        return None
    different = [
        kind
        for kind, pair in ((Kind.DATE, other_dates), (Kind.NUMBER, other_numbers), (Kind.NAME, other_names))
        if any(pair)
    ]
    if not different:
        return Kind.DENIAL if negation.contradicted(a, b, alike) else None
    if len(different) > 1:
        return None
    match different[0]:
        case Kind.DATE:
            return Kind.DATE if all(len(some) == 1 for some in other_dates) else None
        case Kind.NUMBER:
            if any(len(some) != 1 for some in other_numbers):
                return None
            one, other = other_numbers[0][0], other_numbers[1][0]
            if one.rounded or other.rounded:
                return None
            same = (one.kind, one.dimension) == (other.kind, other.dimension) and one.noun == other.noun
            return Kind.NUMBER if same else None
    return Kind.NAME if all(other_names) else None


def _changed(a: Said, b: Said) -> Iterator[tuple[Sequence[Word], Sequence[Word]]]:
    """Yield the words of each that stand between words that both have."""
    matcher = SequenceMatcher(None, [word.stem for word in a.words], [word.stem for word in b.words], autojunk=False)
    for operation, i, j, k, m in matcher.get_opcodes():
        if operation == "replace":
            yield a.words[i:j], b.words[k:m]


def _value_spans(kind: Kind, text: Said) -> list[tuple[int, int]]:
    """Where the values of this kind stand."""
    match kind:
        case Kind.DATE:
            return [(date.start, date.end) for date in dates.dates(text)]
        case Kind.NAME:
            places = {place for name in names.names(text) for place in range(name.first, name.last + 1)}
            return [(text.words[place].start, text.words[place].end) for place in sorted(places)]
    found = [(word.start, word.end) for word in text.words if _is_numeral(word)]
    return [(start, scale.end() if (scale := _SCALE.match(text.plain, end)) else end) for start, end in found]


def _touched(words: Sequence[Word], spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the stretch of the values that these words touch, None where they touch none or are too many."""
    touched = [span for span in spans if any(word.start < span[1] and span[0] < word.end for word in words)]
    if not touched or len(words) > LONGEST_VALUE:
        return None
    return min(start for start, _ in touched), max(end for _, end in touched)


def _is_numeral(word: Word) -> bool:
    return word.text[0].isdigit() or word.kind == "m" or bool(numbers.quantities(said(word.text)))


def _shown(text: str, parts: Said, span: tuple[int, int]) -> str:
    """Return the value as the document writes it, where that has as many characters as its compared form."""
    return (text if len(text) == len(parts.plain) else parts.plain)[span[0] : span[1]].strip()


def _one_topic(one: Passage, other: Passage) -> bool:
    """Tell whether two passages speak of the same: their titles and headings have no other code, year or number."""
    heads = [said(" ".join((passage.title, *passage.chunk.headings))) for passage in (one, other)]
    marks = [{word.text for word in head.words if word.text[0].isdigit()} | names.codes(head) for head in heads]
    if marks[0] != marks[1]:
        return False
    codes = [names.codes(said(passage.text)) for passage in (one, other)]
    return not (codes[0] and codes[1]) or bool(codes[0] & codes[1])
