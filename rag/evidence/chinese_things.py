"""Find names, dates and numbers in a Chinese sentence: by the dictionary's tags, by units, by quotation marks.

Knows nothing of questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.evidence.english_things import quoted_things
from rag.evidence.things import Layout, Sort, Thing
from rag.text import HAN, UNSPACED, fold

_NUMBER = re.compile(
    r"(?:百分之)?[第约近]?[\d０-９][\d０-９.,，]*(?:[万亿百千萬億]+)?[多余]?|"
    r"(?:百分之|第)?[零〇一二三四五六七八九十百千万亿两萬億兩半]+[多余]?"
)
_PERCENT = re.compile(r"\s?(?:%|％|成(?!员|立|为|功|年|本))")
_MONEY = re.compile(
    r"\s?[万亿萬億]*\s?(?:元|美元|英镑|英鎊|欧元|歐元|日元|日圓|港元|港币|卢比|马克|块钱|人民币|美金|法郎|圓)"
)
_YEAR = re.compile(r"\s?年")
_DATE = re.compile(r"\s?(?:年代|月(?!球|亮)|日(?!本)|号(?!线)|世纪|世紀)")
_DURATION = re.compile(r"\s?(?:年|个?月|個月|天|日|个?小时|個?小時|分钟|分鐘|秒|周|週|星期|个?世纪|個?世紀|歲|岁)")
_COUNTED = re.compile(r"\s?[个個名位次年场場座倍种種条條块塊米人只隻家所部]")
_DIGITS_OF_A_YEAR = (3, 4)
_HAN_YEAR = re.compile(r"[〇零一二三四五六七八九]{3,4}")
_VAGUE = frozenset(("一", "半", "十", "万", "千", "百", "亿", "萬", "億"))  # parts of words: 一般, 千万
# A name written by its sounds, with a point between its parts; these join it to what stands before or after.
_JOINS = "和与與在的是于於及由被把將将等而也都就对對从從到为為了、因向跟同或者他她它曾後后"
_BY_SOUND = re.compile(rf"(?:(?![{_JOINS}])[{HAN}A-Z.]){{1,8}}(?:[·•‧・](?:(?![{_JOINS}])[{HAN}A-Za-z.]){{1,8}})+")
_LATIN = re.compile(rf"[^\W\d_{UNSPACED}](?:[^{UNSPACED},，。；;:：()（）、“”]*[^\W_{UNSPACED}])?")
_TAGS = (("nr", Sort.PERSON), ("ns", Sort.PLACE), ("nt", Sort.BODY), ("nz", Sort.NAME))


def chinese_things(layout: Layout) -> Iterator[Thing]:
    """Yield each thing; of those that overlap, the first in this order: numbers, names by sound, Latin, tagged."""
    places = {start: i for i, start in enumerate(layout.starts)}
    stops = {end: i + 1 for i, end in enumerate(layout.ends)}
    taken = bytearray(len(layout.text) + 1)
    for sort, start, end in _found(layout.text):
        first, last = places.get(start), stops.get(end)
        if first is None or last is None or first >= last or any(taken[start:end]):
            continue
        taken[start:end] = b"\1" * (end - start)
        yield layout.thing(sort, first, last)
    yield from quoted_things(layout)


def _found(text: str) -> Iterator[tuple[Sort, int, int]]:
    for number in _NUMBER.finditer(text):
        sort = _sort_of_number(number.group(), text[number.end() : number.end() + 8])
        if sort is not None:
            yield sort, number.start(), number.end()
    for name in _BY_SOUND.finditer(text):
        yield Sort.PERSON, name.start(), name.end()
    for latin in _LATIN.finditer(text):
        yield Sort.NAME, latin.start(), latin.end()
    yield from _tagged(text)


def _sort_of_number(number: str, after: str) -> Sort | None:
    """Return what a number is by what follows it; None where it is none."""
    if number.startswith("百分之") or _PERCENT.match(after):
        return Sort.PERCENT
    if _MONEY.match(after):
        return Sort.MONEY
    is_year = (number.isdigit() and len(number) in _DIGITS_OF_A_YEAR) or _HAN_YEAR.fullmatch(number)
    if (_YEAR.match(after) and is_year) or _DATE.match(after):
        return Sort.DATE
    if _DURATION.match(after):
        return Sort.DURATION
    if number in _VAGUE and not _COUNTED.match(after):
        return None
    return Sort.NUMBER


def _tagged(text: str) -> Iterator[tuple[Sort, int, int]]:
    """Yield the runs of words that the dictionary takes for names."""
    import rjieba  # with its dictionary, which takes 0.2 s: not every text is Chinese

    simple = fold(text)
    if len(simple) != len(text):
        return
    start = 0
    run: tuple[Sort, int, int] | None = None
    for word, tag in rjieba.tag(simple):
        end = start + len(word)
        sort = next((sort for prefix, sort in _TAGS if tag.startswith(prefix)), None)
        if sort is not None and run is not None and run[2] == start:
            run = (run[0] if sort is Sort.NAME else sort, run[1], end)
        else:
            if run is not None:
                yield run
            run = (sort, start, end) if sort is not None else None
        start = end
    if run is not None:
        yield run
