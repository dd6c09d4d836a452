"""What a question asks for, as evidence is looked for: its terms by rarity and kind, and the thing that it wants.

A term is a word's stem, the characters of a Chinese word, or the parts of a name like GPT-4. Knows nothing of passages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rag.asked import name_terms
from rag.evidence.pieces import Thing, pieces_of, tagged
from rag.text import WORD_SIGN, bare, fold, has_han, query_terms, question_language, stems, telling_terms

Term = tuple[str, ...]

# Rarity is told by the share of the chunks that hold a term. What a handful of chunks says of it counts for little:
# as many more are thought of, of which so few hold it.
THOUGHT_OF = 50
THOUGHT_TO_HOLD = 0.2
CHARACTER = 0.6  # what a single Chinese character counts beside a word
RARITY_DECIMALS = 1  # finer steps would tell a library of 270 chunks from one of 269


class Asks(StrEnum):
    DATE = "date"
    NUMBER = "number"
    WHO = "who"
    WHERE = "where"
    WHY = "why"
    HOW = "how"
    OTHER = "other"


class Kind(StrEnum):
    NUMBER = "number"
    NAME = "name"
    FOCUS = "focus"  # what "which" or "how many" goes with: the answer stands in its place
    CHARACTER = "character"
    NOUN = "noun"
    VERB = "verb"
    OTHER = "other"


_ASKS = {
    Asks.DATE: re.compile(
        r"哪一?年|何时|什么时[候间]|啥时候|哪个?月|几月|日期|什么年|哪天|"
        r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|century|decade)\b"
    ),
    Asks.NUMBER: re.compile(
        r"多少|几[个名位次年场座倍成种岁支届分]|多大|多长|多高|多久|多远|多重|第几|比例|百分|"
        r"\bhow (?:many|much|long|far|old|often|high|large|big|tall|fast|deep|wide)\b|"
        r"\bwhat (?:percent|number|share|proportion)|"
        r"\bwhat (?:is|was) the (?:population|number|percent|rate|size|cost|price|average|total)"
    ),
    Asks.WHO: re.compile(
        r"谁|何人|哪位|什么人|哪一?个人|哪名|\bwho\b|\bwhom\b|\bwhose\b|"
        r"\bwhat (?:\w+ ){0,3}(?:person|player|king|president|author|scientist|leader)\b"
    ),
    Asks.WHERE: re.compile(
        r"哪里|哪儿|何处|何地|什么地方|哪个?(?:国|城|省|市|县|地|洲|州|岛|区)|什么(?:国家|城市)|位于|\bwhere\b|"
        r"\b(?:what|which) (?:\w+ )?(?:country|city|state|place|town|county|region|continent|location|river|area)\b"
    ),
    Asks.WHY: re.compile(r"为什么|为何|原因|怎么会|\bwhy\b|\breason"),
    Asks.HOW: re.compile(r"如何|怎么|怎样|\bhow\b"),
}
_WANTS = {Asks.DATE: Thing.DATE, Asks.NUMBER: Thing.NUMBER, Asks.WHO: Thing.PERSON, Asks.WHERE: Thing.PLACE}
_ANYTHING = Thing.NAME | Thing.NUMBER | Thing.DATE

_FOCUS = re.compile(
    r"\b(?:what|which|how many|how much)\s+((?:[\w'-]+\s+){0,2}?[\w'-]+?)\s+"
    r"(?:is|was|are|were|did|does|do|has|have|had|can|could|would|will|of|in|to|that|for|on)\b",
    re.IGNORECASE,
)
_CHINESE_FOCUS = re.compile(r"(?:哪一?[个名位种类场次支所座条部些年]?|什么|何种|多少)([^，。？?的是在有]{1,4})")
_VERB_ENDINGS = ("ed", "ing", "ize", "ate", "ify")
_VERBS = frozenset(
    "begin began become became bring call cause come create describe develop die end find found get give go help hold "
    "include join keep kill lead learn leave live lose lost make made move occur play produce provide receive refer "
    "replace serve set show start take took teach use want win won work write wrote known seen born built held led met "
    "sent spent".split()
)
_WORD = re.compile(r"[a-z]+")
# A name of parts: GPT-4, GPT4, BERT-large. In English it has a capital or a digit.
_COMPOUND = re.compile(r"(?<![\w-])([A-Za-z]{2,})(?:[-.]?(\d+)|[-.]([A-Za-z]\w+))(?![\w-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sought:
    """rarities are in nats, total their sum, never 0; pieces: all of the question's, in order.

    frequencies: in how many of the library's chunks each term stands.
    """

    question: str
    language: str
    asks: Asks
    wants: Thing
    rarities: Mapping[Term, float]
    kinds: Mapping[Term, Kind]
    frequencies: Mapping[Term, int]
    pieces: tuple[str, ...]
    total: float
    grams: Mapping[str, float]  # what BM25 searches by, but for whole Chinese words; each with its rarity


def sought(question: str, frequency: Callable[[str], int], chunks: int) -> Sought:
    """frequency: in how many of the library's chunks a search term stands; chunks: how many there are."""
    folded = bare(question)
    pieces = tuple(pieces_of(question))
    words = tagged(folded) if has_han(question) else []
    compounds = _compounds(question)
    terms = [term for term in _terms(question, pieces) if term not in compounds.values()]
    kinds = _kinds(question, list(dict.fromkeys([*terms, *compounds])), words)
    frequencies = {
        term: max(0, frequency(compounds[term][0])) if term in compounds else _frequency(term, frequency)
        for term in kinds
    }
    rarities = {term: _rarity(frequencies[term], chunks) * _counts(term) for term in kinds}
    asks = next((asked for asked, pattern in _ASKS.items() if pattern.search(fold(question))), Asks.OTHER)
    return Sought(
        question=question,
        language=question_language(question),
        asks=asks,
        wants=_WANTS.get(asks, _ANYTHING),
        rarities=rarities,
        kinds=kinds,
        frequencies=frequencies,
        pieces=pieces,
        total=math.fsum(rarities.values()) or 1.0,
        grams={
            term: _rarity(max(0, frequency(term)), chunks)
            for term in query_terms(question)
            if not term.endswith(WORD_SIGN)
        },
    )


def is_compound(term: Term) -> bool:
    return len(term) > 1 and not has_han(term[0])


def _terms(question: str, pieces: tuple[str, ...]) -> list[Term]:
    """Return the telling terms as pieces make them up."""
    telling = telling_terms(question)
    words = [tuple(term.removesuffix(WORD_SIGN)) for term in telling if term.endswith(WORD_SIGN)]
    known = set(pieces)
    return words + [(term,) for term in telling if term in known and not has_han(term)]


def _compounds(question: str) -> dict[Term, Term]:
    """Return the names of several parts, each with the one word that its parts make."""
    found: dict[Term, Term] = {}
    for match in _COMPOUND.finditer(question):
        parts = [part for part in match.groups() if part]
        if has_han(question) or any(not part.islower() for part in parts):
            found[tuple(stems([part.lower() for part in parts]))] = tuple(stems(["".join(parts).lower()]))
    return found


def _kinds(question: str, terms: list[Term], words: list[tuple[str, str]]) -> dict[Term, Kind]:
    names = name_terms(question)
    tags = {tuple(word): tag for word, tag in words}
    focus = _focus(question, bool(words))
    verbs = set() if words else _verbs(question)

    def kind(term: Term) -> Kind:
        tag = tags.get(term, "")
        if len(term) == 1 and any(character.isdigit() for character in term[0]):
            return Kind.NUMBER
        if is_compound(term) or (len(term) == 1 and term[0] in names) or tag.startswith(("nr", "ns", "nt", "nz")):
            return Kind.NAME
        if term in focus:
            return Kind.FOCUS
        if len(term) == 1 and has_han(term[0]):
            return Kind.CHARACTER
        if words:
            return {"n": Kind.NOUN, "v": Kind.VERB}.get(tag[:1], Kind.OTHER)
        return Kind.VERB if term[0] in verbs else Kind.NOUN

    return {term: kind(term) for term in terms}


def _focus(question: str, chinese: bool) -> set[Term]:
    found: set[Term] = {(piece,) for match in _FOCUS.finditer(question) for piece in pieces_of(match.group(1))}
    if chinese:
        for match in _CHINESE_FOCUS.finditer(bare(question)):
            found |= {tuple(word) for word, _ in tagged(match.group(1))[:1]}
    return found


def _verbs(question: str) -> set[str]:
    words = _WORD.findall(bare(question))
    return {piece for word in words if word.endswith(_VERB_ENDINGS) or word in _VERBS for piece in pieces_of(word)}


def _frequency(term: Term, frequency: Callable[[str], int]) -> int:
    """Of a Chinese word: of the rarest of its pairs, so that it matters not how texts were cut into words."""
    if len(term) == 1:
        return max(0, frequency(term[0]))
    return max(0, min(frequency(one + other) for one, other in pairwise(term)))


def _rarity(frequency: int, chunks: int) -> float:
    share = (frequency + THOUGHT_TO_HOLD) / (max(chunks, frequency) + THOUGHT_OF)
    return round(-math.log(share), RARITY_DECIMALS)


def _counts(term: Term) -> float:
    return CHARACTER if len(term) == 1 and has_han(term[0]) else 1.0
