"""What a question asks for: a number, a date, a list, a definition; and the names in it. Pure, by patterns."""

from __future__ import annotations

import re
from enum import Enum

from rag.text import fold, has_han, search_terms


class AnswerType(Enum):
    NUMBER = "number"
    DATE = "date"
    DEFINITION = "definition"
    LIST = "list"  # several things are asked for, or two are compared
    OTHER = "other"


# Of a folded question, so in lower case and simplified characters; the first that matches decides.
_ASKS = {
    AnswerType.DEFINITION: re.compile(
        r"^什么(?:是|叫)|(?:指的?是|是指|指|意思是|意味着)什么[?。]?$|是什么意思|的(?:定义|含义|意思)(?:是什么)?[?。]?$|"
        r"^what (?:is|does) (?:an? )?[\w-]+(?: [\w-]+)?(?: mean)?\??$|\b(?:definition|meaning) of\b"
    ),
    AnswerType.LIST: re.compile(
        r"哪些|哪几|哪[两三四五六七八九十]|几[种类项点步大]|几个(?:方面|阶段|步骤|部分|类|种)|分别|步骤|列出|列举|包括(?:哪|什么)|"
        r"区别|不同|差异|比较|异同|优缺点|"
        r"\bwhat are\b|\blist\b|\bsteps?\b|\b(?:kinds|types|ways|reasons|examples) of\b|\bdiffer|\bcompare|"
        r"\bversus\b|\bvs\b|\b(?:two|three|four|five|six) \w+s\b|\bpros and cons\b"
    ),
    AnswerType.DATE: re.compile(
        r"哪一?年|何时|什么时候|什么时间|啥时候|哪个?月|几月|日期|什么年|"
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century)\b"
    ),
    AnswerType.NUMBER: re.compile(
        r"多少|几[个名位次年场座倍成]|多大|多长|多高|多久|多远|第几|比例|百分|"
        r"\bhow (?:many|much|long|far|old|often|high|large|big|tall)\b|\bwhat (?:percent|number|share)"
    ),
}
# Of a text as it stands, in either script.
_HOLDS = {
    AnswerType.DEFINITION: re.compile(
        r"是指|指的是|是一?[种種个個类類项項]|是[^。]{2,30}的|定义为|定義為|称为|稱為|"
        r"\b(?:is|are) (?:an? |the |defined )|\b(?:means|refers to)\b"
    ),
    AnswerType.DATE: re.compile(
        r"\b1\d{3}\b|\b20\d\d\b|\d ?[年月]|世[纪紀]|centur|"
        r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
        re.IGNORECASE,
    ),
    AnswerType.NUMBER: re.compile(
        r"\d|[零〇一二三四五六七八九十百千万萬億亿两兩]+[个個名位次场場种種条條座块塊米公倍成年]|半|"
        r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|billion|half)\b",
        re.IGNORECASE,
    ),
}

# A capitalised word that does not begin the question, or anything with a digit in it.
_NAME = re.compile(r"(?<=[\w,] )[A-Z][\w-]*|[\w.-]*\d[\w.-]*", re.ASCII)
_LATIN_WORD = re.compile(r"[A-Za-z][\w-]*", re.ASCII)


def answer_type(question: str) -> AnswerType:
    folded = fold(question)
    return next((asked for asked, pattern in _ASKS.items() if pattern.search(folded)), AnswerType.OTHER)


def holds_type(text: str, asked: AnswerType) -> bool:
    """Tell whether a text holds a thing of the type; never for a list or for what has no type."""
    pattern = _HOLDS.get(asked)
    return pattern is not None and pattern.search(text) is not None


def name_terms(question: str) -> set[str]:
    """Return the terms of a question's names, codes and numbers: what an answer about anything else would lack."""
    words = _NAME.findall(question)
    if has_han(question):  # 用 LoRA 微调时: the Latin words of a Chinese question are names
        words += _LATIN_WORD.findall(question)
    return set(search_terms(" ".join(words)))
