"""Bank cards and accounts: Luhn and IBAN checksums, and the numbers that issuers have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban, luhn

from ingest.privacy.kinds import FORMED, PROVEN, Found, Kind
from ingest.privacy.labels import is_after, label, names_a_thing, stands_free, stands_in_a_row

_CARD = re.compile(
    r"(?<![0-9])(?=((?:[0-9]{4}(?P<s>[ -]))(?:[0-9]{4}(?P=s)){2,3}[0-9]{1,4}|"
    r"3[47][0-9]{2}(?P<a>[ -])[0-9]{6}(?P=a)[0-9]{5}"
    r"|[0-9]{4}[ \n-]{1,2}[0-9]{4}[ \n-]{1,2}[0-9]{4}[ \n-]{1,2}[0-9]{4}(?:[ \n-]{1,2}[0-9]{1,3})?"
    r"|[0-9]{6}[ -][0-9]{10,13}|[0-9]{13,19})(?![0-9]))"
)
# Unlabelled, a number must be as long as its issuer makes them: a Luhn digit alone, one order number in ten has.
_ISSUED = re.compile(
    r"4[0-9]{15}|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}|3[47][0-9]{13}"
    r"|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12}|35(?:2[89]|[3-8][0-9])[0-9]{12}|62[0-9]{14,17}|955[89][0-9]{15}|81[0-9]{14,17}"
)
_ISSUED_RARELY = re.compile(r"4[0-9]{12,18}|[2569][0-9]{12,18}|3[0-9]{13,15}|1[0-9]{15,18}|8[0-9]{15,18}")
_CARD_LABEL = label(
    "银行卡|銀行卡|信用卡|借记卡|储蓄卡|儲蓄卡|工资卡|社保卡|卡|账|帐|帳|账户|帐户|帳戶|银行账|銀行帳|银联卡?|銀聯卡?|收款卡?|"
    "(?:credit|debit|bank|visa|payment|prepaid|corporate)(?: ?cards?)?|master ?card|amex|american express|discover|jcb|"
    "diners(?: club)?|union ?pay|cards?|cc|pan|account|acct|"
    "(?:工商|建设|农业|中国|交通|招商|邮储|民生|浦发|中信|光大|华夏|平安|兴业|广发|商业)银行|(?:工|建|农|中|交|招)行"
)
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE)
_SEPARATORS = re.compile(r"[ \n-]")
MIN_IBAN = 15  # Norway's


def find_accounts(text: str) -> Iterator[Found]:
    yield from _find_cards(text)
    yield from _find_ibans(text)


def _find_cards(text: str) -> Iterator[Found]:
    for match in _CARD.finditer(text):
        start, end = match.span(1)
        number = _SEPARATORS.sub("", match[1])
        if not 13 <= len(number) <= 19 or not luhn.is_valid(number) or len(set(number)) < 2 or match[1].count("\n") > 1:
            continue
        is_named = is_after(_CARD_LABEL, text, start) and _ISSUED_RARELY.fullmatch(number) is not None
        if not is_named and (_ISSUED.fullmatch(number) is None or names_a_thing(text, start)):
            continue
        if not stands_free(text, start, end) or (
            "\n" in match[1] and not is_named and stands_in_a_row(text, start, end)
        ):
            continue
        yield Found(start, end, Kind.CARD, number, PROVEN if is_named else FORMED)


def _find_ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        end = match.end()
        while end - match.start() >= MIN_IBAN:  # a word may follow, and look like one more group
            number = _SEPARATORS.sub("", text[match.start() : end]).upper()
            if _ends_whole(text, end) and len(number) >= MIN_IBAN and iban.is_valid(number):
                yield Found(match.start(), end, Kind.IBAN, number, PROVEN)
                break
            end -= 1


def _ends_whole(text: str, end: int) -> bool:
    return not (text[end : end + 1].isascii() and text[end : end + 1].isalnum())
