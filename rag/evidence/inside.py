"""What within one sentence speaks for it as the answer to a question: things that are wanted, and what they stand by.

Knows nothing of other sentences, passages or weights.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from rag.evidence.apart import Sentence, is_character
from rag.evidence.focus import Kind
from rag.evidence.question import PREFIX, Question
from rag.evidence.things import Sort, Thing
from rag.words import ENGLISH_STOP_WORDS

NAMES = (
    "run adjacent clause matched spread unmatched "
    "names persons places bodies dates numbers percents moneys durations quoted "
    "wanted nearest wanted_clause by_noun by_context ends_with_noun "
    "noun noun_of_new last_of_noun left right right_one slot cue family same "
    "hard hard_with_before other_year enumerates pronoun"
).split()

NEAR_WORDS, NEAR_CHARACTERS = 6.0, 10.0  # from a wanted thing, a word of the question counts for less by e
SLOT_PIECES = 14  # at most, between what stands before and after the words that ask
MOST = 3.0  # counts beyond say no more

_CUES: Mapping[Kind, re.Pattern[str]] = {
    Kind.REASON: re.compile(
        r"\b(?:because|due to|since|as a result|caused?|reason|so that|in order to|led to|therefore|to avoid|thus|"
        r"owing)\b|"
        r"因为|因為|由于|由於|因此|导致|導致|为了|為了|以便|以免|原因|造成|所以|使得"
    ),
    Kind.MANNER: re.compile(
        r"\b(?:by|through|using|via|with|method|way)\b|"
        r"通过|透過|通過|利用|使用|采用|採用|方式|方法|以.{1,8}(?:来|的|為|为)|藉由|经由"
    ),
    Kind.NAME: re.compile(
        r"\b(?:called|named|known as|referred to|termed|name|title|dubbed|nicknamed)\b|"
        r"称为|稱為|叫|名为|名為|称之|稱之|被称|被稱|又称|又稱|俗称|简称|名字"
    ),
    Kind.DEFINITION: re.compile(
        r"\b(?:is|are|was|were) (?:an? |the )|\bmeans|refers to|defined|"
        r"是指|指的是|是一|定义|定義|称为|稱為|为一"
    ),
}
_PRONOUN = re.compile(
    r"(?:it|its|this|these|that|those|they|their|he|his|she|her|such|the (?:latter|former))\b|"
    r"其|该|該|此|这|這|它|他|她|牠",
    re.IGNORECASE,
)
_ENUMERATES = re.compile(r"、|,\s*(?:and|or)\b|\band\b|和|及|与|與|;|；")
_MOST_ENUMERATED = 6
_YEAR_DIGITS = 4


def inside(question: Question, sentence: Sentence, before: Sentence | None) -> list[float]:
    """Return the signs of NAMES. before: the sentence before it in its passage."""
    places = _places(question, sentence)
    by_clause = _by_clause(question, sentence, places)
    cue = _CUES.get(question.focus.kind)
    text = sentence.text
    return [
        *_overlap(question, sentence, places),
        max(by_clause.values(), default=0.0),
        *_extent(sentence, places),
        *_things(question, sentence, places, by_clause),
        *_noun(question, sentence.pieces),
        *_context(question, sentence.pieces),
        float(cue is not None and cue.search(text) is not None),
        _family(question, sentence, places),
        len(question.held & sentence.units) / max(1, len(question.held)),
        *_hard(question, sentence, before),
        float(min(len(_ENUMERATES.findall(text)), _MOST_ENUMERATED)),
        float(_PRONOUN.match(text) is not None),
    ]


def new_things(question: Question, sentence: Sentence) -> list[Thing]:
    """Return those that the question does not name itself."""
    return [thing for thing in sentence.things if _is_new(question, sentence.pieces[thing.first : thing.last])]


def _is_new(question: Question, pieces: Sequence[str]) -> bool:
    return 0 < sum(piece not in question.held for piece in pieces) * 2 >= len(pieces)


def _places(question: Question, sentence: Sentence) -> dict[str, list[int]]:
    """Return where the units that are looked for stand."""
    places: dict[str, list[int]] = {}
    pieces, shares = sentence.pieces, question.shares
    for i, piece in enumerate(pieces):
        if piece in shares:
            places.setdefault(piece, []).append(i)
        if is_character(piece) and i + 1 < len(pieces) and (pair := piece + pieces[i + 1]) in shares:
            places.setdefault(pair, []).append(i)
    return places


def _by_clause(question: Question, sentence: Sentence, places: Mapping[str, Sequence[int]]) -> dict[int, float]:
    held = {(sentence.clauses[i], unit) for unit, at in places.items() for i in at}
    covers: dict[int, float] = {}
    for clause, unit in sorted(held):
        covers[clause] = covers.get(clause, 0.0) + question.shares[unit]
    return covers


def _overlap(question: Question, sentence: Sentence, places: Mapping[str, Sequence[int]]) -> tuple[float, float]:
    """Return the longest run of the question's words in their order, and the share of its neighbours kept."""
    if not places:
        return 0.0, 0.0
    run = longest = adjacent = 0
    for pair in pairwise(sentence.pieces):
        run = run + 1 if pair in question.pairs else 0
        adjacent += run > 0
        longest = max(longest, run)
    return float(longest), adjacent / max(1, len(question.pieces))


def _extent(sentence: Sentence, places: Mapping[str, Sequence[int]]) -> tuple[float, float, float]:
    """Return the share of the sentence that the question has, how far apart it stands, and how much is left."""
    size = max(1, len(sentence.pieces))
    at = {j for unit, some in places.items() for i in some for j in ((i, i + 1) if is_character(unit) else (i,))}
    spread = (max(at) - min(at) + 1) / size if at else 0.0
    return len(at) / size, spread, float(size - len(at))


def _things(
    question: Question, sentence: Sentence, places: Mapping[str, Sequence[int]], by_clause: Mapping[int, float]
) -> list[float]:
    counts = [0.0] * len(Sort)
    wanted = nearest = clause = by_noun = by_context = ends = 0.0
    pieces, last_of_noun = sentence.pieces, question.noun[-1:]
    for thing in new_things(question, sentence):
        counts[thing.sort] = min(counts[thing.sort] + 1, MOST)
        if thing.sort not in question.wanted:
            continue
        wanted = min(wanted + 1, MOST)
        nearest = max(nearest, _nearness(question, thing, places))
        clause = max(clause, by_clause.get(sentence.clauses[thing.first], 0.0))
        behind = pieces[thing.last : thing.last + 3]
        if last_of_noun:
            by_noun = max(by_noun, float(last_of_noun[0] in behind))
            ends = max(ends, float(pieces[thing.last - 1 : thing.last] == last_of_noun))
        context = float(bool(question.left) and question.left[-1] in pieces[max(0, thing.first - 2) : thing.first])
        context += float(bool(question.right) and question.right[0] in behind)
        by_context = max(by_context, context)
    return [*counts, wanted, nearest, clause, by_noun, by_context, ends]


def _nearness(question: Question, thing: Thing, places: Mapping[str, Sequence[int]]) -> float:
    step = NEAR_CHARACTERS if question.chinese else NEAR_WORDS
    total = 0.0
    for unit, at in places.items():
        distance = min(max(thing.first - i, i - thing.last + 1, 0) for i in at)
        total += question.shares[unit] * math.exp(-distance / step)
    return total


def _noun(question: Question, pieces: Sequence[str]) -> tuple[float, float, float]:
    """Tell whether the noun that is asked for stands there, and after something that the question does not have."""
    noun = question.noun
    held = of_new = last_of_new = 0.0
    if not noun:
        return held, of_new, last_of_new
    for i, piece in enumerate(pieces):
        if piece != noun[-1]:
            continue
        first = i - len(noun) + 1
        if first >= 0 and tuple(pieces[first : i + 1]) == noun:
            held = 1.0
            if first and pieces[first - 1] not in question.held and pieces[first - 1] not in ENGLISH_STOP_WORDS:
                of_new = 1.0
        if i and pieces[i - 1] not in question.held:
            last_of_new = 1.0
    return held, of_new, last_of_new


def _context(question: Question, pieces: Sequence[str]) -> tuple[float, float, float, float]:
    """Tell which of the words beside those that ask stand there, and whether something new stands in their place."""
    left, right = question.left, question.right
    pairs = set(pairwise(pieces)) if len(left) == 2 or len(right) == 2 else set()
    slot = 0.0
    if left and right and right[0] in pieces:
        for i, piece in enumerate(pieces):
            if piece != left[-1]:
                continue
            for j in range(i + 2, min(i + SLOT_PIECES, len(pieces))):
                if pieces[j] == right[0] and _is_new(question, pieces[i + 1 : j]):
                    whole = (tuple(pieces[j : j + 2]) == right) + (i > 0 and tuple(pieces[i - 1 : i + 1]) == left)
                    slot = max(slot, 1.0 + whole)
    return float(left in pairs), float(right in pairs), float(bool(right) and right[0] in pieces), slot


def _family(question: Question, sentence: Sentence, places: Mapping[str, Sequence[int]]) -> float:
    """Return the share of the question that stands there only by words that begin alike."""
    missing = {prefix: unit for prefix, unit in question.prefixes.items() if unit not in places}
    if not missing:
        return 0.0
    begun = {piece[:PREFIX] for piece in sentence.pieces if len(piece) >= PREFIX}
    return sum(question.shares[unit] for prefix, unit in missing.items() if prefix in begun)


def _hard(question: Question, sentence: Sentence, before: Sentence | None) -> tuple[float, float, float]:
    """Return the shares of the question's names and numbers there, and whether there are other years than asked for."""
    if not question.hard:
        return -1.0, -1.0, 0.0
    own = sum(piece in sentence.units for piece in question.hard)
    beside = sum(piece in sentence.units or (before is not None and piece in before.units) for piece in question.hard)
    asked = {piece for piece in question.hard if _is_year(piece)}
    years = {piece for piece in sentence.pieces if _is_year(piece)} if asked else set()
    other = float(bool(years) and not years & asked)
    return own / len(question.hard), beside / len(question.hard), other


def _is_year(piece: str) -> bool:
    return len(piece) == _YEAR_DIGITS and piece.isdigit()
