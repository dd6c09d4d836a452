"""Say a sentence otherwise, so that its source still supports it. Pure, by rules; knows nothing of the check.

Each rule takes a sentence and a source of chance, and gives None where it does not apply. A claim that is only copied
would be too easy: `reworded` gives none that stands in its source as it is.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from eval.robustness.slips import simplified, traditional

Rule = Callable[[str, random.Random], str | None]

MOST_RULES = 3  # of those that are tried on one sentence

_MONTHS = "January February March April May June July August September October November December".split()
_DIGITS = "〇一二三四五六七八九"
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()
_LEADS = (
    "In On At After Before During Although While When Since By From For With Because Despite As Under Between".split()
)
_LEAD = re.compile(rf"((?:{'|'.join(_LEADS)})\b[^,]{{3,60}}), (.+?)([.!?]?)$", re.DOTALL)
_LAST = re.compile(r"(.{30,}?), ([^,]{8,})([.]?)$", re.DOTALL)
_BRACKETS = re.compile(r" ?[(（][^()（）]{2,60}[)）]")
_LAST_CHINESE = re.compile(r"(.{10,})[，；;]([^，；;]{4,})(。?)$", re.DOTALL)
_FIRST_CHINESE = re.compile(
    r"((?:在|于|當|当|由于|由於|虽然|雖然|自|从|從|根据|根據)[^，。]{3,24})，([^，]{6,})(.*)$", re.DOTALL
)
_GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_LONG = re.compile(r"(?<![\d,.$£€])[2-9]\d{4,6}(?![\d,.])")
_DATE = re.compile(rf"\b({'|'.join(_MONTHS)}) (\d{{1,2}}), (\d{{4}})\b")
_DATE_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_YEAR_CHINESE = re.compile(r"(?<!\d)([12]\d{3})年")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?(?:%|％)")
_PERCENT_WORD = re.compile(r"(\d+(?:\.\d+)?) percent\b")

# Each stands for the other without a change of what is said.
_JOINING = [
    (r"\bhowever\b", "but"),
    (r"\balthough\b", "though"),
    (r"\bsuch as\b", "like"),
    (r"\bin order to\b", "to"),
    (r"\bbecause\b", "since"),
    (r"\bmore than (?=\d)", "over "),
    (r"\bapproximately\b", "about"),
    (r"\bbegan\b", "started"),
    (r"\bwhile\b", "whereas"),
    (r"\blocated\b", "situated"),
    (r"\bwhich\b", "that"),
    (r"\bas well as\b", "and"),
    (r"\bmany\b", "numerous"),
    (r"\bprimarily\b", "mainly"),
    (r"\busually\b", "normally"),
    (r"\bwithin\b", "in"),
    (r"\bthroughout\b", "across"),
    (r"\bdue to\b", "because of"),
    (r"\balso\b", "too"),
    (r"\bknown as\b", "called"),
    (r"\boften\b", "frequently"),
    (r"\bconsists of\b", "is made up of"),
    (r"\bcan\b", "is able to"),
    (r"\bused\b", "employed"),
]
_JOINING_CHINESE = [
    ("但是", "不过"),
    ("以及", "和"),
    ("因为", "由于"),
    ("因此", "所以"),
    ("并且", "而且"),
    ("位于", "坐落在"),
    ("大约", "约"),
    ("超过", "多于"),
    ("例如", "比如"),
    ("虽然", "尽管"),
    ("通常", "一般"),
    ("主要", "主要是"),
    ("被称为", "叫做"),
    ("其中", "当中"),
    ("开始", "起初"),
    ("许多", "很多"),
    ("这些", "此类"),
    ("并", "且"),
    ("的", "之"),
    ("和", "与"),
    ("与", "和"),
    ("在", "于"),
    ("因為", "由於"),
    ("但", "然而"),
    ("為", "是"),
    ("於", "在"),
]
_INDIRECT = (
    "According to the text, {}",
    "The source says that {}",
    "It is stated that {}",
    "As the passage explains, {}",
)
_INDIRECT_CHINESE = ("据资料，{}", "文中指出，{}", "资料显示，{}", "根据原文，{}")


def reworded(sentence: str, source: str, chance: random.Random, *, chinese: bool) -> str | None:
    """Return the sentence said otherwise, or None where no rule changes it into what its source has not verbatim."""
    rules = list(RULES_CHINESE if chinese else RULES)
    chance.shuffle(rules)
    claim, done = sentence, 0
    for rule in rules:
        changed = rule(claim, chance)
        if changed is not None and changed != claim:
            claim, done = changed, done + 1
        if done == MOST_RULES:
            break
    return claim if done and claim.strip(" .。") not in source else None


def drop_brackets(sentence: str, _chance: random.Random) -> str | None:
    return _BRACKETS.sub("", sentence) if _BRACKETS.search(sentence) else None


def drop_last(sentence: str, _chance: random.Random) -> str | None:
    match = _LAST.match(sentence)
    return f"{match[1]}{match[3]}" if match and not re.search(r"\b(?:not|but|and|or)\b", match[2]) else None


def drop_lead(sentence: str, _chance: random.Random) -> str | None:
    match = _LEAD.match(sentence)
    return match[2][0].upper() + match[2][1:] + match[3] if match and len(match[2]) > 25 else None


def move_lead(sentence: str, _chance: random.Random) -> str | None:
    match = _LEAD.match(sentence)
    return f"{match[2][0].upper()}{match[2][1:]}, {match[1][0].lower()}{match[1][1:]}{match[3]}" if match else None


def other_joining_words(sentence: str, chance: random.Random) -> str | None:
    able = [(pattern, word) for pattern, word in _JOINING if re.search(pattern, sentence)]
    for pattern, word in chance.sample(able, min(2, len(able))):
        sentence = re.sub(pattern, word, sentence, count=1)
    return sentence if able else None


def other_number_format(sentence: str, chance: random.Random) -> str | None:
    ways: list[Callable[[str], str]] = [
        lambda text: _GROUPED.sub(lambda match: match.group().replace(",", ""), text),
        lambda text: _LONG.sub(lambda match: f"{int(match.group()):,}", text),
        lambda text: _PERCENT.sub(r"\1 percent", text),
        lambda text: _PERCENT_WORD.sub(r"\1%", text),
        lambda text: re.sub(r"\b([2-9]|1[0-2])\b(?= [a-z]{3})", lambda match: _SMALL[int(match.group())], text),
        lambda text: re.sub(
            rf"\b({'|'.join(_SMALL[2:])})\b(?= [a-z])", lambda match: str(_SMALL.index(match.group())), text
        ),
        lambda text: re.sub(
            r"(?<![\d.,])(\d+(?:\.\d+)?) million\b", lambda match: f"{round(float(match[1]) * 1e6):,}", text
        ),
    ]
    return _first_change(sentence, ways, chance)


def other_date_format(sentence: str, chance: random.Random) -> str | None:
    ways: list[Callable[[str], str]] = [
        lambda text: _DATE.sub(r"\2 \1 \3", text),
        lambda text: _DATE.sub(lambda m: f"{m[3]}-{_MONTHS.index(m[1]) + 1:02}-{int(m[2]):02}", text),
        lambda text: _DATE.sub(lambda m: f"{m[1]} {m[3]}", text),
        lambda text: _DATE_CHINESE.sub(r"\1-\2-\3", text),
        lambda text: _DATE_CHINESE.sub(r"\1年\2月", text),
        lambda text: _YEAR_CHINESE.sub(lambda m: "".join(_DIGITS[int(one)] for one in m[1]) + "年", text),
    ]
    return _first_change(sentence, ways, chance)


def other_number_format_chinese(sentence: str, chance: random.Random) -> str | None:
    ways: list[Callable[[str], str]] = [
        lambda text: _GROUPED.sub(lambda match: match.group().replace(",", ""), text),
        lambda text: _LONG.sub(lambda match: f"{int(match.group()) / 1e4:.10g}万", text),
        lambda text: _PERCENT.sub(lambda match: f"百分之{match[1]}", text),
        lambda text: re.sub(
            r"(?<![\d.,])([2-9])(?=[个個名位座种種次倍])", lambda match: _chinese_digit(match[1]), text
        ),
        lambda text: re.sub(r"(?<![十百千万萬亿\d第])([三四五六七八九])(?=[个個名位座种種次倍])", _arabic_digit, text),
        lambda text: re.sub(
            r"(?<![\d.,])(\d+(?:\.\d+)?)[万萬](?!\d)", lambda match: f"{round(float(match[1]) * 1e4):,}", text
        ),
    ]
    return _first_change(sentence, ways, chance)


def indirect(sentence: str, chance: random.Random) -> str:
    return chance.choice(_INDIRECT).format(sentence)


def drop_last_chinese(sentence: str, _chance: random.Random) -> str | None:
    match = _LAST_CHINESE.match(sentence)
    return f"{match[1]}{match[3]}" if match and not re.search("不|没|沒|而|但", match[2]) else None


def drop_first_chinese(sentence: str, _chance: random.Random) -> str | None:
    match = _FIRST_CHINESE.match(sentence)
    return match[2] + match[3] if match else None


def move_first_chinese(sentence: str, _chance: random.Random) -> str | None:
    match = _FIRST_CHINESE.match(sentence)
    return f"{match[2].rstrip('。')}，{match[1]}{match[3] or '。'}" if match else None


def other_joining_words_chinese(sentence: str, chance: random.Random) -> str | None:
    able = [(old, new) for old, new in _JOINING_CHINESE if old in sentence]
    for old, new in chance.sample(able, min(2, len(able))):
        sentence = sentence.replace(old, new, 1)
    return sentence if able else None


def other_script(sentence: str, _chance: random.Random) -> str:
    changed = traditional(sentence)
    return changed if changed != sentence else simplified(sentence)


def indirect_chinese(sentence: str, chance: random.Random) -> str:
    return chance.choice(_INDIRECT_CHINESE).format(sentence)


RULES: Sequence[Rule] = (
    drop_brackets,
    drop_last,
    drop_lead,
    move_lead,
    other_joining_words,
    other_number_format,
    other_date_format,
    indirect,
)
RULES_CHINESE: Sequence[Rule] = (
    drop_brackets,
    drop_last_chinese,
    drop_first_chinese,
    move_first_chinese,
    other_joining_words_chinese,
    other_number_format_chinese,
    other_date_format,
    other_script,
    indirect_chinese,
)


def from_question(question: str, answer: str, *, chinese: bool) -> str | None:
    """Return a statement made of a question and its answer; None where no rule turns the question."""
    return _from_chinese_question(question, answer) if chinese else _from_english_question(question, answer)


_ASKS_CHINESE = re.compile(
    "(?:在)?(?:哪一年|哪年|哪一天|何时|何時|什么时候|什麼時候|什么时间|什麼時間|哪里|哪裡|哪儿|何处|何處)|"
    "什么是|什麼是|谁|誰|哪位|哪个|哪個|哪一个|哪一個|哪一种|哪一種|哪种|哪種|多少|什么|什麼|几|幾|何"
)
_SUBJECT = re.compile(r"^(?:who|what) ((?:is|was|are|were|won|wrote|founded|led|built|discovered|made)\b.+)\?$", re.I)
_KIND = re.compile(
    r"^(?:what|which) ((?:[a-z]+ ){1,3}?)((?:is|was|are|were|did|does|has|had|won|can|will)\b.+)\?$", re.I
)
_WHEN = re.compile(r"^(?:when|in what year|in which year) (did|was|were|is) (.+)\?$", re.I)
_WHERE = re.compile(r"^where (did|was|were|is|are) (.+)\?$", re.I)
_HOW_MANY = re.compile(r"^how many ([a-z ]{3,30}?) (are|were|did|does|do|is|was|has|have)\b (.+)\?$", re.I)


def _from_chinese_question(question: str, answer: str) -> str | None:
    """Chinese asks in the place of what is asked for, so that the answer stands there."""
    asked = _ASKS_CHINESE.search(question)
    if asked is None or question.count("？") > 1 or re.search("为什么|為什麼|怎么|怎麼|如何|什么样|几乎", question):
        return None
    lead = "在" if asked.group().startswith("在") else ""
    return (question[: asked.start()] + lead + answer + question[asked.end() :]).rstrip("?？ ") + "。"


def _from_english_question(question: str, answer: str) -> str | None:
    question = " ".join(question.split())
    answer = answer.rstrip(". ")
    if match := _SUBJECT.match(question):
        return f"{answer[0].upper()}{answer[1:]} {match[1]}."
    if match := _WHEN.match(question):
        return f"The answer to when {match[2]} is {answer}."
    if match := _WHERE.match(question):
        return f"The place where {match[2]} is {answer}."
    if match := _HOW_MANY.match(question):
        return f"The number of {match[1]} that {match[2]} {match[3]} is {answer}."
    if match := _KIND.match(question):
        return f"The {match[1].strip()} that {match[2]} is {answer}."
    return None


def _first_change(sentence: str, ways: list[Callable[[str], str]], chance: random.Random) -> str | None:
    chance.shuffle(ways)
    return next((changed for way in ways if (changed := way(sentence)) != sentence), None)


def _chinese_digit(digit: str) -> str:
    return "两" if digit == "2" else _DIGITS[int(digit)]


def _arabic_digit(match: re.Match[str]) -> str:
    return str(_DIGITS.index(match.group()))
