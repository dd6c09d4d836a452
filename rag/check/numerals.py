"""Numbers in words, English and Chinese, to their values. Pure; knows nothing of what is counted."""

from __future__ import annotations

import re

ONES = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: value * 10
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
ORDINALS = {
    word: value
    for value, word in enumerate(
        "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
        "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split()
    )
} | {"thirtieth": 30, "fortieth": 40, "fiftieth": 50, "hundredth": 100}
DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
POWERS = {"十": 10.0, "百": 1e2, "千": 1e3}
MYRIADS = {"万": 1e4, "亿": 1e8, "兆": 1e12}
CHINESE = "".join([*DIGITS, *POWERS, *MYRIADS])

_MOST = 60  # characters of a number in words; what is longer is none
_PART = re.compile(rf"\d+(?:\.\d+)?|[{CHINESE}点]")


def english(words: str) -> float | None:
    """Return the value of "one hundred and twenty-five thousand"; None where it is none."""
    total, section = 0.0, 0.0
    known = False
    for word in re.split(r"[\s-]+", words.strip())[:_MOST]:
        if word in ONES or word in TENS:
            section += ONES.get(word, TENS.get(word, 0))
        elif word == "hundred":
            section = (section or 1.0) * 100
        elif word in SCALES:
            total += (section or 1.0) * SCALES[word]
            section = 0.0
        elif word in ("and", "a", ""):
            continue
        else:
            return None
        known = True
    return total + section if known else None


def english_ordinal(words: str) -> float | None:
    """Return the value of "twenty-first"."""
    *before, last = re.split(r"[\s-]+", words.strip())
    if last not in ORDINALS:
        return None
    tens = english(" ".join(before)) if before else 0.0
    return None if tens is None else tens + ORDINALS[last]


def chinese(run: str) -> float | None:
    """Return the value of 一千七百五十, 二〇一九, 三点五, 17.5万 or 1亿2000万; None where it is none, as 七八 is."""
    if len(run) > _MOST:
        return None
    whole, _, after = run.partition("点")
    if after:
        digits = "".join(str(DIGITS[one]) if one in DIGITS else "?" for one in after.rstrip("".join(MYRIADS)))
        value = chinese(whole) if whole else None
        if value is None or not digits.isdigit():
            return None
        scale = 1.0
        for sign in after[len(digits) :]:
            scale *= MYRIADS[sign]
        return float(f"{value:.0f}.{digits}") * scale
    if all(one in DIGITS for one in run):
        # Digit by digit; two side by side are "seven or eight".
        positional = len(run) > 2 or len(run) == 1 or "〇" in run or "零" in run
        return float("".join(str(DIGITS[one]) for one in run)) if positional else None
    return _summed(_PART.findall(run))


def _summed(parts: list[str]) -> float | None:
    total, section, last = 0.0, 0.0, 1.0
    number: float | None = None
    for part in parts:
        if part in DIGITS:
            number = DIGITS[part] if number is None else number * 10 + DIGITS[part]
        elif part in POWERS:
            last = POWERS[part]
            section += (1.0 if number is None else number) * last
            number = None
        elif part in MYRIADS:
            last = MYRIADS[part]
            section += number or 0.0
            if last > 1e4:  # 三千万亿: all that stands before counts by it
                total, section = (total + section or 1.0) * last, 0.0
            else:
                total, section = total + (section or 1.0) * last, 0.0
            number = None
        else:
            number = float(part)
    if number is not None:
        # 三千五 is 3500, not 3005; 三千零五 has its zero to say so.
        bare = number < 10 and last >= 100 and len(parts) > 2 and parts[-2] in POWERS | MYRIADS
        section += number * (last / 10 if bare else 1.0)
    return total + section
