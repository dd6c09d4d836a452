"""The quantities of a text, however they are written, and those of a claim that its quote does not give.

Knows nothing of dates: where one stands is told to it. 1,750, 1.75 thousand, 一千七百五十 and 0.175万 are one quantity;
5 km and 5 miles are two; 5 miles and 8 km are one again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.check.numerals import CHINESE, ONES, ORDINALS, SCALES, TENS, chinese, english, english_ordinal
from rag.check.said import Said
from rag.check.units import CURRENCY_SIGNS, MEASURES, UNITS
from rag.text import HAN, stems

CONVERTED = 0.015  # what two units' values may differ by, of the larger
EXACT = 1e-9
MOST_QUANTITIES = 200  # of a text that are compared
PERCENT = UNITS["%"][1]
_ROUNDED = re.compile(
    r"\b(?:about|around|approximately|approx|roughly|nearly|almost|over|some|circa|more than|less than|under|up to|"
    r"at least|close to)\W{0,2}(?:[$€£¥]|\w{2}\$)? ?$|(?:大约|约|近|将近|接近|超过|逾|不到|不足|至少|达|多达)[为有达]?$"
)
_ROUNDED_AFTER = re.compile(r" ?(?:多|余|左右|上下|以上|or so)")

_WORDS = "|".join([*TENS, *sorted(ONES, key=len, reverse=True), "hundred", *SCALES])
_ORDINAL_WORDS = "|".join(sorted(ORDINALS, key=len, reverse=True))
_SIGN = re.compile(r"(?:us|a|c|hk|nt)?[$€£¥] ?$")
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?(?![\d])"
# A number begins with one of these; to look for that alone takes a fraction of the time.
_FIRST = rf"(?:(?=[-−\d{CHINESE}半])|(?<![a-z])(?=[otfsenhzmbqad]))"
_FOUND = re.compile(
    rf"{_FIRST}(?:(?P<share>百分之|[{CHINESE}]{{1,6}}分之)(?P<of>[{CHINESE}点]{{1,20}}|{_DIGITS})"
    rf"|(?P<clock>(?<![\d:.])\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?![\d:]))"
    rf"|(?P<digits>(?<![a-z\d.])(?<![a-z]-)(?:(?<![\w)%])[-−])?{_DIGITS})"
    rf"|(?P<words>\b(?:{_WORDS})(?:(?:[ -](?:and[ -])?)(?:{_WORDS}))*\b(?![ -](?:{_ORDINAL_WORDS})\b))"
    rf"|(?P<ordinal>\b(?:(?:{'|'.join(TENS)})[ -])?(?:{_ORDINAL_WORDS})\b)"
    rf"|(?P<fraction>\b(?:half|a third|one[ -]third|two[ -]thirds|a quarter|one[ -]quarter|three[ -]quarters|dozen)\b)"
    rf"|(?P<part>一半|半数)|(?P<chinese>[{CHINESE}]{{1,60}}(?:点[{CHINESE}]{{1,20}})?))"
)
_FRACTIONS = {"half": 0.5, "a third": 1 / 3, "one third": 1 / 3, "two thirds": 2 / 3, "a quarter": 0.25}
_FRACTIONS |= {"one quarter": 0.25, "three quarters": 0.75, "dozen": 12.0, "一半": 0.5, "半数": 0.5}
_SCALE = re.compile(
    r"[ -]?(thousand|million|billion|trillion|hundred|bn|mn)\b|(?<=\d)(k|m|bn?)\b| ?([十百千万亿兆]{1,3})"
)
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9}
_ORDINAL_END = re.compile(r"(?:st|nd|rd|th)\b")
_CHINESE_SCALES = {"十": 10.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8, "兆": 1e12}
_NAMES = "|".join(re.escape(name) for name in sorted(UNITS, key=len, reverse=True) if name[0] not in CURRENCY_SIGNS)
_UNIT = re.compile(rf"(?:[ -]?(?:{_NAMES})(?![a-z])|[ -]?(?:(?:{_NAMES})(?<=[{HAN}])))")
_RANGE = re.compile(r" ?(?:-|–|—|~|to|至|到|and|or|与|和|或) ?")
_NOUN = re.compile(rf" ?([a-z]{{3,}})|[{MEASURES}]{{0,1}}([{HAN}]{{1,2}})")
_MORNING = re.compile(r" ?([ap])\.?m\b")
_PERCENT = re.compile(r" ?%")
_MIXED = re.compile(rf"(?:\d[\d,.]{{0,18}}[{CHINESE}]{{1,3}})+(?:\d[\d,.]{{0,18}})?")
_JOINED = re.compile(r"[a-z]|\.\d")  # behind digits: they are part of a code or a version


@dataclass(frozen=True, slots=True)
class Quantity:
    """value is in the dimension's first unit; "" where it has none. kind: "cardinal", "ordinal" or "clock"."""

    value: float
    kind: str = "cardinal"
    dimension: str = ""
    unit: float = 1.0
    noun: str = ""  # what is counted, where the text says it behind
    rounded: bool = False  # the text says that it is but about so much
    weak: bool = False  # "one", "first", 一个: often not meant as a number

    def is_said_by(self, other: Quantity) -> bool:
        if self.kind != other.kind:
            return False
        if self.dimension and other.dimension:
            if self.dimension != other.dimension:
                return False
            near = EXACT if self.unit == other.unit else CONVERTED
            return _near(self.value, other.value, near) or (self.rounded and self._rounds(other.value))
        if PERCENT in (self.unit, other.unit):
            return False
        bare = other.value / other.unit
        return _near(self.value / self.unit, bare, EXACT) or (self.rounded and self._rounds(bare * self.unit))

    def _rounds(self, value: float) -> bool:
        """Tell whether this is that, rounded to as many digits as this has."""
        own = self.value / self.unit
        digits = len(f"{own:.12g}".replace(".", "").strip("-0"))
        return _near(own, float(f"{value / self.unit:.{min(15, max(1, digits))}g}"), EXACT)


def quantities(text: Said, dates: Sequence[tuple[int, int]] = ()) -> list[Quantity]:
    """dates: the spans that are read as dates, and are left out."""
    lower = text.lower
    if dates:
        for start, end in dates:
            lower = lower[:start] + "\x00" * (end - start) + lower[end:]
    found: list[tuple[Quantity, int, int]] = []
    end = 0
    for match in _FOUND.finditer(lower):
        if match.start() < end:
            continue
        if len(found) == MOST_QUANTITIES:
            break
        read = _read(lower, match)
        if read is None:
            continue
        quantity, end = read
        if found and not found[-1][0].dimension and quantity.dimension:
            before, _, stop = found[-1]
            if _RANGE.fullmatch(lower, stop, match.start()) and before.kind == "cardinal":  # 3 to 5 km: both are km
                scaled = before.value * quantity.unit
                found[-1] = (Quantity(scaled, "cardinal", quantity.dimension, quantity.unit), found[-1][1], stop)
        found.append((quantity, match.start(), end))
    return [quantity for quantity, *_ in found]


def unsaid(claim: Sequence[Quantity], quote: Sequence[Quantity]) -> list[Quantity]:
    """Return the claim's quantities that the quote does not give, or gives of something else."""
    return [wanted for wanted in claim if not _is_said(wanted, quote)]


def _is_said(wanted: Quantity, quote: Sequence[Quantity]) -> bool:
    alike = [other for other in quote if wanted.is_said_by(other)]
    if wanted.noun:
        same = [other for other in quote if other.noun == wanted.noun and other.kind == wanted.kind]
        if same and not any(other in alike for other in same) and all(other.noun for other in alike):
            return False
    return bool(alike) or wanted.weak


def _read(lower: str, match: re.Match[str]) -> tuple[Quantity, int] | None:
    kind, run = match.lastgroup or "", match.group()
    end = match.end()
    if kind == "of":
        return _read_share(match)
    if kind == "clock":
        return _read_clock(lower, match)
    if kind in ("fraction", "part"):
        value = _FRACTIONS.get(run.replace("-", " "))
        if value is None:
            return None
        dimension = "" if run == "dozen" else "share"
        # The first half of a match is no quantity.
        return Quantity(value, "cardinal", dimension, weak=run in ("half", "a quarter")), end
    if kind == "ordinal":
        value = english_ordinal(run)
        if value is None:
            return None
        return Quantity(value, "ordinal", noun=_noun(lower, end), weak=run == "first"), end
    if kind == "words":
        value = english(run)
    elif kind == "chinese":
        return _read_chinese(lower, match)
    else:
        value = float(run.replace(",", "").replace("−", "-"))
    if value is None:
        return None
    weak = run == "one"
    if kind == "digits":
        if lower[: match.start()].endswith("第"):
            return Quantity(value, "ordinal"), end
        if suffix := _ORDINAL_END.match(lower, end):
            return Quantity(value, "ordinal", noun=_noun(lower, suffix.end())), suffix.end()
    return _measured(lower, match.start(), end, value, weak=weak, digits=kind == "digits")


def _measured(
    lower: str, start: int, end: int, value: float, *, weak: bool, digits: bool
) -> tuple[Quantity, int] | None:
    """Read on behind a number: its scale, and its unit or what is counted."""
    sign = _SIGN.search(lower, max(0, start - 5), start)
    for _ in range(2):  # 1.5 hundred million
        scale = _SCALE.match(lower, end)
        if scale is None or (scale[2] == "m" and sign is None):
            break
        value *= _scale_of(scale)
        end = scale.end()
        if digits and scale[3] and lower[end : end + 1].isdigit():
            return _mixed(lower, start, end)
    dimension, factor, noun = "", 1.0, ""
    if sign is not None:
        dimension = CURRENCY_SIGNS[sign.group().strip()[-1]]
    elif unit := _UNIT.match(lower, end):
        dimension, factor = UNITS[unit.group().lstrip(" -")]
        end = unit.end()
    elif percent := _PERCENT.match(lower, end):
        dimension, factor = UNITS["%"]
        end = percent.end()
    elif digits and _JOINED.match(lower, end):
        return None
    else:
        noun = _noun(lower, end)
    rounded = _ROUNDED.search(lower, max(0, start - 24), start) or _ROUNDED_AFTER.match(lower, end)
    quantity = Quantity(value * factor, "cardinal", dimension, factor, noun, rounded=rounded is not None, weak=weak)
    return quantity, end


def _mixed(lower: str, start: int, end: int) -> tuple[Quantity, int] | None:
    """Read 1亿2000万 to its end."""
    run = _MIXED.match(lower, start)
    if run is None:
        return None
    value = chinese(run.group().replace(",", ""))
    return None if value is None else _measured(lower, start, max(end, run.end()), value, weak=False, digits=False)


def _scale_of(scale: re.Match[str]) -> float:
    if scale[1]:
        return SCALES.get(scale[1]) or _SHORT_SCALES[scale[1]]
    if scale[2]:
        return _SHORT_SCALES[scale[2]]
    factor = 1.0
    for sign in scale[3]:
        factor *= _CHINESE_SCALES[sign]
    return factor


def _read_share(match: re.Match[str]) -> tuple[Quantity, int] | None:
    part, whole = match["of"], match["share"].removesuffix("分之")
    value = float(part.replace(",", "")) if part[0].isdigit() else chinese(part)
    of = 100.0 if whole == "百" else chinese(whole)
    if value is None or not of:
        return None
    return Quantity(value / of, "cardinal", "share", 0.01 if of == 100 else 1.0), match.end()


def _read_clock(lower: str, match: re.Match[str]) -> tuple[Quantity, int]:
    hours, minutes, *_ = (int(part) for part in match.group().split(":"))
    end = match.end()
    if half := _MORNING.match(lower, end):
        hours = hours % 12 + 12 * (half[1] == "p")
        end = half.end()
    return Quantity(hours * 60.0 + minutes, "clock"), end


def _read_chinese(lower: str, match: re.Match[str]) -> tuple[Quantity, int] | None:
    run, end = match.group(), match.end()
    before, after = lower[match.start() - 1 : match.start()], lower[end : end + 1]
    if before == "第":
        value = chinese(run)
        return None if value is None else (Quantity(value, "ordinal", weak=value == 1), end)  # 首任 is 第一任
    measured = after in MEASURES and after != ""
    plain = all(one not in "十百千万亿兆点" for one in run)
    if not measured and (len(run) == 1 or run in ("千万", "万一", "十万", "百万") or (plain and len(run) < 3)):
        return None
    if run in ("十",) and after == "分":
        return None
    if run[0] in "百千万亿兆点" and len(run) < 3:
        return None
    value = chinese(run)
    if value is None:
        return None
    return _measured(lower, match.start(), end, value, weak=run == "一", digits=False)


def _noun(lower: str, end: int) -> str:
    match = _NOUN.match(lower, end)
    if match is None:
        return ""
    return stems([match[1]])[0] if match[1] else str(match[2])


def _near(one: float, other: float, share: float) -> bool:
    return abs(one - other) <= share * max(abs(one), abs(other))
