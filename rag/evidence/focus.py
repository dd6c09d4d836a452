"""What a question wants to be told: a person, a place, a year, so many of something, a reason; and by which noun.

Pure, by patterns and word lists. Knows nothing of passages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from rag.text import fold, has_han


class Kind(IntEnum):
    OTHER = 0
    PERSON = 1
    BODY = 2  # a company, a party, a university, a team
    PLACE = 3
    DATE = 4
    NUMBER = 5
    PERCENT = 6
    MONEY = 7
    DURATION = 8
    REASON = 9
    MANNER = 10
    NAME = 11  # what something is called
    THING = 12  # what X, which X: a thing of the kind that the noun names
    DEFINITION = 13


@dataclass(frozen=True, slots=True)
class Focus:
    """asks: where in the folded question the words that ask stand. noun: what is asked for, folded; "" if unsaid."""

    kind: Kind
    noun: str
    start: int
    end: int


_PERSONS = frozenset(
    "person people man woman king queen emperor pope president leader actor actress singer player author writer "
    "architect scientist engineer general explorer philosopher artist composer director minister chancellor founder "
    "inventor mathematician theologian bishop governor mayor coach quarterback character chairman officer ruler khan "
    "physicist chemist biologist historian painter musician producer".split()
)
_BODIES = frozenset(
    "company organization organisation university team school group party agency institution church firm network "
    "college court committee association club corporation studio band army department ministry museum bank tribe "
    "government body council publisher channel station league union brand family house dynasty".split()
)
_PLACES = frozenset(
    "country city state place location town area region province continent island river mountain county street "
    "stadium building village ocean sea lake countries cities states places district neighborhood nation venue "
    "where hotel park castle airport valley territory borough desert forest coast".split()
)
_DATES = frozenset("year date month day century decade years time era period season dates decades".split())
_AMOUNTS = frozenset("number amount size quantity population score rank ratio temperature distance area value".split())

_AUXILIARY = (
    r"(?:is|was|are|were|did|does|do|has|have|had|can|could|will|would|should|may|might|must|be|been|"
    r"of|in|for|to|that|who|which|from|on|at|by|with|the|a|an|about)"
)
_ENGLISH = re.compile(
    r"\b(?:who(?:se|m)?|where|when|why|how(?: (?:many|much|long|far|often|old|large|big|high|tall|deep|fast|wide))?|"
    r"what|which)\b"
)
_NOUN_AFTER = re.compile(rf"\s+((?:(?!{_AUXILIARY}\b)[a-z][\w'-]*\s*){{1,5}})")
_BE = re.compile(
    r"\s+(?:is|was|are|were)\s+(?:the |an? )?(?:names? (?:of|for) (?:the |an? )?)?([\w'-]+(?:\s+[\w'-]+){0,3})"
)
_DOES = re.compile(r"(?:is|was|are|were|did|does|do|has|have|had|can|could|will|would|should|may|might|must)\b")
_KNOWN = _PERSONS | _BODIES | _PLACES | _DATES | _AMOUNTS
_BUYS = re.compile(r"\b(?:cost|money|pay|paid|worth|spen[dt]|price|dollars?|earn|sold|fund)")
_SPANS_OF_TIME = frozenset("years days hours minutes months weeks".split())
_CALLED = re.compile(r"\b(?:called|named|name|nickname|nicknamed|known as|term|title|titled|word|referred to as)\b")
_CHINESE_ASKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.PERSON, re.compile("谁|何人|哪一?(?:位|个人|名)|什么人")),
    (
        Kind.DATE,
        re.compile(
            "哪一?(?:年代?|天|日|个?月份?|个世纪|个年代)|何时|何年|什么时[候间期]|啥时候|几年几月|几月|什么日期|什么年份?|"
            "哪个时[期间]|什么世纪"
        ),
    ),
    (
        Kind.PLACE,
        re.compile(
            "哪里|哪儿|何处|何地|什么地方|哪个?地[方区]|什么(?:国家|城市|地区|位置)|"
            "哪一?(?:个|座)?(?:国家|城市|省份?|州|国|市|县|区|岛屿?|洲|城|村|镇|街|港口)"
        ),
    ),
    (Kind.PERCENT, re.compile("百分之(?:多少|几)|多[大少]?(?:的)?比例|比例(?:是|为)多少|占多少|百分比")),
    (Kind.MONEY, re.compile("多少(?:万|亿)?(?:钱|元|美元|英镑|欧元|日元|港元|人民币|美金|卢比)")),
    (Kind.DURATION, re.compile("多久|多长时间|(?:多少|几)个?(?:年|天|小时|分钟|秒|星期|周)|多少个?月")),
    (Kind.NUMBER, re.compile("多少|几(?!乎)|多[大长高远重宽深快厚]|第几")),
    (Kind.REASON, re.compile("为什么|为何|为啥|何故|什么原因|原因是什么|什么理由|因为什么|因何")),
    (Kind.MANNER, re.compile("怎么样?|怎样|如何|什么方[式法]|何种方[式法]")),
    (
        Kind.THING,
        re.compile("什么样的|什么|哪(?:一|些|几|两|三)?[个种类位所家座条支项部本场次届款只片首艘段颗层级]?|何种|何|啥"),
    ),
)
_CHINESE_PERSONS = re.compile("(?:人|者|家|员|师|长|王|帝|后|君|臣|将|父|母|妻|子|教皇|总统|主席|首相|导演|选手)$")
_CHINESE_BODIES = re.compile(
    "(?:公司|大学|学校|学院|组织|机构|队|党|集团|银行|协会|学会|部门|委员会|团体|家族|王朝|政府|企业|媒体|电视台|报纸)$"
)
_CHINESE_PLACES = re.compile("(?:国|国家|市|省|州|县|区|岛|洲|河|山|湖|地|地点|海|港|站|路|街|镇|村|首都|首府|位置)$")
_CHINESE_NAMES = frozenset("名 名字 名称 称呼 名词 绰号 昵称".split())
_DEFINES = re.compile(
    r"^什么(?:是|叫)|(?:指的?是|是指|意思是|意味着)什么[?。]?$|是什么意思|的(?:定义|含义)|"
    r"^what (?:is|are|does) (?:an? )?[\w-]+(?: [\w-]+)?(?: mean)?\??$"
)
_HAN_NOUN = re.compile(r"[\u4e00-\u9fff]{1,6}")
_IS_WHAT = re.compile(r"([\u4e00-\u9fff]{1,4})(?:是|为|叫做?|称为|名为|分别是|有)$")


def focus_of(question: str) -> Focus:
    folded = fold(question)
    return _chinese(folded) if has_han(folded) else _english(folded)


def _english(folded: str) -> Focus:
    match = _ENGLISH.search(folded)
    if match is None:
        return Focus(Kind.OTHER, "", 0, 0)
    asks, start, end = match.group(), match.start(), match.end()
    if asks.startswith("who"):
        return Focus(Kind.PERSON, "", start, end)
    if asks == "where":
        return Focus(Kind.PLACE, "", start, end)
    if asks == "when":
        return Focus(Kind.DATE, "", start, end)
    if asks == "why":
        return Focus(Kind.REASON, "", start, end)
    if asks.startswith("how"):
        return _how(folded, asks, start, end)
    noun = _english_noun(folded, end)
    return Focus(_kind_of_noun(folded, noun), noun, start, end)


def _how(folded: str, asks: str, start: int, end: int) -> Focus:
    noun = _english_noun(folded, end) if asks.endswith(("many", "much")) else ""
    if asks == "how long" or (asks == "how many" and noun in _SPANS_OF_TIME):
        return Focus(Kind.DURATION, noun, start, end)
    if asks == "how much" and _BUYS.search(folded):
        return Focus(Kind.MONEY, noun, start, end)
    return Focus(Kind.MANNER if asks == "how" else Kind.NUMBER, noun, start, end)


def _english_noun(folded: str, end: int) -> str:
    """Return the head of the noun phrase after the word that asks, or after is the."""
    found = _NOUN_AFTER.match(folded, end)
    if found is None:
        found = _BE.match(folded, end)
        if found is None:
            return ""
        words = found.group(1).split()
        cut = next((i for i, word in enumerate(words) if re.fullmatch(_AUXILIARY, word)), len(words))
        return words[cut - 1] if cut else ""
    words = found.group(1).split()
    known = next((word for word in words[:3] if word in _KNOWN), "")
    if known or len(words) == 1:
        return known or words[0]
    # What award did: the verb is to come. What award won the: it is the last of these words.
    return words[-1] if _DOES.match(folded, found.end()) else words[-2]


def _kind_of_noun(folded: str, noun: str) -> Kind:
    if noun in _DATES:
        return Kind.DATE
    if noun in ("percent", "percentage", "share", "proportion", "fraction"):
        return Kind.PERCENT
    if noun in _PERSONS:
        return Kind.PERSON
    if noun in _BODIES:
        return Kind.BODY
    if noun in _PLACES:
        return Kind.PLACE
    if noun in _AMOUNTS:
        return Kind.NUMBER
    if noun in ("reason", "cause", "purpose"):
        return Kind.REASON
    if noun in ("cost", "price", "salary", "budget"):
        return Kind.MONEY
    if _CALLED.search(folded):
        return Kind.NAME
    if _DEFINES.search(folded):
        return Kind.DEFINITION
    return Kind.THING


def _chinese(folded: str) -> Focus:
    for kind, pattern in _CHINESE_ASKS:
        match = pattern.search(folded)
        if match is None:
            continue
        start, end = match.span()
        if kind is not Kind.THING:
            return Focus(kind, _noun_at(folded, end) if kind is Kind.NUMBER else "", start, end)
        noun = _noun_at(folded, end)
        if not noun:
            before = _IS_WHAT.search(folded[:start])
            noun = before.group(1).rpartition("的")[2] if before else ""
        return Focus(_kind_of_chinese_noun(folded, noun, start), noun, start, end)
    return Focus(Kind.OTHER, "", 0, 0)


def _noun_at(folded: str, start: int) -> str:
    """Return the nouns that begin there."""
    import rjieba  # with its dictionary, which takes 0.2 s: not every question is Chinese

    run = _HAN_NOUN.match(folded, start)
    if run is None:
        return ""
    noun = ""
    for word, tag in rjieba.tag(run.group()):
        if not noun and tag.startswith("q"):  # what it is counted by
            continue
        if not tag.startswith(("n", "vn", "j", "l", "i", "a", "b")) or (noun and tag.startswith("a")):
            break
        noun += word
    return noun


def _kind_of_chinese_noun(folded: str, noun: str, start: int) -> Kind:
    if noun in _CHINESE_NAMES or folded[:start].endswith(("叫", "叫做", "称为", "名为", "称作")):
        return Kind.NAME
    if _DEFINES.search(folded):
        return Kind.DEFINITION
    if _CHINESE_BODIES.search(noun):
        return Kind.BODY
    if _CHINESE_PLACES.search(noun):
        return Kind.PLACE
    if _CHINESE_PERSONS.search(noun):
        return Kind.PERSON
    return Kind.THING
