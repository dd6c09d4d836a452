"""What a Chinese question leaves unsaid, and what an earlier one gives for it. Pure, by the tags of its words.

A question that could stand alone is taken to: a topic carried into it by mistake would ruin it.
"""

from __future__ import annotations

import re

from rag.stages.tagged import ASKING, EMPTY, Word, simple, words_of

_PERSONS = frozenset("他 她 他们 她们".split())
_THINGS = frozenset("它 它们 其 其中".split())
_POINTERS = frozenset(
    "该 此 这 那 这个 那个 这些 那些 这种 那种 这样 那样 这里 那里 这儿 那儿 这位 那位 这次 那次 前者 后者 两者 "
    "二者".split()
)
_ALONE = frozenset("这里 那里 这儿 那儿 前者 后者 两者 二者 这 那 这个 那个 这样 那样".split())  # need no noun
_THANKS = frozenset("谢谢 感谢 多谢 明白 知道 了解 没有 可以 继续".split())
_WHEN = frozenset("时候 时间 地方 原因 方面 时 年 月 日 意思 东西".split())
_GENERIC_OWNED = (
    "价格|价钱|费用|成本|作者|人口|面积|首都|省会|大小|重量|高度|长度|年龄|期限|截止日期|上限|下限|原因|结果|后果|目的|目标|优点|缺点|优势|劣势|"
    "好处|坏处|地址|电话|创始人|导演|主角|负责人|发明者|名字|全称|日期|有效期|许可证|默认值|区别|例外|下一步|步骤|特点|作用|意义|影响"
)
_ASKS_END = (
    r"(?:是|有|为|叫|在)?(?:多少|什么|谁|哪[^，。]{0,4}|几[^，。]{0,3}|多[大高长久远重]|怎么样|如何|何时|啥)"
    r"(?:钱|呢|啊|呀|样)?"
)

_LEAD = re.compile(r"^(?:请问一?下?|那么?|所以|然后|还有|另外|好的?|嗯|哦|谢谢|再?问一?下)?[，,、 ]*")
_OF_LEAD = re.compile(r"^(?:那么?|但是?|可|所以)[，, ]*")
_END = re.compile(r"[?？。!！~～… ]+$")
_PIECE = re.compile(
    r"^(?:那么?|还有|另外|以及|或者|换成|如果是|要是|如果换成|对于|关于|"
    r"至于)?[，, ]*(?P<new>[^，。？?]{1,24}?)(?:呢|咋样)$"
)
_THEN = re.compile(r"^那么?[，, ]*(?P<new>[^，。？?]{2,12})$")
_NEEDED = re.compile(r"^(?:一共|总共|大概|大约)?(?:需要|要)(?:什么|哪些|多长|多久|多少|几)[^，。]{0,4}$")
_SWAPPED = re.compile(
    r"^(?:那么?|如果|要是)?[，, ]*(?:换成|换作|改成|如果是|要是)(?P<new>[^，。？?]{1,24}?)(?:呢|怎么样|会怎样|"
    r"又如何|又怎样|行吗)?$"
)
_BARE = re.compile(
    r"^(?:那么?|但是?|可|所以|又|还)?[，, ]*(?:这|那)?(?:又|是|都|会|要|还)?"
    r"(?:为什么|为何|为啥|怎么办|怎么做|怎么会|怎么样|怎样|如何|多少钱|多少|什么时候|何时|几时|哪里|哪儿|在哪里?|"
    r"谁|是谁|哪一?年|多久|多长时间|多大|多高|多远|"
    r"然后|还有|还有吗|还有别的吗|还有其他的?吗|还有哪些|还有什么|具体|具体点|比如说?|例如|举个例子|"
    r"能举个?例子?吗|详细说说|详细一点|说详细点|继续|接着说|"
    r"什么意思|怎么说|怎么理解|怎么用|如何使用|有(?:什么|哪些)(?:用|用处|用途|应用|类型|种类|案例|特点|优点|缺点|优势|区别|例外|要求|条件|"
    r"限制|好处|坏处|作用|影响|风险)|(?:哪|哪一|哪个|哪种|谁)(?:个|种)?(?:更|最|比较)[^，。]{1,6}|结果如何|后来|"
    r"之后|接下来|原因|原因是什么|依据是什么|有例外吗|有什么例外|有哪些例外|第几页)"
    r"(?:呢|啊|呀|吗|这样|会这样|是这样|这么说|这样做)?$"
)
_ORDINAL = re.compile(
    r"^(?:那么?|还有)?(?:第[一二三四五六七八九十\d]+|最后一?|上一?|下一?|另一?|另外一?)(?:个|条|点|种|项|步|章|"
    r"节|款|类|位|部分|阶段)?(?:是|叫)?(?:什么|哪个|谁|怎么样)?呢?$"
)
_OWNED = re.compile(rf"^(?:那么?)?(?:{_GENERIC_OWNED})(?:呢|{_ASKS_END})$")
_YEAR = re.compile(r"(?<!\d)\d{4}(?=年|$)")


def lacks(question: str) -> bool:
    """Tell whether the question cannot be understood without the one before it."""
    bare = simple(_bare(question))
    if any(pattern.match(bare) for pattern in (_BARE, _ORDINAL, _OWNED, _NEEDED)):
        return True
    return _fragment(bare) is not None or _without_subject(bare) or _unresolved(words_of(bare)) is not None


def lacks_noun(clause: str) -> bool:
    """Tell whether a clause names nothing at all: 怎么安装, 多少钱."""
    return not any(word.is_noun for word in words_of(_bare(clause)))


def resolve(question: str, base: str) -> str:
    """Return a question that lacks something with what the earlier one, which stands alone, gives for it."""
    bare, base = _bare(question), _bare(base)
    plain = simple(bare)
    end = "?" if question.rstrip().endswith("?") else "？"
    new = _fragment(bare)
    if new is not None:
        return _with_new(new, base) + end
    words = words_of(bare)
    pronoun = _unresolved(words)
    said = pronoun.text if pronoun else ""
    subject = topic(base) if said == "其中" else subject_of(base, said)
    if subject is None or (pronoun is None and (_BARE.match(plain) or _ORDINAL.match(plain) or _NEEDED.match(plain))):
        about = topic(base)
        return f"{bare}{end}（{about}）" if about else f"{bare}{end}"
    if pronoun is None:
        of = "的" if _OWNED.match(plain) else ""
        return f"{subject}{of}{_OF_LEAD.sub('', bare)}{end}"
    return bare[: pronoun.start] + _put(pronoun, subject) + bare[pronoun.end :] + end


def topic(question: str) -> str:
    """Return what a question is about: without the words that ask, in their order; "" where nothing is left."""
    said = words_of(_LEAD.sub("", _bare(question)))
    words = [
        word
        for at, word in enumerate(said)
        if word.text not in ASKING and not (word.text in _WHEN and _is_asked(said, at))  # 什么时候
    ]
    while words and not words[-1].is_noun and words[-1].tag[:1] in ("v", "u", "p", "y", "r", "x", "d", "n", "m", "q"):
        if words[-1].tag.startswith("v") and len(words[-1].text) > 1:
            break
        words = words[:-1]
    kept = "".join(word.said for word in words).strip("，, 、的是")
    return kept if any(word.is_noun or _says_something(word) for word in words) else ""


def _says_something(word: Word) -> bool:
    return word.tag.startswith("v") and len(word.text) > 1 and word.text not in _THANKS


def names(question: str) -> list[str]:
    """Return the names of people, places, works and other things, in order."""
    return list(dict.fromkeys(text for text, _ in _named(words_of(question))))


def people(sentence: str) -> list[str]:
    """Return the names of people alone, in order."""
    return list(dict.fromkeys(text for text, is_person in _named(words_of(sentence)) if is_person))


def subject_of(base: str, pronoun: str = "") -> str | None:
    """Return the one thing of a question that a pronoun may stand for; None where it is not clear."""
    words = words_of(base)
    found = dict(_named(words))
    if pronoun in _PERSONS:
        people = [text for text, is_person in found.items() if is_person]
        return people[0] if len(people) == 1 else None
    things = [text for text, is_person in found.items() if not is_person] or list(found)
    if pronoun == "它们" and things != [topic(base)]:
        return None  # it may be what is asked of a thing: 深圳有哪些大学？它们的排名如何？
    if len(things) == 1:
        return things[0]
    if things:
        return None
    phrases = _phrases(words)
    if len(phrases) != 1 or not topic(base).startswith(phrases[0]):
        return None
    return phrases[0]


def _bare(question: str) -> str:
    return _END.sub("", question.strip())


def _fragment(bare: str) -> str | None:
    """Return the new thing of 那北京呢, 换成学生呢."""
    plain = simple(bare)
    match = _SWAPPED.match(plain) or _PIECE.match(plain) or _THEN.match(plain)
    if match is None or _BARE.match(plain) or _ORDINAL.match(plain):
        return None
    new = bare[match.start("new") : match.end("new")].strip()
    words = words_of(new)
    if match.re is _THEN and not all(word.is_noun or word.tag in ("m", "t") or word.text == "年" for word in words):
        return None
    if any(word.tag.startswith("v") and word.tag != "vn" for word in words) and len(words) > 2:
        return None
    if any(word.text in ASKING or word.text in _PERSONS | _THINGS | _POINTERS for word in words):
        return None
    return new


def _with_new(new: str, base: str) -> str:
    """Put a year for a year, a name for a like name, or a thing for one that ends alike; else beside what was asked."""
    year = re.fullmatch(r"(?:在|到)?(\d{4})年?", new)
    if year:
        years = _YEAR.findall(base)
        return base.replace(years[0], year[1]) if len(years) == 1 else f"{year[1]}年{base}"
    words = words_of(base)
    core = words_of(new)
    kinds = {word.tag[:2] for word in core if word.is_name}
    is_thing = all(word.is_noun or word.tag in ("m", "b", "ng") or word.text.isspace() for word in core)
    if kinds and is_thing:
        alike = [text for text, _ in _named(words, kinds)]
        if len(alike) == 1:
            return base.replace(alike[0], new)
        anything = list(dict.fromkeys(text for text, _ in _named(words)))
        if not alike and len(anything) == 1:
            return base.replace(anything[0], new)
    nouns = [text for text in _runs(words) if text not in new]
    ending = [text for text in nouns if text[-1] == new[-1]]
    if len(ending) == 1 and is_thing:
        return base.replace(ending[0], new)
    if len(nouns) == 1 and not kinds and is_thing:
        return base.replace(nouns[0], new)
    return f"{base}，{new}"


def _without_subject(bare: str) -> bool:
    """Tell whether it is a question of when, where or who about nothing: 什么时候成立的."""
    words = words_of(_LEAD.sub("", bare))
    if (
        not words
        or len(bare) > 12
        or any(word.is_noun or (word.tag == "m" and word.text not in ASKING) for word in words)
    ):
        return False
    asks = re.search(r"什么时候|何时|哪年|哪一年|谁|哪里|哪儿|何地|多少|多[大高长久]|几", bare)
    does = any(word.tag.startswith("v") and word.text not in ("是", "有", "在") for word in words)
    return asks is not None and does and bare.endswith("的") and not re.match(r"^(?:我|你|您|我们)", bare)


def _unresolved(words: list[Word]) -> Word | None:
    """Return the first pronoun for which the question itself names nothing."""
    for place, word in enumerate(words):
        text = word.text
        if len(text) == 2 and text[0] == "该" and word.tag == "r":  # 该市
            pass
        elif text in _POINTERS:
            if not _points(words, place):
                continue
        elif text not in _PERSONS | _THINGS:
            continue
        before = words[:place]
        owns = text == "其" or (place + 1 < len(words) and words[place + 1].text == "的")
        after_verb = before and (before[-1].tag.startswith("v") or before[-1].tag in ("ul", "ug"))
        named = [other for at, other in enumerate(before) if other.is_noun and not _is_asked(before, at)]
        asked = [
            o for at, o in enumerate(before) if o.tag.startswith("n") and o.text not in _WHEN and _is_asked(before, at)
        ]
        if (
            named
            or _is_put_beside(text, before)
            or (asked and (owns or not after_verb))
            or (text in _PERSONS and any(w.text == "谁" for w in before))
        ):
            return None
        if len("".join(other.text for other in before)) > 16 or _is_named_later(words, place):
            return None
        return word
    return None


def _points(words: list[Word], place: int) -> bool:
    """Tell whether 这, 那, 该 point at something said before: not so in 那怎么办, 修建的那座, 那些会飞的鸟."""
    text = words[place].text
    following = words[place + 1 :]
    if place and text.startswith("那") and words[place - 1].text == "的":
        return False
    if not following:
        return text in _ALONE and text not in ("这", "那")
    after = following[0]
    if any(word.text in ("年", "天", "时", "次", "里") for word in following[:2]) and text in (
        "这",
        "那",
        "这些",
        "那些",
    ):
        return False
    if text in ("该", "此"):
        return after.tag.startswith("n") or after.tag in ("vn", "q", "j") or after.text in "市县国州省校院"
    if text in ("这", "那"):
        if place == 0 and text == "那":
            return after.tag == "q"
        return after.tag[:1] in ("n", "q", "m") or after.text in ("是", "有")
    if text in _ALONE:
        return True
    noun = next((at for at, word in enumerate(following) if word.is_noun or word.text in EMPTY), None)
    relative = next((at for at, word in enumerate(following) if word.text == "的"), None)
    is_relative = relative is not None and any(word.tag.startswith("v") for word in following[:relative])
    return noun is not None and noun <= 1 and not is_relative


def _is_put_beside(pointer: str, before: list[Word]) -> bool:
    """Tell whether 这个 stands right behind what it points at: 大元这个国号; the tags of rare words are often wrong."""
    nothing = ("v", "p", "c", "d", "u", "x", "r", "f", "t", "y")
    return pointer in _POINTERS and bool(before) and not before[-1].tag.startswith(nothing)


def _is_asked(words: list[Word], at: int) -> bool:
    """Tell whether a noun only says what is asked for: 哪个公司, 多少学生; but not 什么是公司."""
    for before in reversed(words[max(0, at - 2) : at]):
        if before.text in ASKING or before.text.startswith("哪"):
            return True
        if before.tag[:1] not in ("q", "m", "a", "b", "n"):
            return False
    return False


def _is_named_later(words: list[Word], place: int) -> bool:
    """Tell whether the pronoun only goes before its name: 在他的作品中，鲁迅……"""
    comma = next((at for at in range(place, len(words)) if words[at].text in "，,"), None)
    return comma is not None and any(word.is_noun for word in words[comma:]) and words[0].tag == "p"


def _put(pronoun: Word, subject: str) -> str:
    text = pronoun.text
    if text == "其":
        return f"{subject}的"
    if text == "其中":
        return f"{subject}中"
    if text in _PERSONS | _THINGS or text in ("这里", "那里", "这儿", "那儿"):
        return subject
    return f"{subject}{pronoun.said}"  # 法国这个国家


def _named(words: list[Word], kinds: set[str] | None = None) -> list[tuple[str, bool]]:
    """Return the names, with the nouns that are part of them (苹果公司), and whether each is a person."""
    found: list[tuple[str, bool]] = []
    at = 0
    while at < len(words):
        end = at
        while (
            end < len(words)
            and (words[end].is_noun or (words[end].text in "·-" and end > at))
            and not _is_asked(words, end)
        ):
            end += 1
        run = words[at:end]
        first = next((number for number, word in enumerate(run) if word.is_name), None)
        if first is not None and (kinds is None or run[first].tag[:2] in kinds):
            whole = run if run[first].tag == "nz" else run[first:]  # 哨兵令牌, but of 总统林肯 the name alone
            found.append(("".join(word.said for word in whole), run[first].tag.startswith("nr")))
        at = max(end, at + 1)
    return found


def _runs(words: list[Word]) -> list[str]:
    """Return the runs of nouns, numbers before them too: 年假 may be taken for 年 and 假."""
    runs: list[str] = []
    run = ""
    for at, word in enumerate(words):
        noun = (word.is_noun or word.tag in ("m", "b", "ng") or word.tag.startswith("n")) and word.text not in ASKING
        if noun and not _is_asked(words, at):
            run += word.said
        else:
            runs, run = [*runs, *([run] if len(run) > 1 else [])], ""
    return runs + ([run] if len(run) > 1 else [])


def _phrases(words: list[Word]) -> list[str]:
    """Return the noun phrases, joined by 的: 公司的年假."""
    phrases: list[str] = []
    phrase = ""
    for at, word in enumerate(words):
        joins = word.text == "的" and phrase and at + 1 < len(words) and words[at + 1].is_noun
        if joins or (
            (word.is_noun or (phrase and word.tag == "m")) and not _is_asked(words, at) and word.text not in ASKING
        ):
            phrase += word.said
        else:
            phrases, phrase = [*phrases, *([phrase] if phrase else [])], ""
    return phrases + ([phrase] if phrase else [])
