"""A text taken apart once: what is looked at of a claim and of a quote. Knows nothing of what is compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag.text import HAN, UNSPACED, stems, to_simplified
from rag.words import CHINESE_STOP_WORDS, ENGLISH_STOP_WORDS

# What is longer is no sentence. The rest of it is not looked at, and a claim that goes on there is not supported.
MOST_CHARACTERS = 20_000
REMEMBERED = 256  # texts; a claim is checked against several quotes, and a quote against several claims

_WORD = re.compile(rf"[^\W\d_{UNSPACED}]+(?:['’][^\W\d_{UNSPACED}]+)*|\d+(?:[.,:]\d+)*|[{HAN}]+|[{UNSPACED}]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_OF = re.compile(r"['’]s?$")
_SUPERSCRIPT = str.maketrans({sign: f"^{digit}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})
# Beside the words that make a question: they join others, and another may stand for each of them.
_JOINING = ENGLISH_STOP_WORDS | frozenset(
    "while although though however but because since so thus hence therefore also both either such like than these "
    "those its his their them him us into onto upon about around over under between among during through via per as "
    "well just only very more most less own same other another any each every all some being having may might must "
    "shall will according stated text passage source documents says say said".split()
)
_JOINING_CHINESE = CHINESE_STOP_WORDS | frozenset(
    "由于 因此 于是 因而 同时 另外 此外 以及 并 即 便 仍 仍然 均 皆 亦 乃 于 至 位于 处于 大概 约 近 左右 资料 文章 "
    "指出 据 表明 显示 认为 来自 所有 与其 一直 其他 其它 这样 那样 如此 例如 比如 诸如 起 间 内 外".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a number. text is folded; stem is what it is compared by; kind is the tagger's, of Chinese words."""

    text: str
    stem: str
    start: int
    end: int
    kind: str = ""

    @property
    def telling(self) -> bool:
        """Whether it says something of its own."""
        return self.text not in (_JOINING if self.text < "\u2e80" else _JOINING_CHINESE)


@dataclass(frozen=True, eq=False)  # each is equal to itself alone, which is quickly told
class Said:
    """plain is compatibility-composed and in simplified characters; lower is the same, letter by letter."""

    plain: str
    lower: str

    @cached_property
    def words(self) -> tuple[Word, ...]:
        found: list[tuple[str, int, int, str]] = []
        for match in _WORD.finditer(self.plain):
            run, start = match.group(), match.start()
            if run[0] < "\u2e80" or len(run) == 1:
                found.append((_spaced(run), start, match.end(), ""))
                continue
            for word, kind in _tagged(run):
                found.append((word, start, start + len(word), kind))
                start += len(word)
        stemmed = stems([word for word, *_ in found])
        return tuple(
            Word(text, stem, start, end, kind) for (text, start, end, kind), stem in zip(found, stemmed, strict=True)
        )

    @cached_property
    def telling(self) -> tuple[Word, ...]:
        return tuple(word for word in self.words if word.telling)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words)


@lru_cache(maxsize=REMEMBERED)
def said(text: str) -> Said:
    """Take a text apart. Takes anything; half a surrogate pair becomes a question mark."""
    whole = text[:MOST_CHARACTERS].encode("utf-8", "replace").decode()
    plain = unicodedata.normalize("NFKC", whole.translate(_SUPERSCRIPT))
    if not plain.isascii():
        plain = to_simplified(plain)
    return Said(plain, _lower(plain))


def _lower(plain: str) -> str:
    lower = plain.lower()
    if len(lower) == len(plain):
        return lower
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in plain)


def _spaced(run: str) -> str:
    folded = _OF.sub("", run.casefold())
    if not folded.isascii():
        folded = _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    return folded or run


def _tagged(run: str) -> list[tuple[str, str]]:
    import rjieba  # with its dictionary, which takes 0.2 s

    return list(rjieba.tag(run, True))
