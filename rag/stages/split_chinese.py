"""Take a Chinese question that asks for several things apart. Pure, by patterns and the tags of words.

Only where each part asks something, or two things are compared: 和平, titles and what is quoted stay whole.
"""

from __future__ import annotations

import re

from rag.stages import chinese
from rag.stages.quoted import hidden, shown
from rag.stages.tagged import simple, words_of

_AND = "\uf000"  # stands for a conjunction between two things
LEAST_CHARACTERS = 6  # of what a question mark makes a question, whatever its words
SHORT_CHARACTERS = 8  # of a part that may leave its subject out: 创始人是谁
_CONJUNCTIONS = frozenset("和 与 跟 及 以及 还有 vs VS".split())
_ASKING_WORD = re.compile(
    r"什么.*|啥|谁|哪.*|何[时地人种处]?|为何|几.?|多少.*|多[大久长高远重深宽]|怎么.*|怎样|如何|是否|能否|可否|第几"
)
# Where such a word asks nothing: 无论什么, 谁都, 每隔几天, 而不是什么.
_ASKS_NOT = re.compile(
    r"无论|不管|不论|任何|没什么|几乎|几何|(?:^|[\d的])几|(?:什么|谁|哪[里儿个]?|怎么)[^，]{0,3}[都也]|(?:每隔?|"
    r"未来|最近|近|过去|这|那|前|后|数|好|十)几|"
    r"(?:知道|决定|取决于)[^，]{0,6}(?:如何|怎么|什么|谁)|^(?:而|即|从而|也就是|以便|并每|并且每)"
)
_ONLY_SAYS_WHEN = re.compile(
    r"(?:时|时候|后|之后|以后|前|之前|以来|期间|的话|中|里|上|下|方面)$|^(?:如果|假如|若|当|虽然|尽管|由于|因为|"
    r"既然|即使|根据)",
)
_CUT = re.compile(r"(?P<hard>[？?；;。！!]+)|[，,、]\s*")
_JOINED = re.compile(
    r"(?:以及|并且|而且|同时|另外|还有|并|和|与|然后|又)(?=(?:它|他|她|其|谁|什么时候|何时|哪|怎么|怎样|如何|"
    r"为什么|为何|多少|多久|有多|有哪|有什么|是谁|是什么|在哪|由谁|能否|是否))",
)
_ENDS_ASKING = re.compile(r"(?<![是叫])(?:如何|何时|什么时候|怎么|怎样|为什么|哪[里儿]|何地|为何)$")  # 何时和在哪里
_LINK = re.compile(r"^(?:另外|还有|還有|此外|同时|同時)[，,、：: ]+")
_LEAD = re.compile(
    r"^(?:请问一?下?|请|麻烦|帮我|能不能|你?能|可以)*(?:说说|谈谈|介绍一?下?|告诉我|解释一?下?)?[，, ]*",
)

_THING = rf"[^，,。？?；;{_AND}]{{1,24}}"
_DIFFER = "区别|不同之处|不同|差别|差异|异同|不一样|共同点|相同点|相似之处|优缺点"
_COMPARED = (
    re.compile(
        rf"^(?:比较|对比)(?:一下|"
        rf"下)?(?P<a>{_THING}){_AND}(?P<b>{_THING}?)(?:之间)?(?:的(?P<aspect>[^，。的]{{1,12}}))?$"
    ),
    re.compile(
        rf"^(?P<a>{_THING}){_AND}(?P<b>{_THING}?)(?:之间|相比|比较)?，?(?:在(?P<in>[^，。]{{1,12}}?)(?:方面|上)?)?"
        rf"(?:的(?![一两三四五几]个)(?P<aspect>[^，。的]{{1,12}}?))?(?:(?:到底|究竟)?(?:有|存在)(?:什么|何|哪些|"
        rf"多大|啥)|的|之间的?)?"
        rf"(?:[一两三四五几]个|主要|本质|最大|根本|明显|具体)*(?:的|上的?)?(?:{_DIFFER})"
        r"(?:是什么|有哪些|在哪[里儿]?|在于什么|吗|是啥|呢)?$"
    ),
    re.compile(
        rf"^(?P<a>{_THING})(?:{_AND}|还是|、)(?P<b>{_THING}?)，?(?:相比|比较|之间)?，?(?:哪个|哪种|哪一个|哪家|谁)"
        r"(?P<more>(?:更|比较|最|较)[^，。]{1,10})$"
    ),
)
_EACH = re.compile(
    rf"^(?P<things>[^，。]{{1,60}}?{_AND}[^，。]{{1,30}}?)(?P<of>的[^，。的{_AND}]{{1,10}})?(?<!的)(?:各自|分别|"
    rf"各)(?P<asked>.+)$",
)


def split(question: str) -> list[str]:
    """Return the questions that a question asks, each standing alone; itself where it is but one."""
    masked, quotes = hidden(question.strip())
    pieces = _pieces(masked)
    if len(pieces) < 2:
        each = _each(masked)
        return [shown(piece, quotes) for piece in each] if each else [question]
    first = shown(pieces[0][0], quotes)
    said = [first]
    for piece, is_new in pieces[1:]:
        text = shown(piece, quotes)
        said.append(_standing(text, first, is_new=is_new))
    return [_asked(piece) for piece in said]


def sides(question: str) -> list[str]:
    """Return what to look for on each side of a comparison; nothing where there is none."""
    masked, quotes = hidden(_LEAD.sub("", question.strip()))
    bare = _joined(masked.rstrip("？?。！! "))
    plain = simple(bare)
    if plain.count(_AND) > 1:
        return []
    for pattern in _COMPARED:
        match = pattern.match(plain)
        if match:
            spans = {name: match.span(name) for name in match.re.groupindex if match[name]}
            a, b = (bare[slice(*spans[name])].strip() for name in "ab")
            aspect = next((bare[slice(*spans[name])] for name in ("aspect", "in") if name in spans), "")
            alike = a[-2:] == b[-2:] and len(a) > 2  # 硬提示调优, 软提示调优: the tags take them for verbs
            if not (alike or (_is_thing(a) and _is_thing(b))) or a == b or _has_asking_word(simple(aspect)):
                return []
            said = f"的{aspect}" if aspect else bare[slice(*spans["more"])] if "more" in spans else ""
            return [shown(f"{thing}{said}", quotes) for thing in (a, b)]
    return []


def _pieces(masked: str) -> list[tuple[str, bool]]:
    """Return the clauses that ask, each with those before it that only tell, and whether it begins a sentence."""
    pieces: list[tuple[str, bool]] = []
    held, is_new = "", True
    for clause, ends, marked in _clauses(masked):
        held = f"{held}，{clause}" if held else clause
        if _does_ask(clause) or (marked and is_new and len(_LEAD.sub("", simple(held))) >= LEAST_CHARACTERS):
            pieces.append((held, is_new))
            held, is_new = "", ends
        else:
            is_new = is_new or ends
    if held and pieces:
        pieces[-1] = (f"{pieces[-1][0]}，{held}", pieces[-1][1])
    return pieces


def _clauses(masked: str) -> list[tuple[str, bool, bool]]:
    """Return the clauses, whether a sentence ends with each, and whether a question mark stands there."""
    clauses: list[tuple[str, bool, bool]] = []
    start = 0
    for cut in [*_CUT.finditer(masked), None]:
        end = cut.start() if cut else len(masked)
        ends = cut is None or cut["hard"] is not None
        marked = cut is not None and bool(cut["hard"]) and bool(re.search("[？?]", cut["hard"]))
        clause = masked[start:end].strip()
        start = cut.end() if cut else end
        if not clause:
            continue
        joined = _JOINED.search(simple(clause))
        before = clause[: joined.start()] if joined else ""
        if joined and _does_ask(before) and chinese.topic(before) and not _ENDS_ASKING.search(simple(before)):
            clauses += [(clause[: joined.start()], False, False), (clause[joined.end() :], ends, marked)]
        else:
            clauses.append((clause, ends, marked))
    return clauses


def _does_ask(clause: str) -> bool:
    plain = simple(clause)
    if _ASKS_NOT.search(plain) or not (plain.endswith("吗") or _has_asking_word(plain)):
        return False
    words = words_of(plain)
    if words[0].tag == "p" and not any(word.tag.startswith("v") for word in words):  # 通过什么方法，
        return False
    return (
        _ONLY_SAYS_WHEN.search(plain) is None or re.search(r"什么时候$|(?:谁|哪[个一]).*[中里上下]$", plain) is not None
    )


def _standing(piece: str, first: str, *, is_new: bool) -> str:
    """Return a later part with the subject of the first, which Chinese leaves out."""
    if chinese.lacks(piece) or chinese.lacks_noun(piece):
        return chinese.resolve(piece, first)
    subject = chinese.subject_of(first) or chinese.topic(first)
    if (
        is_new
        or len(piece) > SHORT_CHARACTERS
        or chinese.names(piece)
        or not subject
        or any(word.said in piece for word in words_of(first) if word.is_noun)
    ):
        return piece
    return f"{piece}（{subject}）"


def _each(masked: str) -> list[str]:
    """Return a question for each of several things: A和B分别是什么时候成立的."""
    bare = _joined(_LEAD.sub("", masked).rstrip("？?。！! "))
    match = _EACH.match(simple(bare))
    if match is None:
        return []
    things = re.split(rf"[、{_AND}]", bare[slice(*match.span("things"))])
    of = bare[slice(*match.span("of"))] if match["of"] else ""
    asked = bare[slice(*match.span("asked"))]
    owner = things[0].rpartition("的")[0]
    if owner and not any("的" in thing for thing in things[1:]):
        things = [things[0], *(f"{owner}的{thing}" for thing in things[1:])]
    if _AND in asked or len(things) > 4 or not all(map(_is_thing, things)) or not _has_asking_word(simple(asked)):
        return []
    return [_asked(f"{thing}{of}{asked}") for thing in things]


def _is_thing(text: str) -> bool:
    """Tell whether it only names something: no verb, no question."""
    words = words_of(text)
    tells = any(word.tag in ("v", "p", "d", "r", "c", "ul", "uz", "ug") for word in words)
    return bool(words) and not tells and not _has_asking_word(simple(text))


def _has_asking_word(plain: str) -> bool:
    """Tell by whole words: 多大 does not stand in 多伦多大学."""
    return any(_ASKING_WORD.fullmatch(word.text) for word in words_of(plain))


def _joined(text: str) -> str:
    """Return the text with a sign for each word that joins two things."""
    return "".join(
        _AND if word.text in _CONJUNCTIONS and word.tag in ("c", "p", "eng") else word.said for word in words_of(text)
    )


def _asked(piece: str) -> str:
    bare = _LINK.sub("", piece.strip()).rstrip("？?。，, ")
    return bare if bare.endswith(("）", ")")) else f"{bare}？"
