"""Tell sentences that speak of the page and not of its subject: rights, reposting, sources of pictures, advertising.

Most are told only at a page's edges: a handbook may well have a rule about copyright in its middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.structure import BULLET, Line
from rag.text import fold, sentence_spans

EDGE_LINES = 12  # at the end of a page
EDGE_SHARE = 0.25  # of its lines, at most
HEAD_LINES = 4
MAX_NOTICE_CHARACTERS = 200
MAX_CAPTION_CHARACTERS = 80

_URL = r"(?:https?://|www\.)[\x21-\x7e]+"


def _any_of(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


# All but the two _TAIL patterns are matched against folded text: NFKC, lower case, simplified.
# Whole sentences, so that one which merely goes on about rights is not taken for a notice.
_RIGHTS = _any_of(
    r"(?:版权|免责|转载|特别|郑重)声明:.*",
    r"(?:本文|本站|本网站|文章|以上内容|本内容|文中图片).{0,20}(?:版权|著作权)归.{0,40}",
    r"(?:本站|本平台|本网站|本网|平台)(?:仅|只)提供信息存储.*",
    r"(?:该|本)文(?:章)?(?:仅|观点).{0,10}(?:代表作者|代表本人).*",
    r"(?:本站|本网|本平台).{0,30}不(?:拥有所有权|承担.{0,10}责任).*",
    r"(?:如需|若需|如要|未经).{0,16}转载.{0,120}",
    r"转载(?:请|须|需|必须|自|于).{0,120}",
    r"如?(?:发现|有|果).{0,20}(?:侵权|侵犯|侵害|抄袭).{0,60}(?:联系|删除|举报|告知).*",
    r"(?:本|原)文(?:来源|来自|转自|出处|链接|地址|作者):.{1,80}",
    rf"(?:文章)?(?:来源|出处)(?:地址|链接)?:?\s*{_URL}.{{0,10}}",
    r"责任?编辑:.{1,20}|(?:本文)?(?:审核|校对|排版|编辑):.{1,12}",
    r".{0,10}icp[备证]\s*\d+号.*|.{0,20}公网安备.*",
    r"(?:copyright|©|\(c\)).{0,10}\d{4}.{0,80}|.{0,60}all rights reserved.?|.{0,20}保留所有权利.?",
    r"(?:republished|reprinted|originally (?:published|posted)).{0,80}",
)
_CLOSING = _any_of(
    r"(?:好了,?)?(?:到了?)?(?:这里|此),?.{0,6}关于.{1,120}(?:文章|内容|介绍)就(?:介绍|分享|讲|到).{0,6}",
    r"(?:如果)?(?:您|你|大家)?(?:还)?(?:想|要|需)要?(?:了解|学习|阅读|查看)?更多.{0,12}(?:内容|文章|信息|资讯|知识).{0,4},?"
    r".{0,20}(?:搜索|浏览|关注|阅读|访问|点击|扫码).{0,60}",
    r"(?:希望|感谢|欢迎|请)(?:大家|您|你|各位|读者|朋友们)?.{0,12}"
    r"(?:多多?支持|(?:继续|持续)关注|点赞|转发|收藏|一键三连|在看).{0,30}",
    r"更多(?:精彩|相关|优质|干货)(?:内容|文章|资讯|信息)?.{0,16}(?:关注|访问|点击|搜索|扫码|公众号).{0,30}",
    r".{0,10}点个?(?:赞|在看|关注|收藏).{0,10}",
    r"(?:thanks|thank you) for reading.{0,40}",
    r"(?:please )?(?:like|share|subscribe).{0,20}(?:channel|newsletter|post|video).{0,30}",
    r"(?:this (?:site|website)|we) uses? cookies (?:to|and|that|on).{0,40}"
    r"(?:experience|traffic|content|website|site|ads?|services)\b.{0,60}",
    r"(?:click|tap) here to (?:subscribe|sign up|join|download).{0,40}",
    r"follow (?:us|me) on .{0,60}|(?:subscribe|sign up) (?:to|for) (?:our|my|the) .{0,60}",
)
_CAPTION = _any_of(
    r"(?:该|此|上|下|本|以上|题|封面|文中|文内)?(?:图片?|照片|插图|配图|题图)"
    r"(?:来源|来自网络|来自互联网|源自|源于|源:|由作者提供|出处|版权).{0,60}",
    r"(?:image|photo|picture|figure)s? ?(?:source|credits?|by|courtesy)\b.{0,70}",
)
_CAPTION_TAIL = re.compile(
    r" *[|｜] *(?:图片?来源|图源|圖片?來源|(?:image|photo) (?:source|by|credit))[^|\n]{0,40}$", re.IGNORECASE
)
_SOURCE_TAIL = re.compile(
    rf"(?:文章|原文|本文)(?:来源|來源|出处|出處|链接|鏈接|連結)(?:地址|网址|網址)?[:：]?\s*{_URL}"
)
_CALL = _any_of(
    r"扫码|扫描.{0,8}二维码|加(?:我|老师|小编|客服|个)?.{0,2}(?:微信|vx|v信|qq群?)|关注.{0,8}公众号|私信|后台回复",
    r"评论区(?:留言|领取|扣)|点击(?:下方|链接|领取|上方|左下角)",
    r"(?:click|tap) (?:here|the link)|dm me|use (?:promo )?code",
)
_LURE = _any_of(
    "免费|全套|资料|资源包|礼包|福利|领取|获取|限时|优惠|折扣|立减|学习资源|朋友们|小伙伴|有需要的|干货|粉丝|进群|训练营",
    "课程|报名|抢购|秒杀|free|discount|% off|limited time|enroll|bonus",
)
_OWN_OFFER = _any_of(
    r"(?:我们|本站|小编|编辑|站长|博主)(?:的|为[你您]|给大家)?.{0,6}"
    r"(?:课程|培训|训练营|专栏|好书|好物|产品|书单|工具)(?:推荐|精选|优惠)",
    r"our (?:top|best|favou?rite) .{0,20}(?:recommendations?|picks|courses|deals|offers)",
    r"(?:recommended|sponsored) (?:courses|products|offers)",
)
_REFERENCES = re.compile(r"(?:参考(?:文献|资料|链接|文章)?|引用|来源|references?|sources?|links?)[::]?")
_ONLY_URL = re.compile(rf"(?:[-*•]|\[?\d{{1,2}}[\].、]?)?\s*<?{_URL}>?")


@dataclass(frozen=True, slots=True)
class Notice:
    start: int
    end: int
    reason: str


def notices(text: str, lines: Sequence[Line]) -> Iterator[Notice]:
    """Yield the notices of a text, in no order; lines are those that hold something and are no furniture."""
    tail = len(lines) - max(3, min(EDGE_LINES, int(EDGE_SHARE * len(lines))))
    for index, line in enumerate(lines):
        yield from _captions(line)
        yield from _promotions(text, line)
        if index >= tail or index < HEAD_LINES:
            yield from _edge_notices(text, line)
    yield from _own_offers(lines)
    yield from _bare_references(text, lines)


def is_notice(text: str) -> bool:
    """Tell whether every sentence of a line speaks of the page."""
    spans = sentence_spans(text)
    return bool(spans) and all(_notice_reason(text[span.start : span.end]) for span in spans)


def _notice_reason(sentence: str) -> str | None:
    if len(sentence) > MAX_NOTICE_CHARACTERS:
        return None
    folded = _unbulleted(fold(sentence)).rstrip("。.!?~ ")
    if _RIGHTS.fullmatch(folded):
        return "rights"
    return "closing words" if _CLOSING.fullmatch(folded) else None


def _captions(line: Line) -> Iterator[Notice]:
    shown = _unbulleted(line.text).strip("()（）[]【】 ")
    if (
        len(shown) <= MAX_CAPTION_CHARACTERS
        and _CAPTION.fullmatch(fold(shown))
        and not shown.endswith(("。", ":", "："))
    ):
        yield Notice(line.start, line.end, "source of a picture")
        return
    offset = max(0, len(line.text) - MAX_CAPTION_CHARACTERS)
    match = _CAPTION_TAIL.search(line.text, offset)
    if match:
        yield Notice(line.start + match.start(), line.start + match.end(), "source of a picture")


def _promotions(text: str, line: Line) -> Iterator[Notice]:
    """Yield sentences with both a call to act and a lure."""
    if _CALL.search(fold(line.text)) is None:
        return
    for span in sentence_spans(text, line.start, line.end):
        sentence = fold(text[span.start : span.end])
        if len(span) <= MAX_NOTICE_CHARACTERS and _CALL.search(sentence) and len(set(_LURE.findall(sentence))) >= 2:
            yield Notice(span.start, span.end, "advertising")


def _edge_notices(text: str, line: Line) -> Iterator[Notice]:
    for match in _SOURCE_TAIL.finditer(line.text):
        yield Notice(line.start + match.start(), line.start + match.end(), "source of the page")
    for span in sentence_spans(text, line.start, line.end):
        reason = _notice_reason(text[span.start : span.end])
        if reason:
            yield Notice(span.start, span.end, reason)


def _own_offers(lines: Sequence[Line]) -> Iterator[Notice]:
    """Yield a site's own offers put between paragraphs: the line that names them and the list below it."""
    for index, line in enumerate(lines):
        if len(line.text) > MAX_CAPTION_CHARACTERS or not _OWN_OFFER.fullmatch(fold(line.text).strip(" :")):
            continue
        yield Notice(line.start, line.end, "advertising")
        for item in lines[index + 1 : index + 7]:
            if len(item.text) > MAX_CAPTION_CHARACTERS or not re.match(r"\d{1,2}[.、)]|[-•*]\s", item.text):
                break
            yield Notice(item.start, item.end, "advertising")


def _bare_references(text: str, lines: Sequence[Line]) -> Iterator[Notice]:
    """Yield a closing list of references of which only addresses are left."""
    for index in range(len(lines) - 1, max(-1, len(lines) - EDGE_LINES - 1), -1):
        if not _REFERENCES.fullmatch(fold(lines[index].text).strip("# ")):
            continue
        links = []
        for line in lines[index + 1 :]:
            shown = _SOURCE_TAIL.sub("", text[line.start : line.end]).strip()
            if shown and not _ONLY_URL.fullmatch(shown):
                break
            links.append(line)
        if links:
            yield Notice(lines[index].start, links[-1].end, "bare addresses")
        return


def _unbulleted(text: str) -> str:
    match = BULLET.match(text)
    return text[match.end() :] if match else text
