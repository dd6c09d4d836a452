"""Find addresses in text: URLs, hosts and mail addresses, also written in ways that hide them. Pure.

An address is looked for in the text as it would be read: full-width, lookalike and percent-encoded characters count as
what they stand for. Knows nothing of whether an address is to be trusted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rag.text import UNSPACED
from rag.types import Span

# What an address is made of: a run of these is looked at as a whole. Full-width , : ; ? ! ( ) are Chinese punctuation,
# and end it; so do characters of scripts without spaces.
RUN_CHARACTER = rf"(?:[^\W{UNSPACED}]|[%&:/\\.@?#=+~,;$()\-／．％＆＠＃＝＋－＼∕⁄⧸╱․⁚꞉∶։])"
RUN = re.compile(rf"{RUN_CHARACTER}+")

_LOOKALIKES = str.maketrans(  # Cyrillic, Greek, dotless i; what looks like a slash, a stop or a colon
    "асԁеһіјӏорԛѕтуԝхгпмкбαβεηικνορτυχı∕⁄⧸╱․⁚꞉∶։",
    "acdehijlopqstywxrnmkbabeniknoptyxi////.::::",
)
_SLASH = r"(?:/|\\|%(?:25)*2f|%(?:25)*5c|&#(?:0*47|x0*2f);?|&sol;)"
_COLON = r"(?::|%(?:25)*3a|&#(?:0*58|x0*3a);?|&colon;)"
_DOT = r"(?:\.|%(?:25)*2e|&#(?:0*46|x0*2e);?)"
_HOST = rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,8}}"
# A bare host is taken for one only by these endings: asp.net and end.In are none.
_ENDINGS = "com|org|cn|xyz|info|biz|ru|gov|edu|top|icu|onion"
_ENDINGS_BEFORE_A_PATH = "net|io|ai|co|me|app|dev|site|online|shop|club|cc|tv|ly|gl|link|click|live|cloud|tk|hk|tw|uk"
_ADDRESS = re.compile(
    rf"(?<![a-z0-9])[a-z][a-z0-9+.-]{{0,30}}{_COLON}{_SLASH}{{2,}}.*"
    rf"|(?<![\w/\\]){_SLASH}{{2,}}{_HOST}.*"
    rf"|(?<![a-z0-9])(?:mailto|javascript|vbscript|livescript|blob|view-source|intent|magnet){_COLON}[!-~].*"
    rf"|(?<![a-z0-9])(?:data{_COLON}(?:[a-z]+{_SLASH}[a-z]|[;,])|file{_COLON}{_SLASH}).*"
    rf"|(?<![\w.-])www\d?{_DOT}[\w-].*"
    rf"|(?<![\w.+-])[\w.+-]{{1,64}}@{_HOST}"
    rf"|(?<![\w@.-])(?:[\w-]{{1,63}}{_DOT}){{1,8}}"
    rf"(?:(?:{_ENDINGS})(?![\w-]|{_DOT}\w)(?:[:/\\?#].*)?|(?:{_ENDINGS_BEFORE_A_PATH})(?=[/\\?#]|:\d).*)"
)
_MAY_HOLD_ONE = re.compile(r"[:/\\.@%&∕⁄⧸╱․⁚꞉∶։／．％＆＠＼]")
_TRAILING = ".,;:?&"


def addresses(text: str) -> list[Span]:
    """Return where addresses stand, in order."""
    return [
        Span(run.start() + found.start, run.start() + found.end)
        for run in RUN.finditer(text)
        for found in addresses_in_run(run.group())
    ]


def addresses_in_run(run: str) -> list[Span]:
    """The same for one run of RUN, which has no white space."""
    if not _MAY_HOLD_ONE.search(run):
        return []
    spans = []
    for match in _ADDRESS.finditer(as_read(run)):
        end = _trimmed(run, match.start(), match.end())
        spans.append(Span(match.start(), end))
    return spans


def standing_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the addresses of some texts, each exactly as it is written."""
    return frozenset(span.of(text) for text in texts for span in addresses(text))


class _AsRead(dict[int, str]):
    """Each character as it looks, one for one, so that offsets hold."""

    def __missing__(self, point: int) -> str:
        read = unicodedata.normalize("NFKC", chr(point)).lower().translate(_LOOKALIKES)
        self[point] = read if len(read) == 1 else read[:1] or chr(point)
        return self[point]


_AS_READ = _AsRead()


def as_read(text: str) -> str:
    """Return what a text looks like, character for character, in lower case."""
    return text.lower() if text.isascii() else text.translate(_AS_READ)


def _trimmed(run: str, start: int, end: int) -> int:
    """Leave out what belongs to the sentence: stops, and brackets that were opened before."""
    opened = run.count("(", start, end) - run.count(")", start, end)
    while end > start + 1:
        last = run[end - 1]
        if last == ")" and opened < 0:
            opened += 1
        elif last not in _TRAILING:
            break
        end -= 1
    return end
