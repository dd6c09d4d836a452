"""From bytes to characters: byte order marks, strict UTF-8, then whichever encoding gives the likeliest text.

Knows nothing of formats. No statistics are shipped: the order of GB 2312 and Big5 is itself one, since both put their
common characters first, so text decoded by the wrong table shows as a heap of rare characters.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

SAMPLE_BYTES = 64 * 1024
_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_LEGACY_NAMES = "gb18030 big5hkscs cp950 shift_jis euc_jp cp949 cp1252 cp1251 koi8_r cp1253 cp1256 cp1255"
_LEGACY = tuple(_LEGACY_NAMES.split())
# Written before Unicode in seven bits, told by their escapes.
_ESCAPED = ((b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"), (b"\x1b$)C", "iso2022_kr"), (b"~{", "hz"))
# The commonest characters of running Chinese, in both scripts: rare tables seldom hit them.
_VERY_COMMON = frozenset(
    "的一是不了在有人我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着著下自之年过過发發后後作里"
    "用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心本前开開但因只从從想实實日军軍"
    "者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并並物手应應战戰向头頭文体體政美"
    "相见見被利什二等产產或新己制身果加西斯月话話合回特代内內信表化老给給世位次度门門任常先海通教儿兒原东東声聲提立及比员員解水名真论論"
    "处處走义義各入几幾口认認条條平系气氣题題活尔爾更别別打女变變四神总總何电電数數安少报報才结結反受目太量再感建务務做接必场場件计計管"
)
_CHINESE_MARKS = frozenset("，。、；：？！“”‘’（）《》〈〉【】「」『』…—·　")


def decode(data: bytes) -> tuple[str, str] | None:
    """Return the text and the encoding it was in, None where no encoding makes text of the bytes."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    found = _decoded_escaped(data) or _decoded_utf8(data)
    if found is not None:
        return found if _looks_like_text(found[0]) else None
    likeliest = _likeliest(data)
    return None if likeliest is None else (data.decode(likeliest, errors="replace"), likeliest)


def _decoded_escaped(data: bytes) -> tuple[str, str] | None:
    for escape, encoding in _ESCAPED:
        if escape in data[:SAMPLE_BYTES] and data.isascii():
            text = _decoded(data, encoding)
            if text is not None and not text.isascii():
                return text, encoding
    return None


def _decoded_utf8(data: bytes) -> tuple[str, str] | None:
    if b"\0" in data:
        return None
    text = _decoded(data, "utf-8")
    if text is None:
        text = _nearly_utf8(data)
    return None if text is None else (text, "utf-8")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, ValueError):
        return None


def _nearly_utf8(data: bytes) -> str | None:
    """Return UTF-8 with a few broken bytes in it, as a cut or mended file has; None where there are more."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - broken
    return text if whole >= 20 and broken * 20 <= whole else None


def _likeliest(data: bytes) -> str | None:
    sample = data[:SAMPLE_BYTES]
    candidates = list(_LEGACY)
    if b"\0" in sample or len(data) % 2 == 0:
        candidates += _UNMARKED_WIDE
    if b"\0" not in sample:
        import charset_normalizer  # takes 0.05 s, and most files are UTF-8

        guess = charset_normalizer.from_bytes(sample).best()
        if guess is not None and guess.encoding not in candidates:
            candidates.append(guess.encoding)
    best, best_score = None, 0.0
    for encoding in candidates:
        score = _score(sample, encoding)
        if score > best_score:
            best, best_score = encoding, score
    return best


def _score(sample: bytes, encoding: str) -> float:
    """Return how likely the sample is text in this encoding; below zero where it is not."""
    try:
        text, read = codecs.getincrementaldecoder(encoding)("strict").decode(sample), len(sample)
    except (UnicodeError, LookupError) as error:
        # One bad byte far into a file does not rule an encoding out.
        if not isinstance(error, UnicodeDecodeError) or error.start < 0.98 * len(sample) or error.start < 200:
            return -1.0
        text, read = sample[: error.start].decode(encoding, errors="ignore"), error.start
    if not text or not read or not _looks_like_text(text):
        return -1.0
    foreign = [character for character in text if character > "\x7f"]
    if not foreign:
        return 1.0 if encoding in _UNMARKED_WIDE or encoding == "cp1252" else 0.5
    return sum(map(_likelihood, foreign)) / len(foreign) - _mixture(text) / len(foreign)


def _likelihood(character: str) -> float:
    if character in _VERY_COMMON:
        return 2.0
    if character in _CHINESE_MARKS:
        return 1.5
    if "\u3041" <= character <= "\u30fe":
        return 1.6
    if "\uac00" <= character <= "\ud7a3":
        return 1.5 if _encodes(character, "euc_kr") else -1.0
    if "\u4e00" <= character <= "\u9fff":
        if character in _common_han():
            return 1.0
        return -0.5
    category = unicodedata.category(character)
    if category in {"Co", "Cn", "Cs", "Cc"}:
        return -4.0
    if "\uff61" <= character <= "\uff9f":  # half-width kana: what a single stray byte becomes in Shift JIS
        return -1.5
    if category[0] == "L" and character < "\u0530":
        return 1.0 if category == "Ll" else 0.5
    if category[0] in "LM" and character < "\u0700":  # Hebrew and Arabic
        return 0.8
    if category[0] in "PSZ" and character < "\u3000":
        return 0.3
    return -0.5


_LATIN_WORD = re.compile(r"[^\W\d_]{2,}")


def _mixture(text: str) -> float:
    """Count what no real word of these alphabets shows: two scripts, or a capital after a small letter."""
    penalty = 0.0
    for match in _LATIN_WORD.finditer(text):
        word = match.group()
        if word.isascii() or max(word) >= "\u2e80":  # Chinese and Latin stand side by side
            continue
        scripts = {_script(character) for character in word}
        accented = sum("\x80" <= character <= "\u024f" for character in word)
        if len(scripts) > 1 or (accented > 2 and accented * 2 > len(word)):
            penalty += 2.0 * len(word)
        elif any(a.islower() and b.isupper() for a, b in pairwise(word)):
            penalty += 1.5 * len(word)
    return penalty


def _script(character: str) -> str:
    if character < "\u0250":
        return "latin"
    return "greek" if character < "\u0400" else "cyrillic" if character < "\u0530" else "other"


_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # all but white space and escape
_ODD = re.compile("[\ufffd\x80-\x9f]")


def _looks_like_text(text: str) -> bool:
    """False where control characters say that these are not characters at all."""
    sample = text[:SAMPLE_BYTES]
    controls, odd = len(_CONTROLS.findall(sample)), len(_ODD.findall(sample))
    return controls * 100 <= len(sample) and odd * 10 <= len(sample)


@lru_cache(maxsize=1)
def _common_han() -> frozenset[str]:
    """The first levels of GB 2312 (3,755 characters by use) and of Big5 (5,401 by use)."""
    simplified = bytes(byte for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for byte in (lead, trail))
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    traditional = bytes(byte for lead in range(0xA4, 0xC7) for trail in trails for byte in (lead, trail))
    return frozenset(simplified.decode("gb2312", errors="ignore") + traditional.decode("big5", errors="ignore"))


def is_common_han(character: str) -> bool:
    return character in _common_han()


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
