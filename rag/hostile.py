"""Find sentences of a document that tell a machine what to do, and not a reader. Pure, by patterns in two languages.

What is found is flagged, never removed: an article about such sentences quotes them. What is missed is still only
data: see docs/security.md for what holds without this, and for how much it finds. A plain request, such as "Write a
poem", is no sign of its addressee and is found only where people seldom write it to each other.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from rag.addresses import as_read
from rag.orders import chinese, english
from rag.text import HAN, search_terms, sentence_spans, telling_terms
from rag.types import Evidence, Passage, Span

FLAGGED = 1.0  # a sentence is, whose cues add up to this
MOST_CHARACTERS = 2000  # of a sentence that are looked at
REACH = 120  # characters before and after a sign within which others add to it


def _compiled(signs: Sequence[tuple[float, str]]) -> tuple[tuple[float, re.Pattern[str]], ...]:
    return tuple((weight, re.compile(pattern)) for weight, pattern in signs)


# Of each script: what a sentence with a sign has, what it is written in, the signs, and what adds to them.
_LANGUAGES = tuple(
    (re.compile(words.HINTS), re.compile(script), _compiled(words.SIGNS), _compiled(words.MORE))
    for words, script in ((english, r"[a-z]{2}|[<\[#]"), (chinese, f"[{HAN}]"))
)
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
_TAG_CHARACTERS = re.compile("[\U000e0001-\U000e007f]{2,}")
_BLOB = re.compile(r"(?=[A-Z+/]*[a-z\d])[A-Za-z0-9+/]{24,}={0,2}")
_DECODE = re.compile(r"(?i:\b(?:decode|decrypt|base ?64)\b)|解码|解密|解碼")
# A question about such sentences.
_ABOUT = re.compile(r"instruct|prompt|inject|ignore|disregard|jailbreak|\bai\b|assistant|指令|提示|注入|忽略|无视|助手")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=4096)
def instructions_in(text: str) -> tuple[Span, ...]:
    """Return the sentences that address a machine, in order. Remembers the texts it saw last."""
    return tuple(span for span in sentence_spans(text) if score(span.of(text)) >= FLAGGED)


def flagged(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages with the stretches of their documents that tell a machine what to do."""
    found = ((passage, instructions_in(passage.text)) for passage in passages)
    return tuple(
        replace(passage, instructions=tuple(Span(passage.start + s.start, passage.start + s.end) for s in spans))
        if spans
        else passage
        for passage, spans in found
    )


def orders_in(passages: Sequence[Passage]) -> frozenset[tuple[int, str]]:
    """Return the flagged sentences, each with the number of its passage, from 0."""
    return frozenset(
        (number, passage.text[span.start - passage.start : span.end - passage.start])
        for number, passage in enumerate(passages)
        for span in passage.instructions
    )


def without_orders(evidence: Evidence, passages: Sequence[Passage], question: str) -> Evidence:
    """Return the evidence without the sentences that are flagged, unless it has no others, or they are asked for."""
    told = orders_in(passages)
    if not told:
        return evidence
    kept = tuple(
        sentence
        for sentence in evidence.sentences
        if (sentence.passage, sentence.text) not in told or _asks_for(question, sentence.text)
    )
    return replace(evidence, sentences=kept or evidence.sentences)


def _asks_for(question: str, sentence: str) -> bool:
    """Tell whether a question is about such sentences, and has most of its words in this one."""
    wanted = set(telling_terms(question))
    return bool(_ABOUT.search(as_read(question))) and 2 * len(wanted & set(search_terms(sentence))) >= len(wanted)


def score(sentence: str) -> float:
    """Return how much speaks for a machine as the one whom a sentence tells what to do; FLAGGED is much."""
    seen = _HIDDEN.sub("", sentence[:MOST_CHARACTERS])
    total = _said(seen)
    blobs = _BLOB.findall(seen)
    if _TAG_CHARACTERS.search(sentence) or (blobs and _DECODE.search(seen)) or any(map(_hides, blobs)):
        total += FLAGGED
    return total


def _said(sentence: str) -> float:
    """Return the most that is said in one stretch: what stands far apart in a long sentence does not add up."""
    read = _SPACES.sub(" ", as_read(sentence)).strip()
    listed = [(signs, more) for hints, script, signs, more in _LANGUAGES if script.search(read) and hints.search(read)]
    signs = [
        (weight, found) for patterns, _ in listed for weight, pattern in patterns if (found := pattern.search(read))
    ]
    best = 0.0
    for _, at in signs:
        start, end = at.start() - REACH, at.end() + REACH
        total = sum(weight for weight, found in signs if start <= found.start() and found.end() <= end)
        near = read[max(0, start) : end]
        more = sum(weight for _, patterns in listed for weight, pattern in patterns if pattern.search(near))
        best = max(best, total + more)
    return best


def _hides(blob: str) -> bool:
    """Tell whether Base64 holds such a sentence itself."""
    try:
        inner = base64.b64decode(blob + "=" * (-len(blob) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return inner.isprintable() and any(
        _said(span.of(inner)) >= FLAGGED for span in sentence_spans(inner[:MOST_CHARACTERS])
    )
