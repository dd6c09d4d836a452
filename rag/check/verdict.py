"""Whether a quote says what a sentence claims: all that is compared becomes one chance and a list of problems.

A number, a date or a name that the quote lacks, or a denial that it does not make, is a problem however alike the
rest is. The chance is a logistic sum whose weights `python -m eval.learn_support` learns.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.check import dates, names, numbers
from rag.check.around import Around
from rag.check.cover import cover
from rag.check.exchange import exchanged
from rag.check.negation import contradicted
from rag.check.said import REMEMBERED, Said, said
from rag.types import Verdict

# What guard_marks (rag/marks.py) may have changed in a quotation.
_BRACKETS = str.maketrans("［］【】", "[][]")
_PRONOUN = re.compile(r"\b(?:he|she|it|they|his|her|its|their|them|him)\b|[他她它其该此这]")
NOTHING_SAID = Verdict(supported=False, score=0.0, problems=("cover",))

LINE = 0.3  # a claim of less chance is not supported: most are, so that fewer right ones are doubted
# Of words, pairs and unnamed. All this is learnt by `python -m eval.learn_support`; the chance is what it would be if
# half of all claims were supported.
BIAS = -1.17
WEIGHTS = (1.26, 2.99, -1.73)
# The same where the embedder knows the language, and the cosine of claim and quote comes last.
ALIKE_BIAS = -1.97
ALIKE_WEIGHTS = (-0.44, 0.6, -0.99, 3.7)
PROBLEM = -2.98  # of any problem; what says that a claim with one is not supported is the problem, and not this
# Of the logarithm of the odds that a model of language inference gives. Set by hand: none was there to learn from.
ENTAILMENT_WEIGHT = 1.0
SURE = 0.02  # no model is believed to be surer than this
AGAINST = 0.1  # a chance of entailment below which the model speaks against the claim, whatever else speaks for it


@dataclass(frozen=True, slots=True)
class Features:
    """What is seen of a claim and its quote. problems: of "number", "date", "name", "negation"."""

    words: float  # share of the claim's words that the quote has
    pairs: float  # of those that stand together in the claim, the share that do in the quote
    unnamed: float  # share of the claim's names that the quote lacks
    problems: tuple[str, ...]

    @property
    def likeness(self) -> tuple[float, float, float]:
        return self.words, self.pairs, self.unnamed


def verdict(claim: str, quote: str) -> Verdict:
    """Tell whether the quote says what the claim does, without any model. A claim without a word is not supported."""
    if is_verbatim(claim, quote):
        return Verdict(supported=True)
    if not said(claim).words:
        return NOTHING_SAID
    return judged(compare(claim, quote))


def is_verbatim(claim: str, quote: str) -> bool:
    """Tell whether the claim stands in the quote as it is."""
    return bool(claim.strip()) and claim.translate(_BRACKETS) in quote.translate(_BRACKETS)


def compare(claim: str, quote: str) -> Features:
    own, theirs = said(claim), said(quote)
    covered = cover(own, theirs)
    around = Around(theirs.telling)
    wrong_number, wrong_date = _wrong_values(own, theirs)
    unnamed, wrong_name = _unsaid_names(own, theirs)
    seen = {
        "number": wrong_number,
        "date": wrong_date,
        "name": wrong_name or exchanged(own, theirs, around) or _misplaced(own, theirs, around) or _codes(own, theirs),
        "negation": contradicted(own, theirs, covered.words),
    }
    return Features(covered.words, covered.pairs, unnamed, tuple(name for name, is_so in seen.items() if is_so))


def log_odds_of_likeness(features: Features, alike: float | None = None) -> float:
    """Return the logarithm of the odds by what is alike, problems left out. alike: the cosine, where it is told."""
    if alike is None:
        return BIAS + _sum(WEIGHTS, features.likeness)
    return ALIKE_BIAS + _sum(ALIKE_WEIGHTS, (*features.likeness, alike))


def judged(features: Features, *, alike: float | None = None, entails: float | None = None) -> Verdict:
    """Make a verdict of what was seen.

    alike: the cosine of claim and quote; entails: the chance that the quote entails the claim; None: not told.
    """
    problems = features.problems
    odds = log_odds_of_likeness(features, alike) + (PROBLEM if problems else 0.0)
    if entails is not None:
        chance = min(1.0 - SURE, max(SURE, entails))
        odds += ENTAILMENT_WEIGHT * math.log(chance / (1.0 - chance))
    score = 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, odds))))
    if entails is not None and (entails < AGAINST or (score < LINE and entails < 0.5)):
        problems = (*problems, "entailment")
    if score < LINE and not problems:
        problems = ("cover",)
    return Verdict(supported=not problems, score=score, problems=problems)


def _sum(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


@dataclass(frozen=True, slots=True)
class _Values:
    dates: Sequence[dates.Date]
    quantities: Sequence[numbers.Quantity]

    @property
    def years(self) -> list[numbers.Quantity]:
        """The years, as the plain numbers that a claim may take them for."""
        readings = (one for date in self.dates for one in date.readings)
        return [
            numbers.Quantity(float(one.first)) for one in readings if one.first is not None and one.first == one.last
        ]


@lru_cache(maxsize=REMEMBERED)
def _values(text: Said) -> _Values:
    found = dates.dates(text)
    return _Values(found, numbers.quantities(text, [(date.start, date.end) for date in found]))


def _wrong_values(claim: Said, quote: Said) -> tuple[bool, bool]:
    own, theirs = _values(claim), _values(quote)
    wrong_dates = dates.unsaid(own.dates, theirs.dates, [one.value for one in theirs.quantities if not one.dimension])
    wrong_numbers = numbers.unsaid(own.quantities, [*theirs.quantities, *theirs.years])
    return bool(wrong_numbers), bool(wrong_dates)


def _unsaid_names(claim: Said, quote: Said) -> tuple[float, bool]:
    """Return the share of the claim's names that the quote lacks, and whether it has another name instead.

    A quote without one, or with an "it" in it, may speak of the same: that is no problem, only less certain.
    """
    missing = names.unsaid(claim, quote)
    if not missing:
        return 0.0, False
    by_pronoun = len(missing) == 1 and _PRONOUN.search(quote.lower) is not None
    return len(missing) / len(names.names(claim)), not by_pronoun and bool(names.unsaid(quote, claim))


def _misplaced(claim: Said, quote: Said, around: Around) -> bool:
    """Tell whether the claim has a name where the quote has another, although the quote has it elsewhere."""
    placed = {word.start: place for place, word in enumerate(claim.telling)}
    theirs = {quote.words[place].stem for name in names.names(quote) for place in range(name.first, name.last + 1)}
    if not theirs:
        return False
    for name in names.names(claim):
        first, last = (placed.get(claim.words[place].start) for place in (name.first, name.last))
        if first is None or last is None:
            continue
        own = {word.stem for word in claim.telling[first : last + 1]}
        between = around.instead(claim.telling, first, last)
        if between and all(all(word.stem in theirs - own for word in words) for words in between):
            return True
    return False


def _codes(claim: Said, quote: Said) -> bool:
    """Tell whether the claim has a code, such as GPT-4, that the quote lacks."""
    return not all(code in quote.lower.replace("-", "").replace(" ", "") for code in names.codes(claim))
