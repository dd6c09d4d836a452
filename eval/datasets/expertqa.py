"""Read ExpertQA as a set for retrieval: which passage supports this claim? Knows nothing of scoring.

The documents are all passages of the file, each once; the questions are its claims, and the grades how fully experts
found the passage to support them. Nothing is dropped in silence.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.datasets.reading import json_lines, objects, text, texts
from eval.questions import Dataset, Paragraph, Question, Remark, Support
from rag.text import language_of

HINT = "each line is an object with question, answers and their claims"
# What the experts could say; a claim with another label, or none, is not asked.
GRADES = {"Complete": 2.0, "Partial": 1.0, "Incomplete": 1.0}
_MARK = re.compile(r"\s*\[\d+\]")
_ADDRESS = re.compile(r"\[\d+\]\s*\S+\s*(?:\n|$)")  # a passage begins with its number and its page's address
_Claim = tuple[str, tuple[str, ...], str]  # its wording, its evidence, and what experts said of that


def load_expertqa(spec: str, file: Path) -> Dataset:
    """Read the file. Raises Malformed for one of another shape."""
    paragraphs: dict[str, Paragraph] = {}
    questions: dict[str, Question] = {}
    skipped: list[Remark] = []
    mended: list[Remark] = []
    for number, claims in _rows(file, mended):
        for place, (claim, evidence, label) in enumerate(claims, 1):
            name = f"{number}.{place}"
            supports = []
            for passage in filter(None, map(_passage, evidence)):
                key = hashlib.sha256(passage.encode()).hexdigest()[:32]
                paragraphs.setdefault(key, Paragraph(key, passage, language_of(passage), topic=str(number)))
                supports.append(Support(key, grade=GRADES.get(label, 0.0)))
            wording = " ".join(_MARK.sub("", claim).split())
            reason = _unfit(wording, supports, label)
            if reason:
                skipped.append(Remark(name, reason))
            else:
                questions[name] = Question(name, wording, language_of(wording), "claim", (), tuple(supports))
    return Dataset(
        spec, tuple(questions.values()), tuple(paragraphs.values()), skipped=tuple(skipped), mended=tuple(mended)
    )


def read_claims(file: Path) -> Iterator[tuple[int, str, list[str], str]]:
    """Yield of each claim the line of its question, its wording, the passages that have a text, and its label.

    Raises Malformed.
    """
    for number, claims in _rows(file, []):
        for claim, evidence, label in claims:
            yield number, " ".join(_MARK.sub("", claim).split()), list(filter(None, map(_passage, evidence))), label


def _rows(file: Path, mended: list[Remark]) -> Iterator[tuple[int, list[_Claim]]]:
    return json_lines(file, "ExpertQA's", HINT, _claims, mended)


def _claims(row: Mapping[str, Any]) -> list[_Claim]:
    answers = row["answers"]
    return [
        (text(claim, "claim_string"), texts(claim, "evidence"), text(claim, "support", "None"))
        for model in answers
        for claim in objects(answers[model], "claims")
    ]


def _passage(evidence: str) -> str:
    return unicodedata.normalize("NFC", _ADDRESS.sub("", evidence, count=1)).strip()


def _unfit(wording: str, supports: list[Support], label: str) -> str:
    if not wording:
        return "the claim is empty"
    if not supports:
        return "it has no evidence, or an address alone"
    return "" if label in GRADES else f"nobody said that its evidence supports it: {label}"
