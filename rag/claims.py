"""Which sentences of an answer claim something, and where each ends in a text that still grows. Pure, by patterns.

A sentence that claims nothing needs no source: it has no words; it asks; it is a heading or a row of a table; it leads
in to what follows with a colon and holds no figure; it greets, or talks of the answer itself; or it says that the
documents do not tell. All else claims something, be it one word.
"""

from __future__ import annotations

import re

from rag.text import HAN, goes_on

MOST_CHARACTERS = 2000  # of a sentence: a longer one is cut there
FEW_WORDS = 3  # a piece of a sentence with fewer goes with what stands before it

_CLOSERS = r"[\"'”’」』）)\]】》〉*_]{0,8}+"
# As rag.text ends a sentence, but every run is bounded: a stream cannot wait for the end of one that has none.
_END = re.compile(
    rf"[。！？｡]{{1,8}}+{_CLOSERS}|(?:(?<![!?…])[!?…]{{1,8}}+|(?<!\.)\.{{1,8}}+){_CLOSERS}(?=\s|\Z|[{HAN}])|\n"
)
LOOKAHEAD = 2  # characters after a full stop that decide whether it ends a sentence

_BULLET = re.compile(r"\s*(?:>\s?)*(?:[-*+•·]\s+|\(?\d{1,3}[.)、）](?!\d)\s*|（\d{1,2}）)?")
_JOINTS = " \t\r\n,，、;；:："
_JOINER = re.compile(r"\W*(?:and|or|和|与|及|以及|或)\W*", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*{1,3}|__|`|~~|^\s*#{1,6}\s+|\|")
# A heading, a row of a table, or a line that is one short piece of bold.
_HEADING = re.compile(r"\s*(?:#{1,6}\s|\||(?:\*\*|__)(?:\d+[.、)] ?)?[^*_\n.。!！]+(?:\*\*|__)\s*$)")
_ROW = re.compile(r"\s*\|")
_ASKS_OR_LEADS_IN = re.compile(r"[?？][\"'”’」』）)*_]*\s*$")
_COLON = re.compile(r"[:：][*_\"”]*\s*$")
_FIGURE = re.compile(r"\d")
_WORD = re.compile(rf"[{HAN}]|[^\W_]+")
_LONE = re.compile(rf"[{HAN}]")

_THEM_EN = r"(?:documents?|passages?|sources?|texts?|context|excerpts?|materials?|provided information)"
_THEM_ZH = r"(?:文档|文檔|文件|段落|资料|資料|材料|文中|原文|上文|文本|来源|來源|上下文)"
_NOT_EN = r"(?:(?:do|does|did|is|are) ?n[o'’]t|(?:can|could) ?n[o'’]?t|cannot|never|nowhere)"
_SAID_EN = r"(?:information|mention|answers?|evidence|details?|anything|data on)"
_ANSWER_ZH = r"(?:答案|相关|相關|有关|有關)"
_TELL_ZH = r"(?:提到|提及|说明|說明|涉及|讨论|介绍|描述|指出|回答|记载|谈到|写明|找到|明确|告诉)"
_NO_ZH = r"(?:没有|沒有|并未|未能?|无法|無法|不能|不足以|找不到|没能|不曾|不)"
_TELL_EN = r"(?:tell|say|mention|state|specify|answer|address|discuss|indicate|describe|explain|cover|know)"
_HOLD_EN = r"(?:contain|provide|give|include|hold|offer|ha(?:ve|s))s?"
_TOLD_EN = r"(?:mentioned|stated|given|specified|found|answered|provided|described|covered|available|determined)"
_NOT_FOUND = re.compile(
    # The documents do not (clearly) tell; they do not contain the answer; they hold no information.
    rf"\b{_THEM_EN}\b[^.!]{{0,60}}?\b{_NOT_EN} (?:\w+ ){{0,2}}?(?:{_TELL_EN}|{_HOLD_EN}\b[^.!]{{0,30}}\b{_SAID_EN})"
    rf"|\b{_THEM_EN}\b[^.!]{{0,60}}?\b{_HOLD_EN} no [^.!]{{0,20}}{_SAID_EN}"
    # Nothing about it is found in the documents.
    rf"|\bno (?:\w+ ){{0,2}}{_SAID_EN}\b[^.!]{{0,60}}\b(?:in|from|within|by)\b[^.!]{{0,20}}\b{_THEM_EN}\b"
    rf"|(?:\bnot|n['’]t|\bnever|\bnowhere) (?:\w+ )?{_TOLD_EN}\b[^.!]{{0,20}}\b(?:in|by|from)\b"
    rf"[^.!]{{0,20}}\b{_THEM_EN}\b"
    rf"|\b(?:can ?not|can['’]t|could not|couldn['’]t|unable to) (?:\w+ )?(?:find|determine|{_TELL_EN}|{_TOLD_EN})\b"
    rf"[^.!]{{0,60}}\b{_THEM_EN}\b"
    rf"|{_THEM_ZH}[^。！]{{0,16}}?{_NO_ZH}[^。！，]{{0,10}}?(?:{_TELL_ZH}|{_ANSWER_ZH})"
    rf"|{_NO_ZH}[^。！]{{0,20}}{_THEM_ZH}[^。！]{{0,12}}?(?:{_TELL_ZH}|得出|确定|{_ANSWER_ZH})",
    re.IGNORECASE,
)
_SAYS_OF_ANSWER = re.compile(
    r"(?:hello|hi|hey|dear \w+|welcome|sure|certainly|of course|absolutely|okay|ok|great question|thanks|thank you"
    r"|sorry|i['’]?m sorry|unfortunately|apologies|yes|no)(?:[ ,]+(?:there|again|thing|here you go))?"
    rf"|(?:here (?:is|are)|here['’]s|below (?:is|are)|the following)\b[^.\d]{{0,80}}"
    rf"|(?:according to|based on|from) (?:the |these |your )?(?:\w+ ){{0,2}}{_THEM_EN}"
    r"|(?:in|to) (?:summary|short|conclusion|summari[sz]e|conclude)"
    r"|(?:please )?let me know\b[^.\d]*|feel free to\b[^.\d]*|i hope\b[^.\d]*|if you (?:have|need|want|would)\b[^.\d]*"
    r"|(?:你好|您好|当然|當然|好的|可以|谢谢|謝謝|抱歉|很抱歉|对不起|對不起|是的|不是|没有问题)[呀啊的]?"
    rf"|(?:以下|下面|如下|综上|总之|总结|综上所述)[^。\d]{{0,24}}"
    rf"|(?:根据|依据|按照)(?:以上|上述|所?提供的|给定的|您的|这些)?{_THEM_ZH}(?:的?(?:内容|信息))?"
    rf"|希望[^。\d]{{0,20}}(?:帮助|有用)|如[果有您][^。\d]{{0,20}}(?:问题|疑问|需要)[^。\d]{{0,20}}|请告诉我[^。\d]{{0,20}}",
    re.IGNORECASE,
)
_APOLOGY = re.compile(
    r"(?:i['’]?m |i am |we are )?(?:very )?(?:sorry|unfortunately|apologies)\b[^.\d]{0,60}$"
    r"|(?:很|非常)?(?:抱歉|对不起|遗憾)[^。\d]{0,30}$"
)
_ATTRIBUTION = re.compile(
    rf"(?:according to|based on|as stated in|from) (?:the |these |your )?(?:\w+ ){{0,1}}{_THEM_EN}[,:] "
    rf"|(?:根据|依据|按照)(?:以上|上述|所?提供的|给定的|您的|这些)?{_THEM_ZH}(?:的?(?:内容|信息|记载))?[，,：:]",
    re.IGNORECASE,
)
# A clause after which a mark names what the rest of the sentence rests on: "According to [1], ...", 根据[1]，……
_LEAD_IN = re.compile(
    r"(?:(?:while|whereas|but|and|yet)\b ?|而|但是?|另)?"
    r"(?:as )?(?:according to|based on|per|from|in|see|(?:stated|described|noted|mentioned|shown|said) (?:in|by))?"
    rf"(?: ?(?:the |both )?{_THEM_EN})?|(?:而|但是?|另)?(?:根据|依据|按照|据|如|参见|见|由|在|从)?{_THEM_ZH}?",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r".*[,，;；]", re.DOTALL)
# What a passage does that is named by a mark: [2] says so.
_SAYING_EN = (
    "say says said state states report reports mention mentions note notes give gives claim claims put puts".split()
)
_SAYING_ZH = "说 說 称 稱 指出 提到 记载 写道 认为 显示 表示 则 則 的说法".split()
_SAYING = re.compile(
    rf"[ \t]{{0,8}}(?:(?:{'|'.join(_SAYING_EN)})\b(?: that\b)?|{'|'.join(_SAYING_ZH)})[，,]?", re.IGNORECASE
)
_WORD_BEGUN = re.compile(r"[ \t]{0,8}([A-Za-z]*|[^\W\d_a-zA-Z]{0,2})\Z")
# How a sentence may begin that turns out to say that nothing was found.
_BEGINNINGS = (
    "documents|passages|sources|the document|the passage|the source|the text|the context|the excerpt|"
    "the material|the provided|the given|the available|the information|the answer|these documents|"
    "these passages|these sources|this is not|your documents|there is no|there are no|there's no|"
    "no information|no mention|no answer|no evidence|no relevant|none of|nothing in|neither|i do not|i don|"
    "i can|i could|i am unable|i'm unable|i am sorry|i'm sorry|sorry|unfortunately|apologies|based on|"
    "according to|from the|in the documents|in the passages|in the sources|it is not|we could|we can|"
    "文档|文檔|文件|段落|资料|資料|材料|文中|原文|上文|文本|来源|上下文|提供的|所提供|给定|"
    "这些|上述|以上|没有|沒有|未能|未找到|无法|無法|不能|找不到|不知道|抱歉|很抱歉|非常抱歉|"
    "对不起|對不起|遗憾|很遗憾|根据|在提供|在给定|在文档|在这些|从提供|从文档|目前"
).split("|")
_BEFORE_WORDS = re.compile(r"\W*(?:\d{1,3}[.)、）]\W*)?")
LONGEST_SAID = 300  # characters of a sentence that says no more than that


def sentence_end(text: str, scan: int, *, closed: bool) -> tuple[int | None, int]:
    """Return where the sentence that text begins with ends, None where that is not known yet, and where to look next.

    scan: what the last call said, 0 at first. closed: there is no more text.
    """
    for match in _END.finditer(text, scan):
        if match.end() > MOST_CHARACTERS:
            break
        if not closed and match.end() + LOOKAHEAD > len(text):
            return None, match.start()
        if match.group() == "\n" or not goes_on(text, match, 0):
            return match.end(), match.end()
    if len(text) > MOST_CHARACTERS:
        return MOST_CHARACTERS, MOST_CHARACTERS
    return None, len(text)


def ends_sentence(text: str) -> bool:
    """Tell whether text ends with a sentence, white space and all."""
    bare = text.rstrip()
    end, scan = 0, 0
    found: int | None = 0
    while found is not None and scan < len(bare):
        found, scan = sentence_end(bare, scan, closed=True)
        end = found if found is not None else end
    return bool(bare) and end == len(bare)


def plain(text: str) -> str:
    """Return what a sentence says, without its bullet, the signs of its markup, and "according to the documents"."""
    said = " ".join(_EMPHASIS.sub(" ", _BULLET.sub("", text, count=1)).split())
    return _ATTRIBUTION.sub("", said, count=1) or said


def is_row(line: str) -> bool:
    """Tell whether a line that begins so is a table's."""
    return _ROW.match(line) is not None


def first_cell(row: str) -> str:
    return next((cell.strip() for cell in row.split("|") if cell.strip()), "")


def words_begin(text: str) -> int:
    """Return where a sentence begins, after its bullet or a list's number."""
    bullet = _BULLET.match(text)
    begin = bullet.end() if bullet else 0
    return begin + len(text[begin:]) - len(text[begin:].lstrip(_JOINTS))


def has_words(text: str) -> bool:
    """Tell whether there is more than a bullet, a list's number, or what joins two marks."""
    bare = _BULLET.sub("", text, count=1)
    return any(character.isalnum() for character in bare) and _JOINER.fullmatch(bare.strip()) is None


def words(text: str) -> int:
    """Count the words; two Chinese characters are one."""
    found = _WORD.findall(text)
    chinese = sum(_LONE.fullmatch(word) is not None for word in found)
    return len(found) - chinese + (chinese + 1) // 2


def is_lead_in(text: str) -> bool:
    """Tell whether a mark after this clause is about what follows it: According to [1]."""
    return _LEAD_IN.fullmatch(plain(text).strip(" ,，:：")) is not None


def says_next(after: str) -> bool | None:
    """Tell whether a mark is what speaks in the words after it: [2] says so. None: that needs more of them."""
    begun = _WORD_BEGUN.match(after)
    if begun and any(word.startswith(begun.group(1).lower()) for word in (*_SAYING_EN, *_SAYING_ZH)):
        return None
    return _SAYING.match(after) is not None


def what_is_said(text: str) -> str:
    """Return the words after a mark that leads them in, without says that."""
    return _SAYING.sub("", text, count=1).strip(" \t\r\n,，:：")


def lead_begins(text: str, after: str) -> int | None:
    """Return where the clause begins that a mark after text stands in, if the mark is about what follows; else None.

    after: the words after the mark.
    """
    clause = _CLAUSE_END.match(text)
    begin = clause.end() if clause else 0
    tail = text[begin:]
    return begin if says_next(after) or (is_lead_in(tail) and not ends_sentence(tail)) else None


def says_not_found(text: str) -> bool:
    """Tell whether a sentence says that the documents do not tell, in whatever words."""
    return _NOT_FOUND.search(_EMPHASIS.sub("", text)) is not None


def may_say_not_found(text: str) -> bool:
    """Tell whether a sentence that begins so may turn out to say it. Once it may not, it may not with more text."""
    begun = _BEFORE_WORDS.sub("", text.casefold().replace("’", "'"), count=1)
    if begun.isdigit() and len(begun) <= 3:  # a list's number
        return True
    return len(begun) <= LONGEST_SAID and any(begun.startswith(one) or one.startswith(begun) for one in _BEGINNINGS)


def claims_something(sentence: str, line: str) -> bool:
    """Tell whether a sentence needs a source. line: the beginning of the line that it stands in, or all of it."""
    if not has_words(sentence) or _HEADING.match(line) or _ASKS_OR_LEADS_IN.search(sentence):
        return False
    said = plain(sentence)
    if _COLON.search(sentence) and not _FIGURE.search(said):
        return False
    if says_not_found(sentence) or _APOLOGY.match(said.casefold()):
        return False
    return _SAYS_OF_ANSWER.fullmatch(said.strip(" .!,，。！:：")) is None
