"""Whether a quote says what a sentence claims: all that is compared becomes one chance and a list of problems.

A number, a date or a name that the quote lacks, or a denial that it does not make, is a problem however alike the
rest is. The chance is a logistic sum whose weights `python -m eval.learn_support` learns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
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
NOTHING_SAID = Verdict(supported=False, score=0.0, problems=("cover",))

LINE = 0.5  # a claim of less chance is not supported
# In the order of the features. Learnt, with those below, by `python -m eval.learn_support`.
BIAS = 0.0
WEIGHTS = (3.0, 2.0, -0.3, -0.5, -1.0, -3.0, -3.0, -3.0, -3.0)
# Where the embedder knows the language: the same with the cosine of claim and quote as one feature more.
ALIKE_BIAS = 0.0
ALIKE_WEIGHTS = (3.0, 2.0, -0.3, -0.5, -1.0, -3.0, -3.0, -3.0, -3.0, 2.0)
# Of the logarithm of the odds that a model of language inference gives. Set by hand: none was there to learn from.
ENTAILMENT_WEIGHT = 1.0
SURE = 0.02  # no model is believed to be surer than this
AGAINST = 0.1  # a chance of entailment below which the model speaks against the claim, whatever else speaks for it


@dataclass(frozen=True, slots=True)
class Features:
    """What the chance is estimated from; the last four are 1 where there is the problem."""

    words: float
    pairs: float
    lacking: float  # logarithm of one more than the words that the quote lacks
    exchanged: float
    unnamed: float  # share of the claim's names that the quote lacks
    number: float
    date: float
    name: float
    negation: float

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(name for name in ("number", "date", "name", "negation") if getattr(self, name))

    def logit(self, alike: float | None = None) -> float:
        values: tuple[float, ...] = astuple(self)
        if alike is None:
            return BIAS + sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))
        return ALIKE_BIAS + sum(weight * value for weight, value in zip(ALIKE_WEIGHTS, (*values, alike), strict=True))


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
    around = Around(theirs.telling)
    covered = cover(own, theirs, around)
    wrong_number, wrong_date = _wrong_values(own, theirs)
    unnamed, wrong_name = _unsaid_names(own, theirs)
    return Features(
        words=covered.words,
        pairs=covered.pairs,
        lacking=math.log1p(covered.lacking),
        exchanged=math.log1p(covered.exchanged),
        unnamed=unnamed,
        number=float(wrong_number),
        date=float(wrong_date),
        name=float(
            wrong_name or exchanged(own, theirs, around) or _misplaced(own, theirs, around) or _other_codes(own, theirs)
        ),
        negation=float(contradicted(own, theirs, covered.words)),
    )


def judged(features: Features, *, alike: float | None = None, entails: float | None = None) -> Verdict:
    """Make a verdict of what was seen.

    alike: the cosine of claim and quote; entails: the chance that the quote entails the claim; None: not told.
    """
    logit = features.logit(alike)
    if entails is not None:
        chance = min(1.0 - SURE, max(SURE, entails))
        logit += ENTAILMENT_WEIGHT * math.log(chance / (1.0 - chance))
    score = 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, logit))))
    problems = features.problems
    if entails is not None and (entails < AGAINST or (score < LINE and entails < 0.5)):
        problems = (*problems, "entailment")
    if score < LINE and not problems:
        problems = ("cover",)
    return Verdict(supported=not problems, score=score, problems=problems)


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

    A quote without one may speak of the same by "it": that is no problem, only less certain.
    """
    missing = names.unsaid(claim, quote)
    if not missing:
        return 0.0, False
    return len(missing) / len(names.names(claim)), bool(names.unsaid(quote, claim))


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


def _other_codes(claim: Said, quote: Said) -> bool:
    return not all(code in quote.lower.replace("-", "").replace(" ", "") for code in names.codes(claim))
