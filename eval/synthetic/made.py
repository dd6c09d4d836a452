"""A question that a program made of a sentence, and the sentences it is made of. Pure; knows nothing of libraries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag.text import has_han, sentence_spans
from rag.types import BlockKind, Document, Span

LEAST_WORDS, MOST_WORDS = 8, 40
LEAST_HAN, MOST_HAN = 12, 90
# What a sentence that leans on another begins with: asked alone, it asks of nobody knows what.
LEANS = re.compile(
    r"(?:it|its|they|their|them|this|that|these|those|he|she|his|her|such|here|there|then|but|and|or|so|however|also|"
    r"when|if|as|in this|for this|for example|for instance|in contrast|both|we|our|you|your|i)\b|"
    r"[它他她这那此该其本但而并且因所又也则即如若当我您你同另]|上述|以上|以下|然而|不过|可是|后来|之后|随后|由于|对于|例如|比如|相比|正如",
    re.IGNORECASE,
)
TEXT_KINDS = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    name: str  # of the file, as a set names it
    document: Document


@dataclass(frozen=True, slots=True)
class Sentence:
    """source.document.text[span.start:span.end] == text, on one line."""

    source: Source
    span: Span
    text: str
    language: str  # "zh" or "en"


@dataclass(frozen=True, slots=True)
class Made:
    """kind: "cloze", "template" or "written"."""

    kind: str
    text: str
    answers: tuple[str, ...]
    sentence: Sentence

    def row(self, name: str) -> dict[str, Any]:
        """Return it as a line of a qa: set."""
        return {
            "id": name,
            "lang": self.sentence.language,
            "type": self.kind,
            "question": self.text,
            "answers": list(self.answers),
            "support": [{"file": self.sentence.source.name, "quote": self.sentence.text}],
            "synthetic": True,
        }


def sentences_of(source: Source) -> Iterator[Sentence]:
    """Yield the sentences of running text that are long enough to ask of and not too long to answer with."""
    document = source.document
    blocks = [block for block in document.blocks if block.kind in TEXT_KINDS]
    for block in blocks:
        for span in sentence_spans(document.text, block.start, block.end):
            text = span.of(document.text)
            language = "zh" if has_han(text) else "en"
            if "\n" not in text and _is_fit(text, language):
                yield Sentence(source, span, text, language)


def _is_fit(text: str, language: str) -> bool:
    if LEANS.match(text.lstrip("“\"'「『(（")) or text.rstrip("\"'”’」』").endswith(("?", "？", ":", "：")):
        return False
    if language == "zh":
        return LEAST_HAN <= len(text) <= MOST_HAN and text.endswith(("。", "！", "；"))
    return LEAST_WORDS <= len(text.split()) <= MOST_WORDS and text[0].isupper() and text.rstrip("\"'”’)").endswith(".")
