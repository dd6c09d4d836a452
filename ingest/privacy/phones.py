"""Telephone numbers: those with a country's code, those in the forms of China, Taiwan, Hong Kong, America and Britain,
and any that a label names. phonenumbers judges what has a country; a form alone does not make a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import phonenumbers
from phonenumbers import ValidationResult

from ingest.privacy.kinds import FORMED, NAMED, PROVEN, Certainty, Found, Kind
from ingest.privacy.labels import is_after, label, names_a_thing, stands_free, stands_in_a_row

_LABEL = label(
    "电话|電話|手机|手機|移动电话|行動電話|联系方式|聯絡方式|联系|聯絡|联络|热线|熱線|专线|座机|固话|市话|传真|傳真|致电|致電|拨打|撥打|来电|"
    "來電|拨|撥|打|微信|短信|客服|咨询|諮詢|预约|报名|值班|whats ?app|signal|telegram|wechat|viber|"
    "(?:tele)?phone|t[eé]l[eé]phone|t[eé]l[eé]fono?|mobile|cell(?: ?phone)?|t[eé]l|fax|call|text|"
    "dial|hotline|helpline|contact|sms|mob|ph(?=[ .:：])|ring|"
    "(?:call|text|reach|ring|phone|contact) (?:me|us|him|her|them)(?: back)?|reached|landline"
)
_ONE_MORE = re.compile(r"\s?(?:[,，、;；/／|&]|或者?|和|及|or|and)\s?\Z")
_EXTENSION = re.compile(
    r"[ ,;]{0,2}(?:ext(?:ension|n)?\.?|x|转|轉|分机|分機|内线|內線|#)[ :]{0,2}([0-9]{1,6})(?![0-9])", re.IGNORECASE
)
_DASHED_EXTENSION = re.compile(r"-([0-9]{1,5})(?![0-9-])")
_DIGITS = re.compile(r"[0-9]+")
_NOT_DIGIT = re.compile(r"[^0-9]")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[-./ ](?:0?[1-9]|1[0-2])(?:[-./ ][0-3]?[0-9])?(?:[ -][0-2]?[0-9])?"
    r"|(?:19|20)[0-9]{2} ?- ?(?:19|20)[0-9]{2}|[0-3]?[0-9][-./][0-3]?[0-9][-./](?:19|20)[0-9]{2}"
)

_INTERNATIONAL = re.compile(
    r"(?<![0-9A-Za-z+])(?:\(?\+ ?|00(?=[1-9][0-9]{0,2}[ (.-]|86))[1-9](?:[ ./()-]{0,3}[0-9]){6,14}(?![0-9])"
)
_MOBILE = re.compile(  # China's
    r"(?<![0-9])(?:\(?(?:\+|00)?86\)?[ -]{0,2})?(1[3-9][0-9](?:[ .-]?[0-9]{4}[ .-]?[0-9]{4}"
    r"| - [0-9]{4} - [0-9]{4}|[ .-][0-9]{3}[ .-][0-9]{5}"
    r"|[0-9][ .-][0-9]{3}[ .-][0-9]{4}"
    r"|[ -][0-9]{4}[ -]?\n[0-9]{4}|-?\n[0-9]{4}[ -][0-9]{4}|[0-9]{4} ?\n[0-9]{4}))(?![0-9])"
)
_TAIWAN_MOBILE = re.compile(r"(?<![0-9])09[0-9]{2}([ -]?)[0-9]{3}([ -]?)[0-9]{3}(?![0-9])")
_LANDLINE = re.compile(  # China's
    r"(?<![0-9])(?:\(?86\)?[ -]{0,2})?(\((?:0(?:10|2[0-9]|[3-9][0-9]{2}))\)|0(?:10|2[0-9]|[3-9][0-9]{2}))([ -]{0,3})"
    r"([1-9][0-9]{2,3}[ -]?[0-9]{4})(?![0-9])"
)
_SERVICE = re.compile(r"(?<![0-9])[48]00(?:[ -][0-9]{3}[ -][0-9]{4}|[ -][0-9]{4}[ -][0-9]{3}|[ -]?[0-9]{7})(?![0-9])")
_DASHED = re.compile(  # Taiwan's, Japan's and others' landlines
    r"(?<![0-9])(?:\(0[1-9][0-9]{0,3}\) ?|0[1-9][0-9]{0,3}-)[0-9]{2,4}(?:[ -][0-9]{3,4}|[0-9]{4})(?![0-9])"
)
_HONG_KONG = re.compile(r"(?<![0-9])\(?85[23]\)?[ -]{1,2}[2-9][0-9]{3}[ -]?[0-9]{4}(?![0-9])")
_AMERICAN = re.compile(
    r"(?<![0-9])(?:1[ .-])?(?:\([2-9][0-9]{2}\)[ .-]?|[2-9][0-9]{2}(?P<s>[ .-]))"
    r"[2-9][0-9]{2}(?: - |[ .-])[0-9]{4}(?![0-9])"
)
_BRITISH = re.compile(
    r"(?<![0-9])\(?0(?:2[0-9]\)? [0-9]{4} [0-9]{4}|1[0-9]1\)? [0-9]{3} [0-9]{4}|11[0-9]\)? [0-9]{3} [0-9]{4}"
    r"|1[0-9]{3}\)? (?:[0-9]{6}|[0-9]{3} [0-9]{3})|7[0-9]{3} [0-9]{6}|7[0-9]{3} [0-9]{3} [0-9]{3,4}"
    r"|[38][0-9]{2} [0-9]{3} [0-9]{4})(?![0-9])"
)
_NAMED = re.compile(r"(?<![0-9.])[(+]{0,2}[0-9](?:[ ./()-]{0,2}[0-9]){6,14}(?![0-9])")

_LIST_ITEM = re.compile(r"[0-9]{1,2}[.)] ")


def find_phones(text: str) -> Iterator[Found]:
    found = sorted(_find(text), key=lambda found: found.start)
    yield from found
    ends = {one.end for one in found}
    for match in _NAMED.finditer(text):
        start = match.start()
        before = _ONE_MORE.search(text, max(0, start - 6), start)  # "电话：88886666、88886667"
        item = _LIST_ITEM.match(match.group())  # "Phones:\n1. 9498888888\n2. 9497777777"
        is_next = (before is not None and before.start() in ends) or (item is not None and start - 1 in ends)
        if is_next or is_after(_LABEL, text, start):
            one = _named(text, item.end() + start if item else start, match.end())
            if one is not None:
                ends.add(one.end)
                yield one


def _find(text: str) -> Iterator[Found]:
    for match in _INTERNATIONAL.finditer(text):
        one = _international(text, match)
        if one is not None:
            yield one
    for pattern, region, is_one in _NATIONAL:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not stands_free(text, start, _extended(text, end)[0]) or _is_date(match.group()):
                continue
            is_named = is_after(_LABEL, text, start)
            if is_named or (is_one(text, match) and not names_a_thing(text, start)):
                yield _found(text, start, end, region, NAMED if is_named else FORMED)


def _international(text: str, match: re.Match[str]) -> Found | None:
    """Take as many of the groups as make a number."""
    end = match.end()
    while end > match.start():
        written = text[match.start() : end]
        number = _parsed("+" + _NOT_DIGIT.sub("", written).removeprefix("00" if written.startswith("00") else ""), None)
        if number is not None and _is_plausible(number, text, match.start(), written):
            return _found(text, match.start(), end, None, PROVEN)
        end = max(written.rfind(sign) for sign in " .-/)(\n") + match.start()
    return None


def _is_plausible(number: phonenumbers.PhoneNumber, text: str, start: int, written: str) -> bool:
    if written.startswith("00") and stands_in_a_row(text, start, start + len(written)):
        return False
    if phonenumbers.is_valid_number(number):
        return True
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return False
    return len(re.findall("[ ./()-]+", written)) >= 2 or is_after(_LABEL, text, start)


def _is_chinese_mobile(_text: str, match: re.Match[str]) -> bool:
    return "\n" not in match.group() or any(sign in match.group() for sign in " .-")


def _is_taiwan_mobile(text: str, match: re.Match[str]) -> bool:
    return (bool(match[1]) == bool(match[2])) and not (match[1] == " " and stands_in_a_row(text, *match.span()))


def _is_landline(text: str, match: re.Match[str]) -> bool:
    return match[1].startswith("(") or "-" in match[2] or (match[2] != "" and not stands_in_a_row(text, *match.span()))


def _has_separator(text: str, match: re.Match[str]) -> bool:
    return not match.group().isdigit() and not stands_in_a_row(text, *match.span())


def _is_american(text: str, match: re.Match[str]) -> bool:
    if match["s"] != " ":
        return True
    number = _parsed(match.group(), "US")
    return number is not None and phonenumbers.is_valid_number(number) and not stands_in_a_row(text, *match.span())


def _is_formed(_text: str, match: re.Match[str]) -> bool:
    groups = _DIGITS.findall(match.group())
    is_short = len(groups) == 2 and (len(groups[0]) > 3 or len(groups[1]) < 7)  # a part's number may look so
    return 9 <= sum(map(len, groups)) <= 11 and not is_short and [len(group) for group in groups] != [3, 2, 4]


_NATIONAL: tuple[tuple[re.Pattern[str], str | None, Callable[[str, re.Match[str]], bool]], ...] = (
    (_MOBILE, "CN", _is_chinese_mobile),
    (_LANDLINE, "CN", _is_landline),
    (_SERVICE, "CN", _has_separator),
    (_TAIWAN_MOBILE, "TW", _is_taiwan_mobile),
    (_HONG_KONG, "HK", _has_separator),
    (_AMERICAN, "US", _is_american),
    (_BRITISH, "GB", _has_separator),
    (_DASHED, None, _is_formed),
)


def _named(text: str, start: int, end: int) -> Found | None:
    written = text[start:end]
    digits = _NOT_DIGIT.sub("", written)
    if not 7 <= len(digits) <= 15 or _is_date(written) or not stands_free(text, start, _extended(text, end)[0]):
        return None
    if re.fullmatch(r"[0-9]+\.[0-9]+", written) or set(digits) == {"0"}:
        return None
    return _found(text, start, end, None, NAMED)


def _found(text: str, start: int, end: int, region: str | None, certainty: Certainty) -> Found:
    written = text[start:end]
    number = _parsed(written, region)
    if number is not None and phonenumbers.is_possible_number(number):
        value = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    else:
        value = _NOT_DIGIT.sub("", written)
    end, extension = _extended(text, end)
    return Found(start, end, Kind.PHONE, f"{value}-{extension}" if extension else value, certainty)


def _extended(text: str, end: int) -> tuple[int, str]:
    """Return where a number ends with its extension, and the extension."""
    match = _EXTENSION.match(text, end) or _DASHED_EXTENSION.match(text, end)
    return (match.end(), match[1]) if match else (end, "")


def _parsed(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    written = written.replace("\n", " ")
    if region is None and not written.lstrip("( ").startswith(("+", "00")):
        return None
    try:
        return phonenumbers.parse("+" + written[2:] if region is None and written.startswith("00") else written, region)
    except phonenumbers.NumberParseException:
        return None


def _is_date(written: str) -> bool:
    return _DATE.fullmatch(written.strip("() ")) is not None
