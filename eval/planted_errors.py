"""Plant one error in a sentence: a number, a date, a name or a negation changed. Pure; knows nothing of the check.

Its patterns and lists are its own: what finds such errors is judged by it. Names are changed for another name of the
same article, which whoever plants must bring.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.robustness.slips import simplified
from rag.text import cut_words

KINDS = ("number", "date", "name", "negation")

_MONTHS = "January February March April May June July August September October November December".split()
_YEAR = re.compile(r"(?<![\d,.])(1[0-9]\d\d|20[0-2]\d)(?![\d,]|\.\d)")
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\b(?= \d|,? \d{{4}})|(?<=\d )({'|'.join(_MONTHS)})\b")
_DAY = re.compile(rf"\b(?:{'|'.join(_MONTHS)}) (\d{{1,2}})\b|\d月(\d{{1,2}})(?=[日号號])")
_CENTURY = re.compile(r"\b(\d{1,2})(?=th century|th-century)|(?<!\d)(\d{1,2})(?=世[纪紀])")
_MONTH_CHINESE = re.compile(r"(?<!\d)(\d{1,2})(?=月(?:\d|，|。|的|，|至))")
_NUMBER = re.compile(r"(?<![\d.,A-Za-z/-])\d{1,3}(?:,\d{3})+|(?<![\d.,A-Za-z/-])\d+(?:\.\d+)?(?![\d/]|,\d|[A-Za-z])")
_WORDS = "two three four five six seven eight nine ten eleven twelve".split()
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b", re.IGNORECASE)
_DIGITS_CHINESE = "二三四五六七八九"
_DIGIT_CHINESE = re.compile(
    rf"(?<![十百千万萬亿億第一二三四五六七八九〇零])([两兩{_DIGITS_CHINESE}])(?=[个個名位座种種次倍年条條支部所家项項十百千])"
)
_NOT = re.compile(r"\b(?:not|never) |n't\b|\bno (?=[a-z])")
_VERB = re.compile(
    r"\b(is|was|are|were|has been|have been|had been|can|could|will|would|may|must|should|did|does)\b(?= [a-z]+)"
    r"(?! (?:not|no|never)\b)"
)
_NOT_CHINESE = re.compile("不是|没有|沒有|并不|並不|不能|无法|無法|未能|从未|從未|不会|不會|不可|不再")
_AFFIRMED = {
    "不是": "是",
    "没有": "有",
    "沒有": "有",
    "并不": "",
    "並不": "",
    "不能": "能",
    "无法": "可以",
    "無法": "可以",
    "未能": "能够",
    "从未": "曾经",
    "從未": "曾經",
    "不会": "会",
    "不會": "會",
    "不可": "可",
    "不再": "仍然",
}
_VERB_CHINESE = [
    (re.compile(r"(?<![不但于於还還就可若只总總都也凡正或乃仍却卻而便又])是(?![否不])"), "不是"),
    (re.compile("可以"), "不可以"),
    (re.compile("能够|能夠"), "不能"),
    (re.compile("位于|位於"), "不位于"),
    (re.compile("成为|成為"), "没有成为"),
    (re.compile("属于|屬於"), "不属于"),
    (re.compile("包括"), "不包括"),
    (re.compile("有"), "没有"),
    (re.compile("获得|獲得"), "没有获得"),
    (re.compile("建立"), "没有建立"),
    (re.compile("认为|認為"), "不认为"),
    (re.compile("允许|允許"), "不允许"),
]
_FLIPS = """more less|before after|first last|largest smallest|increased decreased|increase decrease|
higher lower|most least|
all few|always never|north south|east west|northern southern|eastern western|older younger|early late|began ended|
won lost|larger smaller|longer shorter|greater lesser|highest lowest|oldest newest|above below|majority minority|
earliest latest|accepted rejected|supported opposed|allowed forbade|success failure|best worst|strong weak|true false|
possible impossible|rich poor|same different|men women|positive negative|public private|inside outside"""
_FLIPS_CHINESE = """增加 减少|增加 減少|之前 之后|之前 之後|最大 最小|最高 最低|以前 以后|以前 以後|大于 小于|大於 小於|
多于 少于|超过 不足|超過 不足|上升 下降|提高 降低|全部 部分|所有 少数|所有 少數|最早 最晚|最多 最少|
北部 南部|东部 西部|東部 西部|开始 结束|開始 結束|允许 禁止|允許 禁止|支持 反对|支持 反對|成功 失败|
成功 失敗|高于 低于|高於 低於|接受 拒绝|接受 拒絕|最长 最短|最長 最短|加入 退出|男性 女性|相同 不同|
早期 晚期|以北 以南|以东 以西"""


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence with one error. wrong stands in it where right stood."""

    kind: str
    text: str
    right: str
    wrong: str


def plant(
    kind: str, sentence: str, source: str, chance: random.Random, *, chinese: bool, names: Sequence[Sequence[str]] = ()
) -> Planted | None:
    """Plant an error of this kind, or return None where the sentence has no place for one.

    source: what the sentence rests on; no number, date or name is put in that stands in it. names: of the same article,
    by kinds of names; one takes the place of another of its kind.
    """
    if kind == "name":
        return _other_name(sentence, source, names, chance)
    makers = {
        ("number", False): _other_number,
        ("number", True): _other_number_chinese,
        ("date", False): _other_date,
        ("date", True): _other_date_chinese,
        ("negation", False): _negated,
        ("negation", True): _negated_chinese,
    }
    return makers[kind, chinese](sentence, source, chance)


def _at(sentence: str, start: int, end: int, wrong: str, kind: str) -> Planted:
    return Planted(kind, sentence[:start] + wrong + sentence[end:], sentence[start:end], wrong)


def _other_number(sentence: str, source: str, chance: random.Random) -> Planted | None:
    return _replaced("number", sentence, source, chance, [(_NUMBER, _digits), (_WORD, _word)], beside_dates=False)


def _other_number_chinese(sentence: str, source: str, chance: random.Random) -> Planted | None:
    makers = [(_NUMBER, _digits), (_DIGIT_CHINESE, _digit_chinese)]
    return _replaced("number", sentence, source, chance, makers, beside_dates=False)


def _other_date(sentence: str, source: str, chance: random.Random) -> Planted | None:
    makers = [(_YEAR, _year), (_MONTH, _month), (_DAY, _day), (_CENTURY, _century)]
    return _replaced("date", sentence, source, chance, makers)


def _other_date_chinese(sentence: str, source: str, chance: random.Random) -> Planted | None:
    makers = [(_YEAR, _year), (_MONTH_CHINESE, _month_number), (_DAY, _day), (_CENTURY, _century)]
    return _replaced("date", sentence, source, chance, makers)


_Make = Callable[[str, random.Random], str]


def _replaced(
    kind: str,
    sentence: str,
    source: str,
    chance: random.Random,
    makers: Sequence[tuple[re.Pattern[str], _Make]],
    *,
    beside_dates: bool = True,
) -> Planted | None:
    places = [(match, make) for pattern, make in makers for match in pattern.finditer(sentence)]
    if not beside_dates:
        places = [(match, make) for match, make in places if not _in_date(sentence, match)]
    chance.shuffle(places)
    for match, make in places:
        for _ in range(8):
            start, end = match.span(match.lastindex or 0)
            wrong = make(sentence[start:end], chance)
            if wrong != sentence[start:end] and wrong.lower() not in source.lower():
                return _at(sentence, start, end, wrong, kind)
    return None


def _in_date(sentence: str, match: re.Match[str]) -> bool:
    after = sentence[match.end() : match.end() + 9].lstrip(" ,")
    before = sentence[max(0, match.start() - 10) : match.start()].rstrip(" ,-")
    if _YEAR.fullmatch(match.group()) or before.endswith(tuple(_MONTHS)) or after.startswith(tuple(_MONTHS)):
        return True
    return after.startswith(("年", "月", "日", "世", "-", "th cent")) or before.endswith(("年", "月"))


def _digits(number: str, chance: random.Random) -> str:
    """Change one digit, so that the number is as long as it was."""
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    place = chance.choice(places)
    digits = "123456789" if place == places[0] else "0123456789"
    return number[:place] + chance.choice([one for one in digits if one != number[place]]) + number[place + 1 :]


def _word(word: str, chance: random.Random) -> str:
    other = chance.choice([one for one in _WORDS if one != word.lower()])
    return other.capitalize() if word[0].isupper() else other


def _digit_chinese(_digit: str, chance: random.Random) -> str:
    return chance.choice(_DIGITS_CHINESE[1:])


def _year(year: str, chance: random.Random) -> str:
    return str(int(year) + chance.choice([-30, -20, -12, -10, -7, -5, -3, -2, -1, 1, 2, 3, 5, 7, 10, 12, 20]))


def _month(_month: str, chance: random.Random) -> str:
    return chance.choice(_MONTHS)


def _month_number(_month: str, chance: random.Random) -> str:
    return str(chance.randint(1, 12))


def _day(_day: str, chance: random.Random) -> str:
    return str(chance.randint(1, 28))


def _century(_century: str, chance: random.Random) -> str:
    return str(chance.choice([5, 7, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]))


def _other_name(sentence: str, source: str, names: Sequence[Sequence[str]], chance: random.Random) -> Planted | None:
    places = [(name, kind) for kind in names for name in kind if name in sentence]
    chance.shuffle(places)
    for name, kind in places:
        others = [
            one
            for one in kind
            if one.lower() not in source.lower() and name not in one and not _shares_words(one, source)
        ]
        if others:
            start = sentence.index(name)
            return _at(sentence, start, start + len(name), chance.choice(others), "name")
    return None


def _shares_words(name: str, source: str) -> bool:
    return " " in name and any(len(word) > 3 and word in source for word in name.split())


def _negated(sentence: str, _source: str, chance: random.Random) -> Planted | None:
    if match := _NOT.search(sentence):
        wrong = "" if match.group() != "no " else "some "
        return _at(sentence, *match.span(), wrong, "negation")
    flips = _flips(sentence, _FLIPS, r"\b{}\b")
    verbs = list(_VERB.finditer(sentence))
    if verbs and (not flips or chance.random() < 0.6):
        match = chance.choice(verbs)
        first, _, rest = match.group().partition(" ")
        return _at(sentence, *match.span(), f"{first} not {rest}".strip(), "negation")
    return _flipped(sentence, flips, chance)


def _negated_chinese(sentence: str, _source: str, chance: random.Random) -> Planted | None:
    if match := _NOT_CHINESE.search(sentence):
        return _at(sentence, *match.span(), _AFFIRMED[match.group()], "negation")
    words = _word_spans(sentence)
    flips = [(match, new) for match, new in _flips(sentence, _FLIPS_CHINESE, "{}") if match.span() in words]
    verbs = [
        (match, wrong)
        for pattern, wrong in _VERB_CHINESE
        for match in pattern.finditer(sentence)
        if match.span() in words
    ]
    if verbs and (not flips or chance.random() < 0.6):
        match, wrong = chance.choice(verbs)
        return _at(sentence, *match.span(), wrong, "negation")
    return _flipped(sentence, flips, chance)


def _word_spans(sentence: str) -> set[tuple[int, int]]:
    """Return the spans of the words, so that 国有 is not said to have nothing."""
    spans, start = set(), 0
    for word in cut_words(simplified(sentence)):
        spans.add((start, start + len(word)))
        start += len(word)
    return spans


def _flips(sentence: str, table: str, pattern: str) -> list[tuple[re.Match[str], str]]:
    found = []
    for pair in table.replace("\n", "").split("|"):
        one, other = pair.split()
        for old, new in ((one, other), (other, one)):
            found += [(match, new) for match in re.finditer(pattern.format(old), sentence)]
    return found


def _flipped(sentence: str, flips: list[tuple[re.Match[str], str]], chance: random.Random) -> Planted | None:
    if not flips:
        return None
    match, wrong = chance.choice(flips)
    return _at(sentence, *match.span(), wrong, "negation")
