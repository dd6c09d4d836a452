"""Show a spreadsheet's number as its format shows it to people. Knows nothing of files.

Dates come out in ISO, and no marks stand between thousands: 1.234,56 and 1,234.56 would be two readings of one number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

# The formats that files name by number alone; 27 to 36 and 50 to 58 are the dates of Chinese and Japanese Excel.
BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    41: "#,##0",
    42: "#,##0",
    43: "#,##0.00",
    44: "#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm:ss"),
}
_LAST_DAY = 2_958_465  # 9999-12-31
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<elapsed>h+|m+|s+)\]'
    r"|\[[^\]]*\]|(?P<noon>am/pm|a/p|上午/下午)|(?P<general>general)|(?P<exponent>e[+-])|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_DATE_LETTERS = re.compile(r"[ymdhsg]|aaa")  # aaa: the day of the week, in Chinese and Japanese
_SECTION = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[]|["\\\[])*', re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Format:
    """What a format's first section says."""

    dates: str = ""  # of "ymd" those it shows
    times: str = ""  # of "hms" those it shows
    elapsed: bool = False  # hours past 24 are counted on
    as_is: bool = True  # the number with all its digits
    percent: bool = False
    thousands: int = 0  # how many times it is divided by 1,000
    least_digits: int = 1
    least_decimals: int = 0
    most_decimals: int = 0
    pattern: str = ""  # digits with marks among them: "000-00-0000"
    before: str = ""
    after: str = ""


def shown(value: float, code: str, *, from_1904: bool = False) -> str:
    """Return a number as a cell of this format shows it."""
    form = _parsed(code)
    if form.dates or form.times:
        return _date(value, form, from_1904) or plain_number(value)
    if form.as_is:
        return f"{form.before}{plain_number(value)}{form.after}"
    scaled = value * 100 if form.percent else value / 1000**form.thousands
    if abs(scaled) >= 1e15:
        return f"{form.before}{plain_number(value)}{form.after}"
    if form.pattern:
        text = _into_pattern(_rounded(abs(scaled), 0), form.pattern)
    else:
        text = _rounded(abs(scaled), form.most_decimals)
        whole, _, decimals = text.partition(".")
        decimals = decimals[: form.least_decimals] + decimals[form.least_decimals :].rstrip("0")
        text = whole.zfill(form.least_digits) + (f".{decimals}" if decimals else "")
    sign = "-" if scaled < 0 and text.strip("0.") else ""
    return f"{sign}{form.before}{text}{form.after}"


def plain_number(value: float) -> str:
    """Return a number as people write it: 3 and not 3.0, 0.3 and not 0.30000000000000004."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if float(value).is_integer() and abs(value) < 2**53:
        return str(int(value))
    text = f"{value:.15g}"
    if "e" in text and -10 <= int(text.partition("e")[2]) <= 20:
        text = format(Decimal(text), "f")
    return text


def _rounded(value: float, decimals: int) -> str:
    """Round as people do, 0.125 to 0.13."""
    return format(Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP), "f")


@lru_cache(maxsize=4096)
def _parsed(code: str) -> _Format:
    section = _SECTION.match(code)
    tokens = list(_TOKEN.finditer(section.group() if section else ""))
    letters = "".join(
        "T" if token["elapsed"] or token["noon"] else token["plain"].lower()
        for token in tokens
        if token["elapsed"] or token["noon"] or token["plain"]
    )
    if not any(token["general"] for token in tokens) and ("T" in letters or _DATE_LETTERS.search(letters)):
        elapsed = "".join(token["elapsed"].lower() for token in tokens if token["elapsed"])
        return _date_format(letters, elapsed)
    return _number_format(tokens)


def _date_format(letters: str, elapsed: str) -> _Format:
    runs = [match.group()[0] for match in re.finditer(r"y+|m+|d+|h+|s+|T|aaa+", letters)]
    dates, times = set[str](), set(elapsed) & set("hms")
    for index, run in enumerate(runs):
        if run in "yda":
            dates.add("d" if run == "a" else run)
        elif run in "hs":
            times.add(run)
        elif run == "m":
            beside = (runs[index - 1] if index else "", runs[index + 1] if index + 1 < len(runs) else "")
            is_minute = beside[0] == "h" or beside[1] == "s" or (beside[0] == "T" and bool(elapsed))
            (times if is_minute else dates).add(run)
    return _Format("".join(sorted(dates)), "".join(sorted(times)) or ("h" if "T" in letters else ""), bool(elapsed))


def _number_format(tokens: list[re.Match[str]]) -> _Format:
    digits: list[str] = []  # placeholders and what stands among them
    before: list[str] = []
    after: list[str] = []
    percent = as_is = False
    for token in tokens:
        literal = token["quoted"] or token["escaped"] or token["currency"] or ""
        plain = token["plain"] or ""
        if token["exponent"] or token["general"] or plain in {"/", "@"}:
            as_is = True
            digits += (*after, "#")
            after = []
        elif plain and plain in "0#?.,":
            digits += (*after, plain)
            after = []
        else:
            percent = percent or plain == "%"
            (after if digits else before).append(literal or plain)
    if digits and digits[0] in {".", ","}:
        digits.insert(0, "#")
    if as_is or not digits:
        return _Format(before="".join(before).strip(), after=_behind(after)) if not percent else _Format()
    places = "".join(digits).rstrip(",")
    whole, _, decimals = places.partition(".")
    has_marks = not set(whole) <= set("0#?,")
    return _Format(
        as_is=False,
        percent=percent,
        thousands=len(digits) - len("".join(digits).rstrip(",")),
        least_digits=max(1, whole.count("0")),
        least_decimals=decimals.count("0"),
        most_decimals=sum(decimals.count(mark) for mark in "0#?"),
        pattern=whole if has_marks and not decimals else "",
        before="".join(before).strip(),
        after=_behind(after),
    )


def _behind(pieces: list[str]) -> str:
    text = "".join(pieces)
    return (" " if text[:1].isspace() and text.strip() else "") + text.strip()


def _into_pattern(digits: str, pattern: str) -> str:
    """Put digits in the places of a pattern, from the right."""
    waiting = list(digits)
    if len(waiting) > sum(pattern.count(mark) for mark in "0#?"):
        return digits  # the pattern is one for shorter numbers
    pieces: list[str] = []
    for mark in reversed(pattern.replace(",", "")):
        if mark not in "0#?":
            pieces.append(mark)
        elif waiting:
            pieces.append(waiting.pop())
        elif mark == "0":
            pieces.append("0")
    return "".join(reversed(pieces))


def _date(value: float, form: _Format, from_1904: bool) -> str:
    if not 0 <= value <= _LAST_DAY:
        return ""
    seconds = round(value * 86400)
    days, rest = divmod(seconds, 86400)
    clock = f"{rest // 3600:02}:{rest % 3600 // 60:02}" + (f":{rest % 60:02}" if "s" in form.times else "")
    if form.elapsed:
        return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    if not form.dates or (days == 0 and form.times and not from_1904):
        return clock
    # Day 60 of the calendar that starts in 1900 is a 29th of February that never was.
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001
    try:
        date = (start + timedelta(days=days)).date().isoformat()
    except OverflowError:
        return ""
    if not form.times:
        return {"my": date[:7], "y": date[:4]}.get(form.dates, date)
    return f"{date} {clock}"
