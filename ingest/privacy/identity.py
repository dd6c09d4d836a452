"""Numbers that states give to people: resident and identity numbers, social security, passports.

An organisation's number (the unified social credit code) is not personal and has another form.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from stdnum.cn import ric
from stdnum.exceptions import ValidationError
from stdnum.us import ssn

from ingest.privacy.kinds import FORMED, NAMED, PROVEN, Found, Kind
from ingest.privacy.labels import begins_free, is_after, label, names_a_thing, stands_free

_SEPARATORS = re.compile(r"[^0-9A-Za-z]")
MAX_SEPARATORS = 5  # in a resident number: more are a row of small numbers

_RESIDENT = re.compile(r"(?<![0-9])(?=([1-9](?:[ \n-]{0,2}[0-9]){16}[ \n-]{0,2}[0-9Xx])(?![0-9A-Za-z]))")
_OLD_RESIDENT = re.compile(r"(?<![0-9A-Za-z.-])([1-9][0-9]{5}) ?([0-9]{6}) ?([0-9]{3})(?![0-9A-Za-z]|[.-][0-9])")
_TAIWAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z][1289][0-9]{8}(?![0-9A-Za-z])")
_HONG_KONG = re.compile(r"(?<![0-9A-Za-z])([A-Za-z]{1,2})[ -]?([0-9]{6}) ?(\(([0-9A-Aa])\)|[0-9Aa](?![0-9A-Za-z]))")
_SOCIAL_SECURITY = re.compile(
    r"(?<![0-9A-Za-z.,-])([0-9]{3})([ -]?)([0-9]{2})\2([0-9]{4})(?![0-9A-Za-z]|[.,-][0-9A-Za-z])"
)
_NATIONAL_INSURANCE = re.compile(
    r"(?<![0-9A-Za-z])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]([ -]?)"
    r"[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[A-D](?![0-9A-Za-z])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(r"(?<![0-9A-Za-z])(?:[A-Z]{1,2} ?|[a-z]{1,2})?[0-9]{6,9}(?![0-9A-Za-z])")
_MACHINE_READABLE = re.compile(r"(?<![0-9A-Z<])P[A-Z<][A-Z]{3}[A-Z<]{39} ?\n? ?[A-Z0-9<]{44}(?![0-9A-Z<])")

_RESIDENT_LABEL = label(
    "身份证|身份證|证件|證件|公民身份|居民身份证|居民身份證|id ?card|identity(?: ?card| document)?|resident id|国民身份"
)
_TAIWAN_LABEL = label(
    "身分證(?:字|統一編)?|身份證(?:字)?|统一编|統一證|id ?card|identity(?: ?card)?|national id|居留證"
)
_HONG_KONG_LABEL = label("身份[证證]|hkid(?: ?card)?|id ?card|identity(?: ?card| document)?|香港身份[证證]")
_SOCIAL_SECURITY_LABEL = label("ssn|social security|soc\\. ?sec\\.?|社会安全|社保|社會安全|tax ?payer id|itin|tin")
_INSURANCE_LABEL = re.compile(
    r"national insurance|(?<![A-Za-z])(?:nino|ni (?:number|no))|国民保险|國民保險", re.IGNORECASE
)
_PASSPORT_LABEL = re.compile(
    r"(?:护照|護照|通行[证證]|台胞[证證]|回乡[证證]|回鄉[证證]|(?<![A-Za-z])passports?)[^0-9\n]{0,24}\Z", re.IGNORECASE
)
_PASSPORT_AFTER = re.compile(r" ?\((?:[A-Za-z\u3400-\u9fff]{1,8} ?)?(?:passport|护照|護照)", re.IGNORECASE)

# The letters' values of Taiwan's numbers, from 10: A B C D E F G H J K L M N P Q R S T U V X Y W Z I O.
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
# Provinces by the first two digits of a resident number; 71, 81, 82 and 83 are Taiwan, Hong Kong and Macao.
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)


def find_identities(text: str) -> Iterator[Found]:
    yield from _find_residents(text)
    yield from _find_old_residents(text)
    yield from _find_taiwan(text)
    yield from _find_hong_kong(text)
    yield from _find_social_security(text)
    yield from _find_national_insurance(text)
    yield from _find_passports(text)


def _find_residents(text: str) -> Iterator[Found]:
    for match in _RESIDENT.finditer(text):
        number = _SEPARATORS.sub("", match[1]).upper()
        separators = len(match[1]) - len(number)
        if (
            separators <= MAX_SEPARATORS
            and match[1].count("\n") <= 1
            and _is_resident(number)
            and begins_free(text, match.start(1))
        ):
            yield Found(match.start(1), match.end(1), Kind.ID, number, PROVEN)


def _is_resident(number: str) -> bool:
    """18 digits. The county is not asked for: lists of them are never whole, and date and checksum prove enough."""
    return (
        number[:2] in _PROVINCES
        and number[6:8] in ("18", "19", "20")
        and ric.calc_check_digit(number) == number[-1]
        and _is_date(number[6:14])
    )


def _find_old_residents(text: str) -> Iterator[Found]:
    """15 digits without a checksum: the county must be a real one, or a label must say what it is."""
    for match in _OLD_RESIDENT.finditer(text):
        number = _SEPARATORS.sub("", match.group())
        if number[:2] not in _PROVINCES or not _is_date("19" + number[6:12]):
            continue
        is_named = is_after(_RESIDENT_LABEL, text, match.start())
        if is_named or (_is_county(number) and not names_a_thing(text, match.start())):
            yield Found(match.start(), match.end(), Kind.ID, number, NAMED if is_named else FORMED)


def _is_county(number: str) -> bool:
    try:
        return bool(ric.get_birth_place(number[:6] + "19" + number[6:] + "0"))
    except (ValidationError, KeyError):  # KeyError: a province of the table's that has no counties
        return False


def _is_date(digits: str) -> bool:
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def _find_taiwan(text: str) -> Iterator[Found]:
    for match in _TAIWAN.finditer(text):
        number = match.group().upper()
        if _is_taiwan(number) and (
            is_after(_TAIWAN_LABEL, text, match.start())
            or (number == match.group() and not names_a_thing(text, match.start()))
        ):
            yield Found(match.start(), match.end(), Kind.ID, number)


def _is_taiwan(number: str) -> bool:
    letter = _TAIWAN_LETTERS.index(number[0]) + 10
    digits = [letter // 10, letter % 10, *map(int, number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


def _find_hong_kong(text: str) -> Iterator[Found]:
    for match in _HONG_KONG.finditer(text):
        letters, digits, check = match[1].upper(), match[2], match[3].strip("()").upper()
        is_bracketed = match[4] is not None
        if not _is_hong_kong(letters, digits, check):
            continue
        if is_after(_HONG_KONG_LABEL, text, match.start()) or (is_bracketed and not names_a_thing(text, match.start())):
            yield Found(match.start(), match.end(), Kind.ID, letters + digits + check)


def _is_hong_kong(letters: str, digits: str, check: str) -> bool:
    values = [36 if len(letters) == 1 else ord(letters[0]) - 55, ord(letters[-1]) - 55, *map(int, digits)]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + int(check, 16)) % 11 == 0


def _find_social_security(text: str) -> Iterator[Found]:
    for match in _SOCIAL_SECURITY.finditer(text):
        number = match[1] + match[3] + match[4]
        if match[1] in ("000", "666") or match[1] >= "900" or match[3] == "00" or match[4] == "0000":
            continue
        is_named = is_after(_SOCIAL_SECURITY_LABEL, text, match.start())
        is_formed = (
            match[2] == "-"
            and ssn.is_valid(match.group())
            and not names_a_thing(text, match.start())
            and stands_free(text, match.start(), match.end())
        )
        if is_named or is_formed:
            yield Found(match.start(), match.end(), Kind.ID, number, PROVEN if is_named else FORMED)


def _find_national_insurance(text: str) -> Iterator[Found]:
    for match in _NATIONAL_INSURANCE.finditer(text):
        is_named = _INSURANCE_LABEL.search(text, max(0, match.start() - 48), match.end() + 48) is not None
        if is_named or (match[1] == " " and match.group().isupper()):
            yield Found(match.start(), match.end(), Kind.ID, _SEPARATORS.sub("", match.group()).upper())


def _find_passports(text: str) -> Iterator[Found]:
    for match in _PASSPORT.finditer(text):
        number = _SEPARATORS.sub("", match.group()).upper()
        is_named = is_after(_PASSPORT_LABEL, text, match.start()) or _PASSPORT_AFTER.match(text, match.end())
        if len(number) >= 7 and is_named:
            yield Found(match.start(), match.end(), Kind.PASSPORT, number, NAMED)
    for match in _MACHINE_READABLE.finditer(text):
        yield Found(match.start(), match.end(), Kind.PASSPORT, _SEPARATORS.sub("", match.group()), PROVEN)
