"""The embedded default, which needs no language model: it answers in the documents' own sentences.

Which sentences carry evidence is known before it is asked (rag/evidence.py); it decides how many, and joins them.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from rag.cite import guard_marks
from rag.ports import Prompt
from rag.types import EvidenceSentence

MAX_SENTENCES = 3
# A further sentence is given only when it scores at least this share of the best.
NEAR_BEST = 0.8


class ExtractiveGenerator:
    """Implements ports.Generator."""

    name = "extractive"

    def generate(self, prompt: Prompt) -> Generator[str, None, None]:
        """Yield the sentences that answer, each with its passage's mark, in the order in which they are best read."""
        separator = "" if prompt.language == "zh" else " "
        for i, sentence in enumerate(choose(prompt.evidence.sentences)):
            yield f"{separator if i else ''}{guard_marks(sentence.text)} [{sentence.passage + 1}]"


def choose(sentences: Sequence[EvidenceSentence]) -> list[EvidenceSentence]:
    best = sentences[0].score if sentences else 0.0
    return [sentence for sentence in sentences[:MAX_SENTENCES] if sentence.score >= NEAR_BEST * best]
