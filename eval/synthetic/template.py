"""Questions that a sentence's own form gives: what is X, how many, when. Pure; knows nothing of other sentences.

Chinese asks where the answer stands: a number becomes 多少, a date 什么时候. English needs the sentence turned, which
is done for the plainest forms alone: what is not one of those gives no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from eval.synthetic.cloze import DATE, MONTHS
from eval.synthetic.made import Made, Sentence

_SUBJECT = r"(?P<subject>(?:The |An? )?[A-Z0-9][^,;:()]{1,60}?)"
# A subject with one of these is half a sentence, or leans on one before it.
_NO_SUBJECT = re.compile(
    r"^(?:with|in|on|at|by|from|for|during|of|to|under|among|since|despite|after|before|while|although|because|north|"
    r"south|east|west|not|all|most|some|many|several|one|two|three|\w+ing)\b|"
    r"\b(?:that|which|who|whose|whether|have|has|had|is|are|was|were|this|these|those|its|their|his|her|such|there|if|"
    r"than|when|where|other|another|and)\b",
    re.IGNORECASE,
)
_LEANS_INSIDE = re.compile(r"\b(?:there|here|then|him|them|it|this|that|these|those)\b")
_NO_PERSON = re.compile(
    r"\b(?:member|number|order|center|letter|river|water|power|chapter|matter|layer|paper|tower|computer|factor|sector|"
    r"vector|motor|floor|error|color|border|corner|pedestrian|register|character|user|server|folder|parameter)\b"
)
_PERSON = re.compile(
    r"(?:an? |the )(?:[\w-]+ )*?\w*(?:er|or|ist|ian|man|woman|king|queen|poet|president|saint|chair|head)"
    r"(?= (?:who|of|from|in|and|at|for|whose|known)\b|[,.]|$)"
)
_IS = re.compile(rf"^{_SUBJECT} (?P<verb>is|are|was|were) (?P<answer>(?:an?|the|any|one of) [^.;]{{8,160}})\.")
_HAS = re.compile(
    rf"^{_SUBJECT} (?P<verb>has|have|had|contains|contain|contained) "
    r"(?P<answer>\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) "
    r"(?P<unit>(?:[a-z-]+ )?[a-z-]+s)\b"
)
_WHEN = re.compile(
    rf"^{_SUBJECT} (?P<verb>was|were) (?P<done>(?:\w+ed|built|born|held|founded|begun|made|won|sold|sent|given|written)"
    rf"(?: (?!in |on )[\w’'-]+){{0,6}}) (?:in|on) "
    rf"(?P<answer>(?:\d{{1,2}} )?(?:(?:{MONTHS}) )?(?:\d{{1,2}}, )?\d{{4}})\b"
)
_IS_ZH = re.compile(
    r"^(?P<subject>[^，。；：、的是在有《》“”（）()\s]{2,14})(?:（[^）]*）|\([^)]*\))?，?"
    r"(?P<verb>是指|指的是|是一[种种個个名位座所家條条部款項项類类門门])(?P<answer>[^。；]{4,80})[。；]"
)
_SAYS = re.compile("认为|認為|表示|指出|主张|主張")  # its subject is another's words
_UNFINISHED = "就都也便曾即正还還亦仍不更最才只又"  # the last character of what is no subject
_CLAUSE = re.compile(
    r"[^，。；！、:：“”\"()（）]{8,}(?=[，。；])"
)  # the first of a sentence: shorter ones do not say what of
_COUNTED = re.compile(
    r"(?<![\d.,年月第至到~-])(?P<answer>\d[\d,.]*\d|\d)(?=[万萬亿億]?(?:多)?(?:个|個|名|人|位|座|所|家|条|條|次|种|種|"
    r"项|項|天|年(?![代级級])|小时|小時|分钟|分鐘|公里|平方公里|千米|米|吨|噸|岁|歲|元|美元|张|張|页|頁|件|只|隻|場|场)(?!.{0,3}[到至~-]\d))"
)
_DATED = re.compile(
    r"(?P<before>于|於|在)(?P<answer>\d{3,4}年(?:\d{1,2}月(?:\d{1,2}[日号號])?)?)(?=[^，。；底初末代间間至到的])"
)
LEAST_BEFORE = 2  # characters before what is asked for: the subject


def templated(sentence: Sentence) -> Iterator[Made]:
    """Yield the questions that the sentence's form gives; none for most sentences."""
    makers = (_what_zh, _counted_zh, _when_zh) if sentence.language == "zh" else (_what, _how_many, _when)
    for maker in makers:
        for question, answer in maker(sentence.text):
            yield Made("template", question, (answer,), sentence)


def _what(text: str) -> Iterator[tuple[str, str]]:
    match = _IS.match(text)
    if match and not _NO_SUBJECT.search(match["subject"]):
        person = _PERSON.match(match["answer"])
        asks = "Who" if person and not _NO_PERSON.search(person.group()) else "What"
        yield f"{asks} {match['verb']} {_lowered(match['subject'])}?", match["answer"]


def _how_many(text: str) -> Iterator[tuple[str, str]]:
    match = _HAS.match(text)
    if match and not _NO_SUBJECT.search(match["subject"]):
        verb = match["verb"]
        helper = "did" if verb in ("had", "contained") else "do" if verb in ("have", "contain") else "does"
        plain = "contain" if verb.startswith("contain") else "have"
        yield f"How many {match['unit']} {helper} {_lowered(match['subject'])} {plain}?", match["answer"]


def _when(text: str) -> Iterator[tuple[str, str]]:
    match = _WHEN.match(text)
    if match and not _NO_SUBJECT.search(match["subject"]) and not _LEANS_INSIDE.search(match["done"]):
        yield f"When {match['verb']} {_lowered(match['subject'])} {match['done']}?", match["answer"]


def _what_zh(text: str) -> Iterator[tuple[str, str]]:
    match = _IS_ZH.match(text)
    if match and match["subject"][-1] not in _UNFINISHED and not _SAYS.search(match["subject"]):
        who = match["verb"][-1] in "名位"
        yield f"{match['subject']}是谁？" if who else f"什么是{match['subject']}？", match["answer"]


def _counted_zh(text: str) -> Iterator[tuple[str, str]]:
    clause = _CLAUSE.match(text)
    found = [one for one in _COUNTED.finditer(clause.group()) if not _is_date(one)] if clause else []
    if clause and len(found) == 1 and found[0].start() >= LEAST_BEFORE:
        before, after = clause.group()[: found[0].start()].rstrip(), clause.group()[found[0].end() :].lstrip()
        yield f"{before}多少{after}？", found[0]["answer"]


def _when_zh(text: str) -> Iterator[tuple[str, str]]:
    clause = _CLAUSE.match(text)
    found = list(_DATED.finditer(clause.group())) if clause else []
    if clause and len(found) == 1 and found[0].start() >= LEAST_BEFORE:
        before, after = clause.group()[: found[0].start()].rstrip(), clause.group()[found[0].end() :].lstrip()
        if "的" not in after:  # it would be the date of something that is said in passing
            yield f"{before}在什么时候{after}？", found[0]["answer"]


def _is_date(match: re.Match[str]) -> bool:
    return any(date.start() <= match.start() < date.end() for date in DATE.finditer(match.string))


def _lowered(subject: str) -> str:
    """The article is no longer the sentence's first word."""
    first, _, rest = subject.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An") and rest else subject
