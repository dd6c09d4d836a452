"""Tell the lines of a page that are its furniture: buttons, counters, menus, forms. Pure: lines in, reasons out.

Three kinds of evidence, from strong to weak: a line that is nothing but a known control or a counter; a word that is a
control only beside others ("history", "评论"); and the place, for what stands among controls at the end of a page is
one of them. A sentence is never dropped for a word in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.notices import is_notice
from ingest.structure import BULLET, Line
from rag.text import fold

NEAR_LINES = 2  # a weak line this near to a certain one is furniture too
MAX_CONTROL_CHARACTERS = 40
MAX_NEUTRAL_CHARACTERS = 24
MIN_ZONE_CERTAIN = 2  # certain lines that an end zone must hold
MAX_ZONE_LINES = 80
MIN_ZONE_SHARE = 0.5  # of its lines that must be certain, weak or about payment

# All patterns are matched against the folded line: NFKC, lower case, simplified.
_COUNTED = (
    "(?:阅读|浏览|点击|访问|评论|点赞|收藏|转发|分享|关注|粉丝|回复|喜欢|获赞|播放|弹幕|下载|赞|人气|围观|views?|likes?|"
    "comments?|shares?|followers?|following|reads?|claps?|stars?|forks?|watching|replies|retweets?|upvotes?|downloads?)"
)
_NUMBER = r"\d[\d.,]*\s*[万亿wk千m+]?"
_COUNTER = re.compile(
    rf"(?:(?:{_NUMBER}\s*(?:篇|次|人|个|条|位)?\s*{_COUNTED}(?:量|数|次数|人数)?"
    rf"|{_COUNTED}(?:量|数|次数|人数)?\s*[:(]?\s*{_NUMBER}\s*(?:次|人|条)?\)?)[\s·|/,;•-]*)+"
)
_FILE_FACTS = re.compile(r"\d+ lines? \(\d+ (?:sloc|loc)\)(?:\s*[·|]?\s*[\d.]+ ?[kmg]?b)?|[\d.]+ ?[kmg]b")
_CERTAIN_CHINESE = """
    -+ ?(?:end|完) ?-+|[(【]?(?:全文|本文)?完[)】]?|往期(?:推荐|精彩|回顾|文章|精选)
    点击(?:查看|放大)(?:大图|图片|原图)?
    \\+ ?关注|关注(?:作者|博主|公众号|我们|ta)|已关注|取消关注|一键(?:收藏|三连|分享|转发)|.{0,12}一键收藏
    点赞收藏关注|(?:登录|注册)(?:/|后|以|即可|并)?(?:登录|注册|评论|发表评论|查看更多|参与讨论)
    (?:发[布表]|写|查看|添加|提交)评论.{0,12}|(?:请先|点击|立即|免费) ?(?:登录|注册)|登录\\s*[/|]?\\s*注册
    (?:还没有|没有)?账号\\??(?:立即)?注册
    (?:更多|查看|相关|热门|最新|精选|猜你|为你|您?可能)(?:相关|感兴趣的?)?(?:喜欢|推荐|话题|文章|阅读|内容|资讯|标签|专题|问答|帖子)(?:推荐)?
    推荐(?:阅读|文章)|延伸阅读|阅读原文|(?:展开)?阅读全文|展开(?:全文|更多|全部)|收起(?:全文)?
    (?:加载|查看|点击查看)更多.{0,6}|(?:返回|回到)(?:顶部|首页|列表|上一页)|(?:上|下)一[篇页](?:[::].{0,60})?
    打印本页|关闭窗口|复制(?:链接|代码|成功)|(?:微信|支付宝)?扫(?:一扫|码)(?:关注|加群|分享).{0,8}|(?:微信|支付宝)扫一扫
    扫描?(?:上方|下方)?二维码.{0,12}|长按.{0,8}二维码.{0,8}|分享(?:到|至)[::]?.{0,20}
    (?:分享到)?(?:微信|微博|qq空间|朋友圈)(?:\\s+(?:微信|微博|qq空间|qq|朋友圈|新浪微博))+|当前位置[::].{0,40}
    您(?:现在)?的位置[::].{0,40}|首页\\s*[>›»/].{0,40}|赞赏(?:支持|作者)|打赏(?:作者|支持)?
    跳(?:至|到|转到)(?:主要?)?(?:内容|正文)|切换(?:导航|菜单|主题)|举报(?:反馈|文章|投诉)?|免责声明
"""
_CERTAIN_ENGLISH = """
    skip (?:to (?:main )?|navigation|nav)(?:content|navigation)?|jump to (?:content|navigation|main content)
    toggle (?:navigation|menu|sidebar|dark mode)
    (?:sign|log) ?(?:in|up|out)(?: (?:or|/) (?:sign|log) ?(?:in|up))?(?: to (?:comment|continue|reply|view more|like))?
    create (?:an )?account|register now
    (?:read|load|show|view|see) (?:more|all|less)(?: (?:posts|comments|replies|articles))?|continue reading
    back to (?:top|home)|return to top
    (?:previous|next|older|newer) (?:post|article|page|story|entry)s?(?:[:\\s].{0,60})?
    related (?:posts|articles|topics|stories|links|content|reading)|(?:leave|post|add|write) a (?:comment|reply)
    post comment|cancel reply|you (?:may|might) also (?:like|be interested in).{0,10}
    share (?:this|on|via|to|with).{0,30}
    (?:tweet|share|pin|email|print)(?:\\s+(?:tweet|share|pin|email|print|facebook|twitter|linkedin|reddit))+
    follow (?:us|me)(?: on .{0,20})?|subscribe(?: now| to .{0,40})?|sign up for .{0,40}|join our newsletter
    get the app|download (?:the|our) app
    (?:accept|reject|allow|decline|manage)(?: all)?(?: cookies| preferences| settings)
    cookie (?:settings|preferences|policy|notice)|we use cookies.{0,40}|file metadata and controls|latest commit
    view raw|edit (?:this page|on github).{0,20}|open in (?:github|colab|app)|copy (?:link|code|to clipboard)
    advertisements?|sponsored(?: content| links)?|trending(?: now)?|most (?:popular|read)|more from .{0,30}
    recommended for you|print this page|table of contents toggle
"""
_WEAK_WORDS = """
    关注|点赞|收藏|分享|转发|评论|评论区|举报|打赏|登录|注册|首页|目录|搜索|菜单|更多|回复|赞|踩|标签|版权|广告
    推荐|热门|最新|置顶|编辑|删除|复制|下载|打印|上一篇|下一篇|相关推荐|全部评论|历史|海报|投诉|规则|实付|付款|扫码
    支付|确定|取消|提交|发送|收起|展开|history|raw|blame|code|issues|share|like|likes|comment|comments|reply|tweet
    print|email|home|menu|search|login|register|subscribe|follow|previous|next|tags|tag|categories|copy|edit
    report|save|more|about|contact|privacy|terms|help|close|ok|cancel|submit|advertisement
"""


def _any_of(alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(line.strip() for line in alternatives.strip().splitlines()))


_CERTAIN = _any_of(_CERTAIN_CHINESE + _CERTAIN_ENGLISH)
_WEAK = _any_of(_WEAK_WORDS)
_WEAK_COUNTER = re.compile(
    rf"{_NUMBER}\s*(?:文章|帖子|作品|话题|回答|问题|posts?|articles?)|(?:文章|帖子|原创)\s*{_NUMBER}"
)
_BARE_NUMBER = re.compile(r"[-•·|\s]*\d[\d.,]*\s*[万wk]?[-•·|\s]*|[-•·|]+")
_FILE_NAME = re.compile(r"[\w.-]{1,80}\.(?:md|rst|txt|py|ipynb|js|ts|html|json|ya?ml|java|go|rs|c|cpp|sh)")
# What a form for paying, tipping or joining speaks of; it tells only inside an end zone.
_PAYMENT = re.compile(
    "红包|余额|充值|支付|付款|钱包|抵扣|付费|实付|金额|会员|vip|粉丝|关注|点赞|积分|优惠|扫码|二维码|博主|登录|评论"
)
_ENDS_SENTENCE = re.compile(r"[。！？.!?…][\"'”’」』）)]*$")


def furniture_lines(lines: Sequence[Line]) -> dict[int, str]:
    """Return the reason for each line, by its index, that is furniture."""
    folded = [_folded(line.text) if len(line.text) <= 4 * MAX_CONTROL_CHARACTERS else None for line in lines]
    found = {
        index: reason
        for index, text in enumerate(folded)
        if text and (reason := _certain(text)) and not _is_item(lines[index].text)
    }
    end = _end_zone(lines, folded, found)
    if end is not None:
        end -= _is_repeated_label(folded, end)
        found |= {index: found.get(index, "furniture") for index in range(end, len(lines))}
    _spread(folded, found)
    return found


def _folded(text: str) -> str:
    """Return a line's search form without a bullet before it and arrows behind it."""
    folded = text.lower() if text.isascii() else fold(text)  # the converter is slow on many short lines
    return folded.strip(" \t•·»›>«‹<→←▼▲|").removeprefix("- ").strip()


def _certain(text: str) -> str | None:
    if len(text) > 2 * MAX_CONTROL_CHARACTERS:
        return None
    if _COUNTER.fullmatch(text):
        return "counter"
    if _FILE_FACTS.fullmatch(text) and "loc" in text:
        return "file facts"
    return "control" if _CERTAIN.fullmatch(text) else None


def _is_item(text: str) -> bool:
    """True for an item of a list, which a control may be, but just as well a step of some instructions."""
    return BULLET.match(text) is not None or re.match(r"\d{1,2}[.)、](?!\d)", text) is not None


def _is_weak(text: str) -> bool:
    return (
        _certain(text) is not None
        or _WEAK.fullmatch(text) is not None
        or _WEAK_COUNTER.fullmatch(text) is not None
        or _BARE_NUMBER.fullmatch(text) is not None
        or _FILE_NAME.fullmatch(text) is not None
    )


def _spread(folded: Sequence[str | None], found: dict[int, str]) -> None:
    """Add the weak lines that stand near a certain one, and those near them."""
    waiting = sorted(found)
    while waiting:
        index = waiting.pop()
        for near in range(max(0, index - NEAR_LINES), min(len(folded), index + NEAR_LINES + 1)):
            text = folded[near]
            if near not in found and text is not None and (not text or _is_weak(text)):
                found[near] = "control beside others"
                waiting.append(near)


def _end_zone(lines: Sequence[Line], folded: Sequence[str | None], certain: dict[int, str]) -> int | None:
    """Return where the run of controls begins that the page ends in, None where it ends in content."""
    first = len(lines)
    while first > 0 and len(lines) - first < MAX_ZONE_LINES and _may_be_furniture(lines[first - 1], folded[first - 1]):
        first -= 1
    zone = range(first, len(lines))
    begin = next((index for index in zone if index in certain), None)
    if begin is None or sum(index in certain for index in zone) < MIN_ZONE_CERTAIN:
        return None
    tells = sum(
        index in certain or _tells(folded[index]) or is_notice(lines[index].text) for index in range(begin, len(lines))
    )
    return begin if tells >= MIN_ZONE_SHARE * (len(lines) - begin) else None


def _is_repeated_label(folded: Sequence[str | None], begin: int) -> bool:
    """True where the line above a zone is a label such as the zone has above the same control further down."""
    label = folded[begin - 1] if begin else None
    if not label or len(label) > MAX_NEUTRAL_CHARACTERS or _ENDS_SENTENCE.search(label):
        return False
    again = [index for index in range(begin + 1, len(folded)) if folded[index] == folded[begin]]
    return any((above := folded[index - 1]) and not _tells(above) for index in again)


def _tells(text: str | None) -> bool:
    return text is not None and (not text or _is_weak(text) or _PAYMENT.search(text) is not None)


def _may_be_furniture(line: Line, folded: str | None) -> bool:
    if folded is None:
        return False
    if len(line.text) <= MAX_NEUTRAL_CHARACTERS and not (len(line.text) > 12 and _ENDS_SENTENCE.search(line.text)):
        return True
    return (
        _certain(folded) is not None
        or is_notice(line.text)
        or (len(line.text) <= 2 * MAX_CONTROL_CHARACTERS and len(_PAYMENT.findall(folded)) >= 2)
    )
