"""Find names, dates and numbers in an English sentence, by capitals and word lists. Knows nothing of questions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.evidence.things import QUOTED, Layout, Sort, Thing
from rag.words import ENGLISH_STOP_WORDS

_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion "
    "half third quarter dozen twice once first second fourth fifth sixth seventh eighth ninth tenth".split()
)
_MONTHS = frozenset("january february march april may june july august september october november december".split())
_TIME_UNITS = frozenset(
    "year years month months day days week weeks hour hours minute minutes second seconds decades".split()
)
_MONEY_UNITS = frozenset("dollar dollars pound pounds euro euros yen cents marks francs usd gbp".split())
_ERAS = frozenset("century centuries bc ad bce ce".split())
_BODY_WORDS = frozenset(
    "university college institute company corporation inc ltd party church committee council agency association "
    "league club school academy bank museum department ministry army court society group union team network "
    "commission foundation press office congress parliament board hospital library orchestra".split()
)
_PLACE_WORDS = frozenset(
    "city county river lake island islands mountain mountains sea ocean valley street road park state province "
    "republic kingdom bay hill coast desert forest avenue square bridge stadium castle palace airport".split()
)
_TITLES = frozenset(
    "mr mrs ms dr sir lord lady king queen emperor pope president prince princess saint st professor general "
    "captain".split()
)
_PLACE_BEFORE = frozenset("in at from near to".split())
_INSIDE_NAMES = frozenset("of the de la van von der du and for di al".split())
_NAME_GAPS = frozenset((" ", "-", ". ", ".", "'", "’", " & ", "–"))
# Words with a capital only because they begin a sentence.
_BEGINNINGS = ENGLISH_STOP_WORDS | frozenset(
    "after although however some many these while other since during according most several before because "
    "despite both each such no their its they those between among under over when until".split()
)
_YEAR = re.compile(r"1\d{3}s?|20\d\ds?")
_PERSON_WORDS = (2, 3)  # a name of as many is taken for a person's


def english_things(layout: Layout) -> Iterator[Thing]:
    at = 0
    while at < len(layout.raw):
        word = layout.words[at]
        capital = layout.raw[at][0].isupper()
        if word[0].isdigit() or (word in _NUMBER_WORDS and not (capital and at)):
            last = _number_end(layout, at)
            yield layout.thing(_sort_of_number(layout, at, last), at, last)
        elif capital and word in _MONTHS:
            last = _date_end(layout, at)
            yield layout.thing(Sort.DATE, at, last)
        elif capital:
            last = _name_end(layout, at)
            first = at + (at == 0 and word in _BEGINNINGS)
            if first < last:
                yield layout.thing(_sort_of_name(layout, first, last), first, last)
        else:
            last = at + 1
        at = last
    yield from quoted_things(layout)


def quoted_things(layout: Layout) -> Iterator[Thing]:
    size = len(layout.raw)
    for quote in QUOTED.finditer(layout.text):
        first = next((i for i in range(size) if layout.starts[i] >= quote.start(1)), size)
        last = next((i for i in range(first, size) if layout.ends[i] > quote.end(1)), size)
        if first < last:
            yield layout.thing(Sort.QUOTED, first, last)


def _number_end(layout: Layout, at: int) -> int:
    last = at + 1
    while (
        last < len(layout.words)
        and (layout.words[last] in _NUMBER_WORDS or layout.words[last][0].isdigit())
        and len(layout.between(last - 1, last)) <= 2
    ):
        last += 1
    return last


def _date_end(layout: Layout, at: int) -> int:
    words, last = layout.words, at + 1
    while last < len(words) and last - at < 4 and (words[last][0].isdigit() or words[last] == "of"):
        last += 1
    return last


def _name_end(layout: Layout, at: int) -> int:
    raw, words, last = layout.raw, layout.words, at + 1
    while last < len(raw):
        gap = layout.between(last - 1, last)
        if gap not in _NAME_GAPS:
            break
        if raw[last][0].isupper() or gap in ("'", "’", "-"):
            last += 1
        elif gap == " " and words[last] in _INSIDE_NAMES and last + 1 < len(raw) and raw[last + 1][0].isupper():
            last += 2
        elif tuple(words[last : last + 2]) == ("of", "the") and last + 2 < len(raw) and raw[last + 2][0].isupper():
            last += 3
        else:
            break
    return last


def _sort_of_name(layout: Layout, first: int, last: int) -> Sort:
    inside = set(layout.words[first:last])
    before = layout.words[first - 1] if first else ""
    if inside & _BODY_WORDS:
        return Sort.BODY
    if inside & _PLACE_WORDS:
        return Sort.PLACE
    if before in _TITLES or layout.words[first] in _TITLES:
        return Sort.PERSON
    if before in _PLACE_BEFORE:
        return Sort.PLACE
    if last - first in _PERSON_WORDS and not inside & _INSIDE_NAMES and before not in ("the", "a", "an"):
        return Sort.PERSON
    return Sort.NAME


def _sort_of_number(layout: Layout, first: int, last: int) -> Sort:
    words, text = layout.words, layout.text
    after = words[last] if last < len(words) else ""
    further = words[last + 1] if last + 1 < len(words) else ""
    sign_after = text[layout.ends[last - 1] : layout.ends[last - 1] + 2].strip()[:1]
    sign_before = text[max(0, layout.starts[first] - 2) : layout.starts[first]].strip()[-1:]
    if sign_after == "%" or after in ("percent", "percentage") or (after, further) == ("per", "cent"):
        return Sort.PERCENT
    if (sign_before and sign_before in "$£€¥") or after in _MONEY_UNITS:
        return Sort.MONEY
    if after in _ERAS or (last - first <= 2 and _YEAR.fullmatch(words[first]) and after not in _TIME_UNITS):
        return Sort.DATE
    if after in _TIME_UNITS or further in _TIME_UNITS:
        return Sort.DURATION
    return Sort.NUMBER
