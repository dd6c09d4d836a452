"""Chinese words with their tags, of the dictionary that search cuts words by. Knows nothing of what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag.text import has_han, to_simplified

ASKING = frozenset(
    "什么 哪 哪个 哪些 哪里 哪儿 哪位 哪种 哪一 哪年 哪一年 哪国 谁 何 何时 何地 何种 几 多少 怎么 怎样 如何 "
    "为什么 为何 多 多大 多久 多长".split()
)
# Nouns that only make a question, or stand for nothing in particular.
EMPTY = frozenset(
    "时候 时间 地方 原因 方面 名字 名称 东西 事 事情 意思 情况 问题 方法 办法 样子 人 年 月 日 年份 时 中 内 里 "
    "上 下 话 种 类 类型 种类 "
    "时期 期间 后 前 之后 之前 钱 家 位 国家 城市 年代 世纪".split()
)
_QUOTED = re.compile(r"《[^》]+》|“[^”]+”|「[^」]+」|『[^』]+』|\"[^\"]+\"")


_BODIES = ("公司", "大学", "学院", "银行", "医院", "集团", "协会", "博物馆", "图书馆", "机场", "车站", "计划", "条约")


@dataclass(frozen=True, slots=True)
class Word:
    text: str  # in simplified characters
    tag: str
    start: int
    said: str  # as it was written

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_name(self) -> bool:
        if self.tag == "n" and len(self.text) > 3 and self.text.endswith(_BODIES):
            return True
        return self.tag.startswith(("nr", "ns", "nt", "nz", "eng", "quote"))

    @property
    def is_noun(self) -> bool:
        """Whether it may be what a question is about."""
        if self.text in EMPTY or self.text in ASKING:
            return False
        return self.is_name or self.tag.startswith("n") or self.tag in ("vn", "j", "l", "i", "an")


def words_of(text: str) -> list[Word]:
    """Return the words with their tags; a title or a quotation is one word."""
    words: list[Word] = []
    last = 0
    for quote in _QUOTED.finditer(text):
        words += _tagged(text[last : quote.start()], last)
        words.append(Word(quote.group(), "quote", quote.start(), quote.group()))
        last = quote.end()
    return words + _tagged(text[last:], last)


def _tagged(text: str, offset: int) -> list[Word]:
    import rjieba  # with its dictionary, which takes 0.2 s: not every question is Chinese

    plain = simple(text)
    words, start = [], 0
    for word, tag in _parted(rjieba.tag(plain)):
        end = start + len(word)
        words.append(Word(word, _mended(word, tag), offset + start, text[start:end]))
        start = end
    return words


def _parted(tagged: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Part what the tags take for one word: 张三是, 它花, and 本书 after 这."""
    before = ""
    for word, tag in tagged:
        if tag.startswith("nr") and len(word) > 2 and word.endswith("是"):
            yield from ((word[:-1], tag), ("是", "v"))
        elif word[0] in "它她他" and len(word) > 1 and word[1] != "们" and tag.startswith(("v", "nr")):
            yield from ((word[0], "r"), (word[1:], "v"))
        elif word == "本书" and before in ("这", "那"):
            yield from (("本", "q"), ("书", "n"))
        else:
            yield word, tag
        before = word


def _mended(word: str, tag: str) -> str:
    """Return the tag; a word that the dictionary lacks is a name where it is Latin or long."""
    if tag == "x" and re.search(r"[A-Za-z]", word):
        return "eng"
    return "n" if tag == "x" and has_han(word) and len(word) > 1 else tag


def simple(text: str) -> str:
    """Return simplified characters, and one sign for each pronoun; as it is where that would change its length."""
    simplified = to_simplified(text).replace("牠", "它").replace("祂", "他")
    return simplified if len(simplified) == len(text) else text
