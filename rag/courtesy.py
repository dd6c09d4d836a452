"""A question without its greeting, its please and its thanks: they ask for nothing, and no document answers them.

Pure, by patterns. Only what stands around a question goes, and only where a question is left; what is quoted or asked
about ("How do I say thank you?") stays.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 600  # a longer text is no question
_ASKS = (
    r"(?:(?:in|on|at|by|for|to|from|with|of|under) )?(?:what|which|who|whom|whose|when|where|why|how|whether)\b|"
    r"(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|must)\b"
)
_TELL = (
    r"(?:tell (?:me|us)|let (?:me|us) know|explain(?: to (?:me|us))?|"
    r"help (?:me|us)(?: out)?(?: with (?:this|that|it))?)"
)
# At the beginning, again and again. What could be part of a question goes only before a word that asks, or a colon.
_LEAD = re.compile(
    r"(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|dear (?:all|sir|madam|team|colleagues))"
    r"(?: (?:there|all|everyone|everybody|team|again))?[,.!:;]+\s*"
    r"|(?:sorry|excuse me|pardon me)(?: to (?:bother|trouble) you)?,? (?:but )?"
    rf"(?={_ASKS}|i |can |could )"
    r"|(?:i (?:have|have got|got)|i've(?: got)?|just|here is|quick) (?:(?:a|an|one|another) )?(?:\w+ )?question"
    r"(?: for you)?[.:!,;]+\s*"
    rf"|(?:(?:can|could|would|will) (?:you|anyone|anybody|someone|somebody),? )?(?:please,? |kindly |possibly )*{_TELL}"
    rf"(?:,? please)?(?::\s*|,?\s+(?={_ASKS}))"
    r"|(?:i(?:'d| would) (?:like|love)|i (?:want|need|wish)|we (?:want|need)) to (?:know|ask|learn|find out)"
    rf"(?::\s*|,?\s+(?={_ASKS}))"
    r"|(?:i wonder|i(?: am|'m| was) wondering|i(?: am|'m) curious(?: to know)?|"
    r"(?:does anyone|do you)(?: happen to)? know)"
    rf"(?::\s*|,?\s+(?={_ASKS}))"
    rf"|(?:please|kindly)(?:[:,]\s*|\s+)(?={_ASKS})",
    re.IGNORECASE,
)
# "How do you say please?" speaks of the word.
_NO_WORD_FOR = "".join(rf"(?<!\b{word})" for word in "say spell write for with of means word is".split())
_TAIL = re.compile(
    r"(?<=[.?!,;])\s*(?:(?:many |and )?thanks|thank you|thx|cheers|much appreciated|"
    r"i(?:'d| would) appreciate (?:it|any help))"
    r"(?:,? (?:so much|very much|a lot|a million|in advance|again|for (?:your|the|any) (?:help|time|answer)))*[\s.!]*$"
    rf"|(?:,|{_NO_WORD_FOR}) please(?=[?.!]*$)",
    re.IGNORECASE,
)
_ASKS_CHINESE = "什么|什麼|谁|誰|哪|多少|几|幾|何|怎|吗|嗎|多[大高长長久远遠重快深]|是否|能否|[?？]"
_MORE = "[，,：:、]? *"
_US = "(?:我[们們]?|大家)(?![们們的])"  # 告诉我的同事 asks something of others
# 请问下 is 请问一下 but before 下一步, 下个月, 下周, 下属
_BRIEFLY = "(?:一下|下(?=[，,：:、 哪谁誰怎什为為如是有这這那我你您]|$))"
_LEAD_CHINESE = re.compile(
    "(?:你好|您好|大家好|各位好|嗨|哈[喽囉嘍罗]|早上好|下午好|晚上好|[老][师師]好)[呀啊]*[，,。.！!：:、~～ ]+"
    "|(?:你好|您好)(?=[请請][问問])"
    f"|(?:不好意思|[抱打][歉扰擾](?:一下)?(?:了|您|你)*|打[扰擾](?:一下)?(?:了|您|你)*)[，,。！! ]+"
    f"|(?:麻[烦煩](?:你|您|大家)?|我?想|我?要)?(?:[请請][问問]{_BRIEFLY}?|[问問](?:{_BRIEFLY}|[问問](?![题題]))){_MORE}"
    "(?!的|这|這|候|一下|一[词詞])"
    "|(?:你|您|[谁誰]|有人)?(?:能不能|能否|可不可以|可否|可以|能)(?:[请請]|麻[烦煩])?(?:你|您)?(?:[帮幫]我)?"
    f"(?:告[诉訴](?:一下)?{_US}|(?:回答|[说說])一下(?:{_US})?)(?:一下)?{_MORE}"
    f"|(?:我|我[们們])(?:很|只|就|就是)?(?:想|想要|希望)(?:知道|了解|瞭解|弄清楚)(?:一下)?(?!的){_MORE}"
    f"|[请請](?:你|您)?(?:告[诉訴]{_US}|[帮幫]我(?:看看|查一?下|查查)|回答(?:一下|(?=[，,：:]))){_MORE}"
)
_TAIL_CHINESE = re.compile(
    "(?<=[，,。.！!？?；;~～ ])[，, ]*(?:[谢謝][谢謝]|多[谢謝]|感[谢謝]|[拜]托|麻[烦煩])"
    "(?:了|啦|你|您|大家|各位|[老][师師])*[，,。.！!~～ ]*$"
)


def without_courtesy(question: str) -> str:
    """Return what the question asks; itself where it has none, or where nothing would be left that asks."""
    if len(question) > MOST_CHARACTERS:
        return question
    bare = question.strip()
    while True:
        match = _LEAD.match(bare) or _LEAD_CHINESE.match(bare)
        if match is None or not match.end() or not _asks(bare[match.end() :]):
            break
        bare = bare[match.end() :].lstrip()
    for tail in (_TAIL, _TAIL_CHINESE):
        match = tail.search(bare)
        if match is not None and _asks(bare[: match.start()] + bare[match.end() :]):
            bare = (bare[: match.start()] + bare[match.end() :]).rstrip(" ，,；;")
    if bare == question.strip():
        return question
    return bare[0].upper() + bare[1:] if re.match(_ASKS, bare) else bare  # print("…") and iPhone stay


def _asks(text: str) -> bool:
    """Tell whether it could be a question still: a word that asks, or a question mark and words before it."""
    words = len(re.findall(r"[^\W_]", text))
    return words > 3 and re.search(rf"\b(?:{_ASKS})|{_ASKS_CHINESE}", text, re.IGNORECASE) is not None
