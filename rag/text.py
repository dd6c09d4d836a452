"""Text without models: its language, its sentences, and the terms it is searched by.

Knows nothing of documents or indexes. Search keys are folded; the text itself never is.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import opencc
import Stemmer

from rag.types import Span
from rag.words import ABBREVIATIONS, CHINESE_STOP_WORDS, ENGLISH_QUESTION_WORDS, ENGLISH_STOP_WORDS, FUNCTION_WORDS

HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = r"\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HANGUL = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
# Thai, Lao, Khmer and Myanmar are written without spaces too.
UNSPACED = rf"{HAN}{KANA}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"

_HAN = re.compile(f"[{HAN}]")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_HAN_RUN = re.compile(f"[{HAN}]+")
_KANA = re.compile(f"[{KANA}]")
_HANGUL = re.compile(f"[{HANGUL}]")
_SPACED_WORD = re.compile(rf"[^\W\d_{UNSPACED}]+")
# A term is a run of an unspaced script, or a word that may carry inner joiners: gpt-4, u.s, 3.5, 13:30, snake_case.
_TERM = re.compile(rf"[{UNSPACED}]+|[^\W{UNSPACED}]+(?:(?:[-.'’/+#&]|(?<=\d):(?=\d))[^\W{UNSPACED}]+)*(?:\+\+|#)?")
FIRST_UNSTEMMED = "\u2e80"  # where Chinese begins: no stemmer changes it, and to ask one takes as long as all else
WORD_SIGN = "/"  # tells the word 模型/ from the bigram 模型
SPACED_WEIGHT = 4.0  # of a spaced word among unspaced ones
_PART = re.compile(r"[^\W_]+")
_GROUPED_NUMBER = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LETTER_OR_DIGIT_RUN = re.compile(r"\d+|[^\W\d_]+")
_JOINER = re.compile(r"[^\w.:]|_|(?<!\d)[.:]|[.:](?!\d)")  # but for those inside a number
_PADDED = re.compile(r"0\d")
_ACCENT = re.compile(r"[\u0300-\u036f]")
# Latin letters whose stroke or tie is no mark that can be taken off: people without the key write these instead.
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)
_QUOTATION = re.compile(r'"([^"]{2,80})"|“([^”]{2,80})”|「([^」]{2,80})」|『([^』]{2,80})』|《([^》]{2,80})》')
MOST_QUOTATIONS = 4  # of a question that are looked for as such
_LATIN_WORD = re.compile(r"[a-z]+")

_QUESTION_WORDS = re.compile(
    "为什么|为何|什么|哪些|哪个|哪一个|哪里|哪位|哪一|哪|谁|何时|何地|怎么样|怎么|怎样|如何|多少|几个|多久|多长|多大|吗|呢|请问"
)
_OTHER_SCRIPTS = {"CYRILLIC": "ru", "ARABIC": "ar", "HEBREW": "he", "GREEK": "el", "THAI": "th", "DEVANAGARI": "hi"}
_SAMPLE_CHARACTERS = 20_000


_local = threading.local()  # a stemmer is not thread-safe


Cut = Callable[[str], list[str]]  # a run of an unspaced script into words


def cut_words(run: str) -> list[str]:
    import rjieba  # with its dictionary, which takes 0.2 s: not every verb that folds a text cuts words

    return list(rjieba.cut(run))


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def to_simplified(text: str) -> str:
    return str(_simplifier().convert(text))


def fold(text: str) -> str:
    """Return the form that search compares: NFKC, case folded, traditional characters made simplified.

    A lone surrogate becomes a question mark.
    """
    text = text.encode("utf-8", "replace").decode()
    return to_simplified(unicodedata.normalize("NFKC", text).casefold())


def bare(text: str) -> str:
    """Return the folded text as terms are taken from it: without accents, and 1,000 as 1000."""
    folded = fold(text)
    return _GROUPED_NUMBER.sub("", folded if folded.isascii() else _without_accents(folded))


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of most of the text, "und" where there are too few letters to tell."""
    sample = text[:_SAMPLE_CHARACTERS]
    han, kana, hangul = (len(pattern.findall(sample)) for pattern in (_HAN, _KANA, _HANGUL))
    words = [word.casefold() for word in _SPACED_WORD.findall(_HANGUL.sub(" ", sample))]
    # A Han character carries about as much as half a word.
    unspaced, spaced = han + kana + hangul, 2 * len(words)
    if unspaced == 0 and spaced == 0:
        return "und"
    if unspaced >= spaced:
        if hangul > han + kana:
            return "ko"
        return "ja" if kana > 0.2 * (han + kana) else "zh"
    return _language_of_words(words)


def _language_of_words(words: list[str]) -> str:
    scripts = Counter(unicodedata.name(word[0], "?").split(" ")[0] for word in words)
    script = scripts.most_common(1)[0][0]
    if script != "LATIN":
        return _OTHER_SCRIPTS.get(script, "und")
    votes = {language: sum(word in listed for word in words) for language, listed in FUNCTION_WORDS.items()}
    if not any(votes.values()):
        return "en" if all(word.isascii() for word in words) else "und"
    return max(votes, key=lambda language: votes[language])


def question_language(text: str) -> str:
    """Return "zh" or "en": the language to answer in.

    A Chinese question may be mostly English names, so it is function words that make a mixed one English.
    """
    han = len(_HAN.findall(text))
    if han == 0:
        return "en"
    words = [word.casefold() for word in _SPACED_WORD.findall(text)]
    english = sum(word in FUNCTION_WORDS["en"] for word in words)
    return "en" if english >= 2 and len(words) >= han else "zh"


def search_terms(text: str, cut: Cut = cut_words) -> list[str]:
    """Return the folded terms of a text, in order, repeats kept.

    Unspaced scripts give words, characters and character bigrams. A word with inner joiners gives itself without them
    and its parts: GPT-4 gives gpt4, gpt, 4; a number keeps its own: 3.5, 13:30. Words are stemmed as English ones are,
    and lose their accents.
    """
    return _stemmed(_folded_terms(fold(text), cut))


def query_terms(question: str, cut: Cut = cut_words) -> list[str]:
    """Return what to search for: a question's terms without those that only make it a question: 什么, 多少, which, of.

    They are rare in documents, so BM25 would take them for the rarest of evidence. A question that has no other words
    keeps them all.
    """
    folded = fold(question)
    terms = [
        term for term in _folded_terms(_QUESTION_WORDS.sub(" ", folded), cut) if term not in ENGLISH_QUESTION_WORDS
    ]
    return _stemmed(terms or _folded_terms(folded, cut))


def query_weights(question: str, cut: Cut = cut_words) -> dict[str, float]:
    """Return the distinct query_terms, each with its weight: how often it stands there, where words are spaced.

    A Chinese word of two characters is asked for four times: as a word, as a pair, and by each of the two. A spaced
    word beside Chinese ones, a name or a number, is asked for once and counts for four, or it would be the least.
    """
    counted = Counter(query_terms(question, cut))
    if not any(_UNSPACED.match(term) for term in counted):
        return dict(counted)
    return {term: 1.0 if _UNSPACED.match(term) else SPACED_WEIGHT for term in counted}


def quoted_terms(question: str) -> list[list[str]]:
    """Return of each quotation in a question, in marks of any kind, the terms that a text with it must have.

    Not the words of an unspaced script: how they are cut depends on what stands around them.
    """
    quotations = ("".join(groups) for groups in _QUOTATION.findall(fold(question)))
    terms = [list(dict.fromkeys(_stemmed(_folded_terms(quotation, lambda _: [])))) for quotation in quotations]
    return [some for some in terms if some][:MOST_QUOTATIONS]


def latin_words(question: str) -> dict[str, str]:
    """Return the question's words of Latin letters alone, folded, each with the term that it is searched by."""
    words = [term for term in _folded_terms(fold(question), lambda _: []) if _LATIN_WORD.fullmatch(term)]
    return dict(zip(words, _stemmed(words), strict=True))


def stems(words: list[str]) -> list[str]:
    """The terms that folded words of Latin letters are searched by."""
    return _stemmed(words)


def telling_terms(question: str) -> list[str]:
    """Return the terms by which evidence is judged: those of query_terms without the words that say nothing: 的, 可以.

    Search keeps them, since they tell one phrase from another.
    """
    folded = fold(question)
    terms = [term for term in _folded_terms(_without_stop_words(folded)) if term not in ENGLISH_STOP_WORDS]
    return _stemmed(terms or _folded_terms(folded))


def _without_stop_words(folded: str) -> str:
    return _HAN_RUN.sub(
        lambda run: "".join(" " if word in CHINESE_STOP_WORDS else word for word in cut_words(run.group())), folded
    )


def _stemmed(terms: list[str]) -> list[str]:
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("english", 0)  # its own cache makes it four times slower
    if not any(term >= FIRST_UNSTEMMED for term in terms):
        return list(stemmer.stemWords(terms))
    stemmed = iter(stemmer.stemWords([term for term in terms if term < FIRST_UNSTEMMED]))
    return [next(stemmed) if term < FIRST_UNSTEMMED else term for term in terms]


def _folded_terms(folded: str, cut: Cut = cut_words) -> list[str]:
    terms: list[str] = []
    if not folded.isascii():
        folded = _without_accents(folded)
    for match in _TERM.finditer(_GROUPED_NUMBER.sub("", folded)):
        run = match.group()
        if run.isascii() and run.isalpha():  # most of English: one word, in one part
            terms.append(run)
        elif _UNSPACED.match(run):
            terms += _unspaced_terms(run, cut)
        else:
            terms += _spaced_terms(run)
    return terms


def _without_accents(folded: str) -> str:
    """Make naïve naive, and Đức duc. The marks of other scripts, which make other letters of theirs, stay."""
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", folded))).translate(_LETTERS)


def _unspaced_terms(run: str, cut: Cut) -> list[str]:
    words = [word + WORD_SIGN for word in cut(run)]
    bigrams = [run[i : i + 2] for i in range(len(run) - 1)]
    return words + list(run) + bigrams


def _spaced_terms(run: str) -> list[str]:
    if run.endswith(("++", "#")):
        return [run, *_PART.findall(run)]
    parts = _PART.findall(run)
    if len(parts) > 1:
        if parts[-1] == "s" and len(parts) == 2 and ("'" in run or "’" in run):
            return [parts[0]]
        # 3.5 is not 35. The 05 of a date or a time is the 5 of another way to write it.
        return [_JOINER.sub("", run), *(part[1:] if _PADDED.fullmatch(part) else part for part in parts)]
    pieces = _LETTER_OR_DIGIT_RUN.findall(run)
    return [run, *pieces] if 1 < len(pieces) <= 4 else [run]


CLOSERS = r"[\"'”’」』）)\]】》〉]*+"
# Runs are taken whole or not at all, so that twenty thousand full stops take 1 ms and not 6 s.
_BREAK = re.compile(rf"[。！？｡]+{CLOSERS}|(?:(?<![!?…])[!?…]++|(?<!\.)\.++){CLOSERS}(?=\s|$|[{HAN}])|……{CLOSERS}|\n+")
_LAST_WORD = re.compile(r"[^\s(（\[\"“‘]+$")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return the sentences of text[start:end], in order, without the white space around them.

    A line end always ends a sentence: a canonical text has none inside a paragraph. Together the spans hold every
    character but white space.
    """
    stop = len(text) if end is None else end
    spans: list[Span] = []
    begin = start
    for match in _BREAK.finditer(text, start, stop):
        if goes_on(text, match, begin):
            continue
        _append_trimmed(spans, text, begin, match.end())
        begin = match.end()
    _append_trimmed(spans, text, begin, stop)
    return spans


def goes_on(text: str, match: re.Match[str], begin: int) -> bool:
    """Tell whether a full stop stands inside a sentence: after an abbreviation, an initial or a list number."""
    if not match.group().startswith(".") or match.group().startswith(".."):
        return False
    following = text[match.end() : match.end() + 2].strip()
    if following and following[0].islower():
        return True
    word = _LAST_WORD.search(text, max(begin, match.start() - 12), match.start())
    if word is None:
        return False
    last = word.group()
    if last.casefold() in ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last.isupper()):
        return True
    return last.isdigit() and not text[begin : match.start() - len(last)].strip() and len(last) <= 3


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    if left < right:
        spans.append(Span(start + left, start + right))
