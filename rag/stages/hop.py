"""A second round where a question only describes what it asks about: "Where was the author of Dune born?"

The first passages may name what is described; then it is asked again by that name. A cheap test keeps all other
questions to one round. Knows nothing of searching.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.plan import NAMED, Plan, Query
from rag.stages import chinese, english
from rag.stages.quoted import hidden, shown
from rag.stages.tagged import ASKING, simple, words_of
from rag.text import fold, has_han, search_terms, sentence_spans, telling_terms
from rag.types import Passage

PASSAGES = 3  # in which names are looked for
NAMES = 2  # each a part of its own
LEAST_COVER = 0.6  # of the description's words, as a share of what the best sentence holds
MOST_CHARACTERS = 40  # of a name

_ROLE = (
    "author|writer|director|founder|co-?founder|ceo|chief "
    "executive|president|chair(?:man|woman|person)?|manager|head|owner|"
    "inventor|discoverer|creator|developer|maker|manufacturer|publisher|composer|designer|architect|singer|actor|actress|"
    "winner|leader|king|queen|emperor|mayor|minister|wife|husband|mother|father|son|daughter|brother|sister|teacher|student|"
    "capital|headquarters|birthplace|home ?town|parent "
    "company|subsidiary|supplier|successor|predecessor|captain|coach"
)
_KIND = (
    "person|people|man|woman|company|firm|city|town|country|state|university|school|book|novel|film|movie|band|team|"
    "author|writer|scientist|engineer|director|artist|player|department|office|product|system|project|law|river|island"
)
# Dune's author's home town
_OWNED = re.compile(
    rf"^(?P<before>.+?\b)(?P<nested>[A-Z\ue000-\ue0ff][\w.-]*(?: [A-Z][\w.-]*)*['’]s? (?:{_ROLE}))['’]s? (?P<after>.+)$"
)
_NESTED = (
    # the city where the Contoso head office stands
    re.compile(
        rf"^(?P<before>.+?\b)(?P<nested>the (?:[\w-]+ ){{0,2}}?(?:{_KIND}|{_ROLE}) (?:that|which|who|whom|whose|"
        rf"where|in which) .+?)(?P<after>)$",
        re.IGNORECASE,
    ),
    # the author of Dune born
    re.compile(
        rf"^(?P<before>.+?\b)(?P<nested>the (?:[\w-]+ )?(?:{_ROLE}) of (?:the (?:[\w-]+ ){{0,2}}?(?:of )?)?"
        r"(?:[a-z-]+(?= [\w-]+$)|[A-Z0-9\ue000-\ue0ff][\w.'’-]*|[\ue000-\ue0ff])(?: (?:of |the |"
        r"and )*[A-Z0-9\ue000-\ue0ff][\w.'’-]*)*)(?P<after>.*)$",
    ),
    _OWNED,
)
# What asks for the described thing itself: one round is enough.
_ONLY_NAMES = re.compile(
    r"^(?:and )?(?:what|which|who|where)(?: \w+)? (?:(?:is|was|are|were)|was \w+ to be)(?: the (?:full |last |"
    r"first )?(?:name|title) of)?$",
    re.IGNORECASE,
)
_ONE_WORD_OR_OWNED = re.compile(r"^ [\w-]+$|'s ")  # "born", "attend": what is asked of it
_ASKS = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how)\b", re.IGNORECASE)

_ROLE_ZH = (
    "作者|作家|导演|编剧|创始人|创办人|总裁|首席执行官|董事长|校长|市长|总统|总理|主席|负责人|经理|发明者|发明人|发现者|设计者|设计师|建筑师|"
    "作曲者|主演|主唱|冠军|得主|妻子|丈夫|母亲|父亲|儿子|女儿|老师|学生|首都|省会|总部|出生地|故乡|母公司|子公司|供应商|继任者|前任|队长|教练|"
    "开发商|制造商|出版社"
)
_KIND_ZH = (
    "人|公司|企业|机构|城市|国家|省|省份|大学|学校|书|小说|电影|乐队|球队|作家|科学家|工程师|部门|产品|系统|项目|"
    "河流|岛屿|朝代|皇帝"
)
_NESTED_ZH = (
    re.compile(
        rf"^(?P<nested>[^，。？?]{{2,40}}?(?:所在的?|的(?:那个?|那家|那座|那位)?)(?:{_KIND_ZH}))(?P<after>的[^，。？?]{{2,30}})$"
    ),
    re.compile(
        rf"^(?P<nested>[^，。？?]{{2,40}}?(?:{_ROLE_ZH})(?:所在的?(?:城市|国家|地区|省份?|"
        rf"地))?)(?P<after>(?!的?(?:名字|姓名))[^，。？?]{{2,30}})$"
    ),
)
_VERBS_OF_NAMING = frozenset("是 为 叫 叫做 称为 称 有 在 位于 当 任 担任 指 可能 可以".split())


@dataclass(frozen=True, slots=True)
class Nested:
    """A question and the description in it, which a name may stand for."""

    described: str
    before: str
    after: str

    def asked_of(self, name: str) -> str:
        return f"{self.before}{name}{self.after}"


class Hop:
    """Implements plan.NextHop."""

    name = NAMED

    def __call__(self, plan: Plan, passages: Sequence[Passage]) -> tuple[Query, ...]:
        nested = nested_of(plan.question)
        if nested is None:
            return ()
        first = 1 + max(query.part for query in plan.queries)
        found = names_for(nested, plan.question, passages[:PASSAGES])
        return tuple(Query(nested.asked_of(name), self.name, number) for number, name in enumerate(found, first))


def nested_of(question: str) -> Nested | None:
    """Return the description in a question that asks for something else of what it describes."""
    masked, quotes = hidden(question.strip().rstrip("?？。 "))
    if has_han(question):
        return _nested_zh(masked, quotes)
    for pattern in _NESTED:
        match = pattern.match(masked)
        if (
            match
            and _ASKS.search(match["before"])
            and (
                not _ONLY_NAMES.match(match["before"].strip())
                or _ONE_WORD_OR_OWNED.search(match["after"])
                or pattern is _OWNED
            )
        ):
            after = (
                match["after"]
                if match["after"].startswith((" ", "'")) or not match["after"]
                else f"'s {match['after']}"
            )
            return Nested(shown(match["nested"], quotes), shown(match["before"], quotes), f"{shown(after, quotes)}?")
    return None


def _nested_zh(masked: str, quotes: list[str]) -> Nested | None:
    plain = simple(masked)
    for pattern in _NESTED_ZH:
        match = pattern.match(plain)
        if match and _describes(match["nested"]) and _asks_more(match["after"]):
            described, after = (shown(masked[slice(*match.span(name))], quotes) for name in ("nested", "after"))
            return Nested(described, "", f"{after}？")
    return None


def _describes(nested: str) -> bool:
    """Tell whether it is a name and what is asked of it: 法国首都, 《三体》的作者, 写了《三体》的作家."""
    words = words_of(nested)
    if any(word.text in ASKING or word.tag in ("p", "c", "d") for word in words) or len(words) < 2:
        return False
    places = [at for at, word in enumerate(words) if re.fullmatch(f"{_ROLE_ZH}|{_KIND_ZH}", word.text)]
    place = places[-1] if places else 0
    named = any(word.is_name for word in words) or re.search("[\ue000-\ue0ff]", nested) is not None
    if not place or not named:
        return False
    before = words[place - 1]
    tells = any(word.tag.startswith("v") for word in words[: place - 1])
    return (before.text == "的" or (before.is_name and not tells) or before.text.startswith("所在")) and (
        not tells or before.text == "的"
    )


def _asks_more(after: str) -> bool:
    """Tell whether more is asked than what or where the described thing is."""
    if after.startswith("的"):
        return True
    return any(word.tag.startswith("v") and word.text not in _VERBS_OF_NAMING for word in words_of(after))


def names_for(nested: Nested, question: str, passages: Sequence[Passage]) -> list[str]:
    """Return the names that stand where the passages speak of what is described, and not in the question."""
    wanted = set(telling_terms(nested.described))
    told: list[tuple[float, int, str]] = []
    for place, passage in enumerate(passages):
        for span in sentence_spans(passage.text):
            sentence = span.of(passage.text)
            terms = set(search_terms(sentence))
            cover = len(wanted & terms) / len(wanted) if wanted else 0.0
            told.append((-cover, place, sentence))
    told.sort()
    best = told[0][0] if told else 0.0  # covers are negative: the most comes first
    found: dict[str, None] = {}
    for _, _, sentence in [one for one in told[:PASSAGES] if one[0] <= LEAST_COVER * best < 0]:
        names = chinese.names(sentence) if has_han(sentence) else english.names(sentence)
        for name in names:
            bare = name.strip("《》“”「」『』\"'")
            if len(bare) > 1 and len(bare) <= MOST_CHARACTERS and not _is_said(bare, question):
                found.setdefault(bare)
    return list(found)[:NAMES]


def _is_said(name: str, question: str) -> bool:
    """Tell whether the question has the name already, or every word of it."""
    plain = fold(question)
    return fold(name) in plain or (not has_han(name) and set(search_terms(name)) <= set(search_terms(question)))
