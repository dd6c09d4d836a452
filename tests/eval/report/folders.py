"""A run's folder, written small, for the tests of its reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.record import Record
from eval.summary import summarise

MODELS = {"embedder": {"name": "small", "sha256": "ab" * 32, "published": True}}


def record(name: str, *, answerable: bool = True, **others: Any) -> Record:
    """A question that was answered right, or rightly refused where there is no answer."""
    scores = {
        "refusal.refused": float(not answerable),
        "refusal.confidence": 0.9 if answerable else 0.1,
        "citation.count": 1.0,
        "citation.right": float(answerable),
        "citation.valid": 1.0,
        "latency.total": 12.0,
        **({"answer.contains": 1.0} if answerable else {}),
        **{f"{leg}.recall@1": 1.0 for leg in ("hybrid", "dense", "lexical") if answerable},
    }
    made: dict[str, Any] = {
        "id": name,
        "question": f"What is {name}?",
        "language": "en",
        "kind": "factoid",
        "told": answerable,
        "answers": ("forty-two",) if answerable else (),
        "gold": {"d1": 1.0} if answerable else {},
        "rankings": {leg: ["d2", "d1"] for leg in ("hybrid", "dense", "lexical")},
        "answered": True,
        **others,
    }
    return Record(answerable=answerable, scores={**scores, **others.pop("scores", {})}, **_without(made, "scores"))


def wrong(name: str, **others: Any) -> Record:
    return record(name, scores={"answer.contains": 0.0, "citation.right": 0.0}, **others)


def written(folder: Path, records: Sequence[Record], answers: Sequence[Any] = (), **summary: Any) -> Path:
    """Write what a finished run's report is made of."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {
        "dataset": "qa:set.jsonl",
        **summarise(records[:20]),
        "questions": len(records),
        "documents": 2,
        "skipped": [],
        "config": {"command": "footnote eval run --dataset qa:set.jsonl", "models": MODELS},
        **summary,
    }
    _write(folder / "summary.json", json.dumps(whole))
    _write(folder / "questions.jsonl", "".join(json.dumps(one.row()) + "\n" for one in records))
    _write(folder / "answers.jsonl", "".join(json.dumps(one) + "\n" for one in answers))
    return folder


def answer(name: str, text: str, *quotes: str) -> dict[str, Any]:
    citations = [
        {
            "mark": mark,
            "document_id": "d1",
            "title": "A book",
            "source": "book.txt",
            "quote": quote,
            "status": "verified",
        }
        for mark, quote in enumerate(quotes, 1)
    ]
    return {"id": name, "answer": text, "citations": citations, "passages": []}


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
