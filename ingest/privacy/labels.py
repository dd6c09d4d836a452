"""What stands around a number: labels that say what it is, and signs that it is something else."""

from __future__ import annotations

import re

# Between a label and its number: "号码是：", " no. (", "_number = '".
LINK = (
    r"""(?:[ _-]?(?:号码|號碼|号|號|码|碼|编号|numbers?|nos?\b\.?|num|id|#))?"""
    r"""(?:[ ]?[(\[][^()\[\]\n]{1,12}[)\]])?[ ]?"""
    r"""(?:is|was|are|为|為|是|at|on|[:：=|]|->|[,，])?[ \n]{0,2}["'`(\[*]{0,3}\Z"""
)


def label(words: str) -> re.Pattern[str]:
    """Return a pattern for is_after: one of these words, and no more than a link between it and the number."""
    return re.compile(rf"(?:(?<![A-Za-z])(?=[A-Za-z])|(?![A-Za-z]))(?:{words})s?{LINK}", re.IGNORECASE)


def is_after(pattern: re.Pattern[str], text: str, start: int, reach: int = 48) -> bool:
    return pattern.search(text, max(0, start - reach), start) is not None


# Numbers of things. A number that one of these names is nobody's, unless its own checksum proves more.
_THING = label(
    "订单|訂單|运单|運單|快递|快遞|物流|流水|交易|商户|商戶|序列|条形|條形|发票|發票|(?:[单單编編序批料型货貨条條案文帖]|项目)[号號码碼]|"
    "合同|工单|版本|备案|產品|产品|零件|部件|时间戳|時間戳|问题|帖子|主题|页码|"
    "isbn(?:-1[03])?|issn|doi|pmid|arxiv|sku|upc|ean|gtin|asin|imei|p/?n|s/?n|part|order|invoice|tracking|serial|model|"
    "ticket|case|ref|reference|article|item|product|batch|lot|transaction|trace|request|session|commit|build|timestamp|"
    "hash|seed|version|ver|question|topic|post|patent|standard|bug|issue"
)
_LETTER_BEFORE = re.compile(r"([A-Za-z]+)[.]?\Z")
_NUMBER_WORDS = frozenset(
    "tel phone mobile mob cell fax call telephone id idcard no card acct account ssn ip addr sms".split()
)
_DIGITS_GO_ON_BEFORE = re.compile(r"[0-9][.-]\Z|[$¥£€#№]\s?\Z|[0-9]\Z")
_DIGITS_GO_ON_AFTER = re.compile(r"\.[0-9]|-[0-9]{2,}|[A-Za-z0-9%‰°]|_[0-9]")
_UNIT_AFTER = re.compile(
    r"\s?(?:元(?![前旦月年])|圆|圓|美元|欧元|港币|万|萬|亿|億|千|人次|人口|次|步|字|吨|噸|公里|平方|立方|美金|点击|浏览|"
    r"(?:usd|rmb|cny|eur|bytes?|[kmgt]i?b|ms|us|ns|km|kg|hz|users?|views?|people|times|tokens?|parameters?)\b)",
    re.IGNORECASE,
)
_MORE_NUMBERS_BEFORE = re.compile(r"[0-9][,.;|]?[ |]{1,4}\Z")
_MORE_NUMBERS_AFTER = re.compile(r"[ |]{1,4}[-+]?[0-9]")
_URL = re.compile(r"(?:https?|ftp)://[\x21-\x7e]*|www\.[\x21-\x7e]*", re.IGNORECASE)
_PARAMETER = re.compile(r"(?:tel|phone|mobile|mob|cell|card|msisdn)[a-z_]*=(?:%2B|\+)?\Z", re.IGNORECASE)


def names_a_thing(text: str, start: int) -> bool:
    return is_after(_THING, text, start)


def stands_free(text: str, start: int, end: int) -> bool:
    """Whether digits at [start, end) are a number of their own: no part of a longer one, of a code or of an amount."""
    if not begins_free(text, start):
        return False
    if _DIGITS_GO_ON_BEFORE.search(text, max(0, start - 3), start):
        return False
    return not (_DIGITS_GO_ON_AFTER.match(text, end) or _UNIT_AFTER.match(text, end))


def begins_free(text: str, start: int) -> bool:
    """Whether no letters stand before it that are no label: tel138... is free, a138... is not."""
    letters = _LETTER_BEFORE.search(text, max(0, start - 12), start)
    return letters is None or letters[1].lower() in _NUMBER_WORDS


def stands_in_a_row(text: str, start: int, end: int) -> bool:
    """Whether other numbers stand beside it, as in a table."""
    return bool(_MORE_NUMBERS_BEFORE.search(text, max(0, start - 6), start) or _MORE_NUMBERS_AFTER.match(text, end))


def addresses(text: str) -> list[tuple[int, int]]:
    """Return the spans of web addresses: the numbers in them name pages."""
    return [match.span() for match in _URL.finditer(text)]


def is_parameter(text: str, start: int) -> bool:
    """Whether an address hands it over as a telephone or card: ?mobile=138..."""
    return is_after(_PARAMETER, text, start)
