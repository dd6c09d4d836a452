"""The dates of a text, however they are written, and those of a claim that its quote does not give.

A claim may say less than its quote (2019 of 5 March 2019, the 1990s of 1995), and never more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from rag.check.numerals import chinese, english, english_ordinal
from rag.check.said import Said

REPUBLIC = 1911  # 民国元年 is 1912
MOST_DATES = 64  # of a text
_CENTURIES = range(1500, 2100, 100)  # that "the nineties" may be of

_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|"
        "november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(_MONTHS)
_LONE_MONTH = "|".join(name for name in _MONTHS if len(name) > 3 and name != "march")
_TENS = "twenties thirties forties fifties sixties seventies eighties nineties".split()
_NUMERAL = "零〇一二两三四五六七八九十"
_YEAR = r"(?:1\d{3}|20\d{2})"
_END = r"(?:st|nd|rd|th)"
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)|(?:twenty[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|"
    r"tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth)"
)
# A date begins with one of these; to look for that alone takes a tenth of the time.
_FIRST = rf"(?<![a-z])(?=[jfmasondte\d{_NUMERAL}前公民中西元])"
_FOUND = re.compile(
    rf"{_FIRST}(?:(?P<iso>(?<![\d/.-])\d{{4}}([-/.])\d{{1,2}}\2\d{{1,2}}(?![\d/]))"
    rf"|(?P<slashed>(?<![\d/.-])\d{{1,2}}([-/.])\d{{1,2}}\4(?:\d{{4}}|\d{{2}})(?![\d/.]))"
    rf"|(?P<decade_of>(?:\d{{1,2}}|[{_NUMERAL}]{{1,3}})世纪(?:\d0|[{_NUMERAL}]{{1,2}})年代)"
    rf"|(?P<century>(?:前|公元前)?(?:\d{{1,2}}|[{_NUMERAL}]{{1,3}})世纪|\b{_ORDINAL}[ -]centur(?:y|ies)\b)"
    rf"|(?P<decade>(?<!\d)(?:\d{{3}}0|\d0|[{_NUMERAL}]{{2,4}})年代|(?<!\d)\d{{3}}0'?s\b|(?<!\d)\d0s\b"
    rf"|\bthe (?:\w{{5,8}} )?(?:{'|'.join(_TENS)})\b)"
    rf"|(?P<chinese>(?:(?:公元前|前|民国|中华民国|西元|公元)?(?<!\d)(?:\d{{1,4}}|[{_NUMERAL}元]{{1,4}}) ?年)?"
    rf" ?(?:\d{{1,2}}|[{_NUMERAL}]{{1,3}}) ?月(?: ?(?:\d{{1,2}}|[{_NUMERAL}]{{1,3}}) ?[日号])?)"
    rf"|(?P<era>(?:公元前|前|民国|中华民国|西元|公元)(?:\d{{1,4}}|[{_NUMERAL}元]{{1,4}}) ?年)"
    rf"|(?P<chinese_year>(?<![\d,.])\d{{3,4}} ?年|[{_NUMERAL}]{{4}}年)"
    rf"|(?P<chinese_day>(?<![\d.])(?:\d{{1,2}}|[{_NUMERAL}]{{1,3}})日(?!本|元|圆|军))"
    rf"|(?P<day_first>\b\d{{1,2}}{_END}? (?:of )?(?:{_MONTH})\b\.?(?:,? {_YEAR}\b)?)"
    rf"|(?P<month_first>\b(?:{_MONTH})\b\.? (?:the )?\d{{1,2}}(?:{_END})?\b(?![\d:%]|[.,]\d|s\b)(?:,? {_YEAR}\b)?)"
    rf"|(?P<month_year>\b(?:{_MONTH})\b\.?,? {_YEAR}\b)"
    rf"|(?P<month>\b(?:{_LONE_MONTH})\b)"
    rf"|(?P<before_christ>(?<![\d,.])\d{{1,4}} ?(?:bce?\b|b\.c\.))"
    rf"|(?P<anno>\bad ?\d{{1,4}}\b|(?<![\d,.])\d{{1,4}} ?(?:ad|ce)\b)"
    rf"|(?P<years>(?<![\w.,$€£¥#-]){_YEAR} ?[-–—/] ?\d{{2}}(?!\d|[,.]\d|%))"
    rf"|(?P<year>(?<![\w.,$€£¥#])(?<![a-z]-){_YEAR}(?!\d|[,.]\d|%| ?(?:%|km|kg|million|billion|thousand|percent|people|"
    r"metres|meters|miles|dollars|feet))))"
)
_INTEGER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a date; a decade has its first year and its last. None is not told."""

    first: int | None = None
    last: int | None = None
    month: int | None = None
    day: int | None = None

    def is_said_by(self, other: Reading) -> bool:
        if not self._spans(other):
            return False
        if self.month is not None and other.month != self.month:
            return False
        return self.day is None or other.day == self.day

    def _spans(self, other: Reading) -> bool:
        if self.first is None or self.last is None:
            return True
        return (
            other.first is not None and other.last is not None and self.first <= other.first <= other.last <= self.last
        )


@dataclass(frozen=True, slots=True)
class Date:
    """A date and all the ways to read it: 5/3/2019 has two."""

    start: int
    end: int
    readings: tuple[Reading, ...]


def dates(text: Said) -> list[Date]:
    found = []
    for match in islice(_FOUND.finditer(text.lower), MOST_DATES):
        kind = match.lastgroup or ""
        readings = tuple(one for one in _READERS[kind](match.group()) if _possible(one))
        if readings:
            found.append(Date(match.start(), match.end(), readings))
    return found


def unsaid(claim: Sequence[Date], quote: Sequence[Date], others: Sequence[float] = ()) -> list[Date]:
    """Return the claim's dates that the quote does not give.

    others: the quote's plain numbers, since a year is often written as one. A date without its year may be of any year
    that the quote names, and a day of any month.
    """
    years = dict.fromkeys(
        (one.first, one.last) for date in quote for one in date.readings if one.first is not None and one.month is None
    )
    years |= dict.fromkeys((one.first, one.last) for date in quote for one in date.readings if one.first is not None)
    months = dict.fromkeys(one.month for date in quote for one in date.readings if one.month is not None)
    said = [whole for date in quote for one in date.readings for whole in _completed(one, list(years), list(months))]
    return [
        date
        for date in claim
        if not any(wanted.is_said_by(one) for wanted, one in product(date.readings, said))
        and not any(_is_number(wanted, number) for wanted, number in product(date.readings, others))
    ]


def _completed(
    one: Reading, years: Sequence[tuple[int | None, int | None]], months: Sequence[int | None]
) -> Iterator[Reading]:
    yield one
    if one.month is None and one.day is not None:
        one = replace(one, month=months[0]) if len(months) == 1 else one
        yield from (replace(one, month=month) for month in months)
    if one.first is None:
        yield from (replace(one, first=first, last=last) for first, last in years)


def _is_number(wanted: Reading, number: float) -> bool:
    return wanted.month is None and wanted.first is not None and wanted.first == wanted.last == number


def _possible(one: Reading) -> bool:
    return (one.month is None or 1 <= one.month <= 12) and (one.day is None or 1 <= one.day <= 31)


def _year(year: int, month: int | None = None, day: int | None = None) -> Reading:
    return Reading(year, year, month, day)


def _integers(run: str) -> list[int]:
    return [int(number) for number in _INTEGER.findall(run)]


def _numeral(run: str) -> int | None:
    if run.isdigit():
        return int(run)
    value = chinese(run)
    return None if value is None else int(value)


def _iso(run: str) -> list[Reading]:
    year, month, day = _integers(run)
    return [_year(year, month, day)]


def _slashed(run: str) -> list[Reading]:
    one, other, year = _integers(run)
    years = [year] if year > 99 else [1900 + year, 2000 + year]
    return [_year(each, month, day) for each in years for month, day in ((one, other), (other, one))]


def _century(run: str) -> list[Reading]:
    head = re.split(r"世纪|[ -]centur", run)[0]
    before = head.startswith(("前", "公元前"))
    head = head.removeprefix("公元").removeprefix("前")
    digits = _INTEGER.match(head)
    number = int(digits.group()) if digits else english_ordinal(head) if head.isascii() else chinese(head)
    if not number:
        return []
    number = int(number)
    return [Reading(-100 * number, -100 * number + 99) if before else Reading(100 * number - 100, 100 * number)]


def _decade_of(run: str) -> list[Reading]:
    century, _, decade = run.removesuffix("年代").partition("世纪")
    number, tens = _numeral(century), _numeral(decade)
    if number is None or tens is None:
        return []
    first = 100 * (number - 1) + tens
    return [Reading(first, first + 9)]


def _decade(run: str) -> list[Reading]:
    if run.startswith("the "):
        *head, tens = run.split()[1:]
        first = 20 + 10 * _TENS.index(tens)
        century = english(head[0]) if head else None  # the eighteen nineties
        if century is not None:
            return [Reading(int(century) * 100 + first, int(century) * 100 + first + 9)]
        return [Reading(each + first, each + first + 9) for each in _CENTURIES]
    digits = _INTEGER.match(run)
    value = int(digits.group()) if digits else _numeral(run.removesuffix("年代"))
    if value is None:
        return []
    if value > 99:
        return [Reading(value, value + 9)]
    return [Reading(each + value, each + value + 9) for each in _CENTURIES]


def _chinese(run: str) -> list[Reading]:
    year_part, found, rest = run.rpartition("年")
    month_part, _, day_part = rest.strip().partition("月")
    month = _numeral(month_part.strip())
    day = _numeral(day_part.strip().rstrip("日号").strip()) if day_part.strip() else None
    if not found:
        return [Reading(month=month, day=day)]
    years = _era(year_part + "年")
    return [replace(year, month=month, day=day) for year in years]


def _era(run: str) -> list[Reading]:
    year = run.removesuffix("年").strip()
    before = year.startswith(("公元前", "前"))
    republic = "民国" in year
    for prefix in ("公元", "前", "中华", "民国", "西元"):
        year = year.removeprefix(prefix)
    number = 1 if year == "元" else _numeral(year)
    if number is None:
        return []
    return [_year(-number if before else number + REPUBLIC * republic)]


def _english(run: str) -> list[Reading]:
    month = next(_MONTHS[word] for word in re.findall(r"[a-z]+", run) if word in _MONTHS)
    numbers = _integers(run)
    year = next((number for number in numbers if number > 99), None)
    day = next((number for number in numbers if number <= 99), None)
    return [Reading(year, year, month, day)]


def _years(run: str) -> list[Reading]:
    first, short = _integers(run)
    last = first - first % 100 + short
    return [_year(first), _year(last), Reading(first, last)] if last > first else [_year(first)]


_READERS: Mapping[str, Callable[[str], list[Reading]]] = {
    "iso": _iso,
    "slashed": _slashed,
    "decade_of": _decade_of,
    "century": _century,
    "decade": _decade,
    "chinese": _chinese,
    "era": _era,
    "chinese_year": _era,
    "chinese_day": lambda run: [Reading(day=_numeral(run.removesuffix("日")))],
    "day_first": _english,
    "month_first": _english,
    "month_year": _english,
    "month": _english,
    "before_christ": lambda run: [_year(-_integers(run)[0])],
    "anno": lambda run: [_year(_integers(run)[0])],
    "years": _years,
    "year": lambda run: [_year(int(run))],
}
