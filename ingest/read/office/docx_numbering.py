"""The numbers that Word makes up for paragraphs: "第一条", "1.2.3", "(a)". Knows nothing of the paragraphs' texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.read.office.ooxml import W, is_on, number
from ingest.read.xml_safe import Element

BULLET = "-"
MAX_LEVELS = 9
_HAN_DIGITS = "〇一二三四五六七八九"
_LEGAL_SIMPLIFIED = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
_GANADA = "가나다라마바사아자차카타파하"
_CHOSUNG = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    format: str = "decimal"
    text: str = ""  # "%1.%2"
    start: int = 1
    restart: int | None = None  # begins anew after a level above this one, from 1; 0: never
    legal: bool = False  # the levels above it are shown in Arabic digits
    style: str = ""  # paragraphs of this style are numbered so


@dataclass(slots=True)
class _List:
    abstract: str
    levels: dict[int, Level]
    starts: dict[int, int] = field(default_factory=dict)  # of this list alone
    opened: bool = False


class Numbering:
    def __init__(self, root: Element | None) -> None:
        """root: of the numbering part, None where there is none."""
        abstracts: dict[str, dict[int, Level]] = {}
        by_style: dict[str, str] = {}  # style of a list -> its abstract number
        links: dict[str, str] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, list[int | None]] = {}  # by abstract number: lists that share one count together
        for entry in root.iterfind(f"{W}abstractNum") if root is not None else ():
            key = entry.get(f"{W}abstractNumId") or ""
            abstracts[key] = {number(lvl.get(f"{W}ilvl")): _level(lvl) for lvl in entry.iterfind(f"{W}lvl")}
            if (its_style := _value(entry, "styleLink")) is not None:
                by_style[its_style] = key
            if (other_style := _value(entry, "numStyleLink")) is not None:
                links[key] = other_style
        for entry in root.iterfind(f"{W}num") if root is not None else ():
            abstract = _value(entry, "abstractNumId") or ""
            abstract = by_style.get(links.get(abstract, ""), abstract)
            made = _List(abstract, dict(abstracts.get(abstract, {})))
            for override in entry.iterfind(f"{W}lvlOverride"):
                index = number(override.get(f"{W}ilvl"))
                if (level := override.find(f"{W}lvl")) is not None:
                    made.levels[index] = _level(level)
                if (start := _value(override, "startOverride")) is not None:
                    made.starts[index] = number(start, 1)
            self._lists[entry.get(f"{W}numId") or ""] = made

    def level_of_style(self, list_id: str, style: str) -> int:
        """Return the level that a style names in a list; 0 where none does."""
        made = self._lists.get(list_id)
        levels = made.levels.items() if made is not None else ()
        return next((index for index, level in levels if level.style and level.style == style), 0)

    def next(self, list_id: str, index: int) -> str | None:
        """Count one paragraph; return its number, BULLET for a bullet, "" where it shows none, None for no list."""
        made = self._lists.get(list_id)
        if made is None:
            return None
        index = min(max(index, 0), MAX_LEVELS - 1)
        level = made.levels.get(index, Level("none"))
        counts = self._counts.setdefault(made.abstract, [None] * MAX_LEVELS)
        if not made.opened:
            made.opened = True
            for at in made.starts:
                counts[at] = None
        current = counts[index]
        counts[index] = made.starts.get(index, level.start) if current is None else current + 1
        for deeper in range(index + 1, MAX_LEVELS):
            restart = made.levels.get(deeper, Level()).restart
            if restart is None or index < restart:
                counts[deeper] = None
        if level.format == "bullet":
            return BULLET
        if level.format == "none" and "%" not in level.text:
            return level.text.strip()
        return self._shown(made, level, counts)

    def _shown(self, made: _List, level: Level, counts: list[int | None]) -> str:
        text = level.text
        for at in range(MAX_LEVELS):
            if f"%{at + 1}" not in text:
                continue
            its = made.levels.get(at, Level())
            count = counts[at]
            if count is None:  # a level that nothing was counted on yet
                count = made.starts.get(at, its.start)
                counts[at] = count
            kind = "decimal" if level.legal and its is not level else its.format
            text = text.replace(f"%{at + 1}", written(count, kind))
        return text.strip()


def _level(entry: Element) -> Level:
    restart = _value(entry, "lvlRestart")
    return Level(
        format=_value(entry, "numFmt") or "decimal",
        text=_value(entry, "lvlText") or "",
        start=number(_value(entry, "start"), 0 if entry.find(f"{W}start") is None else 1),
        restart=None if restart is None else number(restart),
        legal=is_on(entry.find(f"{W}isLgl")),
        style=_value(entry, "pStyle") or "",
    )


def _value(entry: Element, tag: str) -> str | None:
    found = entry.find(f"{W}{tag}")
    return None if found is None else found.get(f"{W}val")


def written(count: int, kind: str) -> str:
    """Return a number as a format of Word's writes it; as digits where the format is not known."""
    if count < 0 or kind == "none":
        return str(count) if count < 0 else ""
    writer = _FORMATS.get(kind)
    return writer(count) if writer is not None else str(count)


def _roman(count: int) -> str:
    if count > 4999:
        return str(count)
    text = ""
    for value, letters in _ROMAN:
        text += letters * (count // value)
        count %= value
    return text


def _letters(count: int) -> str:
    """a to z, then aa, bb, ..., as Word counts."""
    return "" if count < 1 else chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 9)


def _han(count: int, digits: str = "零一二三四五六七八九", units: tuple[str, ...] = ("", "十", "百", "千")) -> str:
    if count == 0:
        return digits[0]
    if count >= 100_000:
        return str(count)
    if count >= 10_000:
        rest = count % 10_000
        zero = digits[0] if 0 < rest < 1000 else ""
        return _han(count // 10_000, digits, units) + "万" + zero + (_han(rest, digits, units) if rest else "")
    text = ""
    gap = False
    for place in range(3, -1, -1):
        digit = count // 10**place % 10
        if digit:
            text += (digits[0] if gap else "") + digits[digit] + units[place]
            gap = False
        elif text:
            gap = True
    is_teen = text.startswith(digits[1] + units[1]) and units[1] == "十"
    return text[1:] if is_teen else text


def _digit_by_digit(count: int) -> str:
    return "".join(_HAN_DIGITS[int(digit)] for digit in str(count))


def _row_of(characters: str) -> Callable[[int], str]:
    return lambda count: characters[(count - 1) % len(characters)] if count else ""


def _enclosed(first: int, last: int) -> Callable[[int], str]:
    return lambda count: chr(first + count - 1) if 1 <= count <= last else str(count)


def _ordinal(count: int) -> str:
    ending = "th" if count % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def _legal(digits: str) -> Callable[[int], str]:
    return lambda count: _han(count, digits, ("", "拾", "佰", "仟"))


_FORMATS: dict[str, Callable[[int], str]] = {
    "upperRoman": lambda count: _roman(count).upper(),
    "lowerRoman": _roman,
    "upperLetter": lambda count: _letters(count).upper(),
    "lowerLetter": _letters,
    "decimalZero": lambda count: f"{count:02d}",
    "ordinal": _ordinal,
    "decimalFullWidth": lambda count: str(count).translate({ord(str(d)): 0xFF10 + d for d in range(10)}),
    "decimalEnclosedCircle": _enclosed(0x2460, 20),
    "decimalEnclosedCircleChinese": _enclosed(0x2460, 20),
    "decimalEnclosedParen": _enclosed(0x2474, 20),
    "decimalEnclosedFullstop": _enclosed(0x2488, 20),
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
         "japaneseCounting"), _han),
    **dict.fromkeys(("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"), _digit_by_digit),
    "chineseLegalSimplified": _legal(_LEGAL_SIMPLIFIED),
    "ideographLegalTraditional": _legal(_LEGAL_TRADITIONAL),
    "ideographTraditional": _row_of(_STEMS),
    "ideographZodiac": _row_of(_BRANCHES),
    **dict.fromkeys(("aiueo", "aiueoFullWidth"), _row_of(_AIUEO)),
    **dict.fromkeys(("iroha", "irohaFullWidth"), _row_of(_IROHA)),
    "ganada": _row_of(_GANADA),
    "chosung": _row_of(_CHOSUNG),
}  # fmt: skip
