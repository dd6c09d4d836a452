"""Make up personal data and what looks like it. Knows nothing of how it is found: every checksum is worked out here."""

from __future__ import annotations

import base64
import string
from random import Random

COUNTIES = "110105 310104 440305 330106 510107 420106 320102 610113 210102 350203 500103 120101 370202 430102".split()
GIVEN_EN = "alice bob carol david emma frank grace henry irene jack karen liam maria nina oscar paula".split()
FAMILY_EN = "smith jones brown taylor wilson davies evans thomas roberts walker wright green hall lewis".split()
GIVEN_PINYIN = "wei fang na min jing li qiang lei jun yang yong jie juan tao ming chao xia ping gang".split()
FAMILY_PINYIN = "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo".split()
HOSTS_ZH = "qq.com 163.com 126.com sina.com.cn foxmail.com pku.edu.cn huawei-partner.cn mail.tsinghua.edu.cn".split()
HOSTS_EN = (
    "gmail.com outlook.com yahoo.co.uk acme-corp.com cs.example.edu mail.northwind.org proton.me icloud.com".split()
)
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase


def digits(random: Random, count: int) -> str:
    return "".join(random.choice(string.digits) for _ in range(count))


def letters(random: Random, count: int, alphabet: str = ALNUM) -> str:
    return "".join(random.choice(alphabet) for _ in range(count))


def wide(text: str) -> str:
    """Full-width, as a Chinese keyboard may leave them."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def mail(random: Random, chinese: bool) -> str:
    given = random.choice(GIVEN_PINYIN if chinese else GIVEN_EN)
    family = random.choice(FAMILY_PINYIN if chinese else FAMILY_EN)
    local = random.choice(
        [
            f"{given}.{family}",
            f"{given}{family}{random.randint(1, 99)}",
            f"{given[0]}{family}",
            f"{family}_{given}",
            f"{given}+news",
            digits(random, 9) if chinese else f"{given}-{family}",
        ]
    )
    address = f"{local}@{random.choice(HOSTS_ZH if chinese else HOSTS_EN)}"
    if chinese and random.random() < 0.08:
        return address.replace("@", "＠")
    return address.title() if random.random() < 0.05 else address


def phone_zh(random: Random) -> str:
    prefix = random.choice(
        "130 131 133 135 136 138 139 150 151 152 158 159 166 176 177 180 186 187 188 189 191 198 199".split()
    )
    a, b = digits(random, 4), digits(random, 4)
    number = prefix + a + b
    landline = random.choice("010 021 020 0755 0571 028 0512 0311".split())
    local = random.choice("2345678") + digits(random, 7)
    return random.choice(
        [
            *[number] * 5,
            f"{prefix} {a} {b}",
            f"{prefix}-{a}-{b}",
            f"+86 {number}",
            f"+86 {prefix} {a} {b}",
            f"+86-{prefix}-{a}-{b}",
            f"0086{number}",
            f"(+86){number}",
            wide(number),
            f"{landline}-{local}",
            f"({landline}) {local[:4]} {local[4:]}",
            f"（{landline}）{local}",
            f"{landline}-{local}-{random.randint(100, 999)}",
            f"{landline}-{local}转{random.randint(100, 9999)}",
            f"+86 {landline[1:]} {local[:4]} {local[4:]}",
            f"400-{digits(random, 3)}-{digits(random, 4)}",
            f"09{digits(random, 2)}-{digits(random, 3)}-{digits(random, 3)}",
            f"09{digits(random, 8)}",
            f"(02) {random.choice('23578')}{digits(random, 3)}-{digits(random, 4)}",
            f"+886 9{digits(random, 2)} {digits(random, 3)} {digits(random, 3)}",
            f"+852 {random.choice('569')}{digits(random, 3)} {digits(random, 4)}",
        ]
    )


def phone_en(random: Random) -> str:
    area, exchange = (
        random.choice("212 415 202 617 312 503 713 646".split()),
        random.choice("23456789") + digits(random, 2),
    )
    line = digits(random, 4)
    return random.choice(
        [
            f"({area}) {exchange}-{line}",
            f"({area}) {exchange}-{line}",
            f"{area}-{exchange}-{line}",
            f"{area}-{exchange}-{line}",
            f"{area}.{exchange}.{line}",
            f"+1 {area} {exchange} {line}",
            f"+1-{area}-{exchange}-{line}",
            f"+1 ({area}) {exchange}-{line}",
            f"1-{area}-{exchange}-{line}",
            f"({area}) {exchange}-{line} ext. {random.randint(10, 999)}",
            f"{area}-{exchange}-{line} x{random.randint(10, 999)}",
            f"+44 20 7{digits(random, 3)} {digits(random, 4)}",
            f"+44 (0)20 7{digits(random, 3)} {digits(random, 4)}",
            f"020 7{digits(random, 3)} {digits(random, 4)}",
            f"+44 7{random.choice('4578')}{digits(random, 2)} {digits(random, 6)}",
            f"+49 30 {random.choice('234568')}{digits(random, 7)}",
            f"+33 6 {' '.join(random.choice('123456789') + digits(random, 1) for _ in range(4))}",
            f"+81 3-{random.choice('356')}{digits(random, 3)}-{digits(random, 4)}",
            f"+65 9{digits(random, 3)} {digits(random, 4)}",
            f"+91 98{digits(random, 3)} {digits(random, 5)}",
        ]
    )


def _birth(random: Random) -> str:
    return f"{random.randint(1950, 2012)}{random.randint(1, 12):02}{random.randint(1, 28):02}"


def _resident_check(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def resident(random: Random) -> str:
    body = random.choice(COUNTIES) + _birth(random) + digits(random, 3)
    number = body + _resident_check(body)
    form = random.random()
    if form < 0.08:
        return wide(number)
    if form < 0.16:
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    return number.lower() if form < 0.24 else number


def resident_wrong(random: Random) -> str:
    body = random.choice(COUNTIES) + _birth(random) + digits(random, 3)
    right = _resident_check(body)
    return body + random.choice([digit for digit in "0123456789" if digit != right])


def resident_old(random: Random) -> str:
    return random.choice(COUNTIES) + _birth(random)[2:] + digits(random, 3)


def taiwan(random: Random) -> str:
    values = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
    letter = random.choice(list(values))
    body = random.choice("12") + digits(random, 7)
    total = values[letter] // 10 + values[letter] % 10 * 9
    total += sum(int(digit) * weight for digit, weight in zip(body, range(8, 0, -1), strict=True))
    return f"{letter}{body}{-total % 10}"


def hong_kong(random: Random) -> str:
    letter, body = random.choice(UPPER), digits(random, 6)
    total = 36 * 9 + (ord(letter) - 55) * 8 + sum(int(d) * w for d, w in zip(body, range(7, 1, -1), strict=True))
    return f"{letter}{body}({'0123456789A'[-total % 11]})"


def social_security(random: Random) -> str:
    return f"{random.randint(1, 665):03}-{random.randint(1, 99):02}-{random.randint(1, 9999):04}"


def national_insurance(random: Random) -> str:
    number = (
        random.choice("ABCEHJLMPRSTW") + random.choice("ABCEHJLMPRSTWXYZ") + digits(random, 6) + random.choice("ABCD")
    )
    if number[:2] in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"):
        number = "AB" + number[2:]
    return random.choice([number, " ".join((number[:2], number[2:4], number[4:6], number[6:8], number[8]))])


def passport_zh(random: Random) -> str:
    return random.choice(
        [f"E{digits(random, 8)}", f"G{digits(random, 8)}", f"E{random.choice('ABCDE')}{digits(random, 7)}"]
    )


def passport_en(random: Random) -> str:
    return random.choice([digits(random, 9), f"{random.choice(UPPER)}{digits(random, 8)}"])


def _luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def card(random: Random, chinese: bool) -> str:
    start, length = random.choice(
        [("622202", 19), ("621700", 19), ("622848", 19), ("622588", 16), ("625", 16), ("4367", 16)]
        if chinese
        else [("4", 16), ("51", 16), ("55", 16), ("37", 15), ("6011", 16), ("2345", 16), ("35" + "30", 16)]
    )
    body = start + digits(random, length - len(start) - 1)
    number = body + _luhn(body)
    form = random.random()
    if form < 0.4:
        sign = random.choice("  -")
        groups = (4, 10, 15) if length == 15 else (4, 8, 12, 16, 19)
        return sign.join(number[a:b] for a, b in zip((0, *groups), groups, strict=False) if number[a:b])
    return wide(number) if chinese and form < 0.45 else number


def card_wrong(random: Random) -> str:
    body = random.choice(["62", "45", "53"]) + digits(random, 13)
    return body + str((int(_luhn(body)) + random.randint(1, 9)) % 10)


def iban(random: Random) -> str:
    country, account = random.choice(
        [
            ("GB", letters(random, 4, UPPER) + digits(random, 14)),
            ("NL", letters(random, 4, UPPER) + digits(random, 10)),
            ("DE", digits(random, 18)),
            ("CH", digits(random, 17)),
            ("AT", digits(random, 16)),
            ("DK", digits(random, 14)),
        ]
    )
    as_number = "".join(str(int(sign, 36)) for sign in f"{account}{country}00")
    number = f"{country}{98 - int(as_number) % 97:02}{account}"
    return random.choice([number, " ".join(number[i : i + 4] for i in range(0, len(number), 4))])


def address(random: Random) -> str:
    form = random.random()
    if form < 0.75:
        first = random.choice([10, 192, 172, 47, 58, 101, 114, 121, 203, 218, 8, 35, 52, 91])
        rest = {10: (0,), 192: (168,), 172: (16, 20)}.get(first)
        second = random.choice(rest) if rest else random.randint(30, 250)
        return f"{first}.{second}.{random.randint(0, 255)}.{random.randint(31, 254)}"
    if form < 0.9:
        return "2001:db8:" + ":".join(f"{random.randint(1, 65535):x}" for _ in range(6))
    return "fe80::" + ":".join(f"{random.randint(4096, 65535):x}" for _ in range(4))


def mac(random: Random) -> str:
    sign = random.choice("::-")
    return sign.join(f"{random.randint(0, 255):02X}" for _ in range(5)) + f"{sign}A{random.randint(0, 9)}"


def token(random: Random) -> str:
    def part(data: str) -> str:
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")

    head, body = part('{"alg":"HS256","typ":"JWT"}'), part('{"sub":"' + digits(random, 10) + '"}')
    return random.choice(
        [
            "AKIA" + letters(random, 16, UPPER + string.digits),
            "ghp_" + letters(random, 36),
            "github_pat_" + letters(random, 22) + "_" + letters(random, 59),
            "sk-" + letters(random, 24) + "7" + letters(random, 23),
            "sk-proj-" + letters(random, 40) + "3",
            f"xoxb-{digits(random, 12)}-{digits(random, 12)}-{letters(random, 24)}",
            "AIza" + letters(random, 35),
            "glpat-" + letters(random, 20),
            "hf_" + letters(random, 34),
            f"{head}.{body}.{letters(random, 43)}",
        ]
    )


def password(random: Random) -> str:
    return random.choice(
        [
            random.choice(GIVEN_EN).title() + digits(random, 4) + "!",
            letters(random, 10) + random.choice("#%&!"),
            "P@ssw0rd" + digits(random, 2),
            random.choice(GIVEN_PINYIN) + "@" + digits(random, 4),
            digits(random, 6),
            letters(random, 5) + "-" + letters(random, 5) + digits(random, 1),
        ]
    )


def credit_code(random: Random) -> str:
    """A unified social credit code: an organisation's."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "91" + random.choice(COUNTIES) + "MA" + letters(random, 7, alphabet)
    weights = [3**place % 31 for place in range(17)]
    total = sum(alphabet.index(sign) * weight for sign, weight in zip(body, weights, strict=True))
    return body + alphabet[-total % 31]
