"""All systems get the same files and questions, and each is held to Footnote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.bench.peers import compare as module
from eval.bench.peers.compare import compare, has_failed
from eval.bench.peers.measure import file_name
from eval.bench.peers.systems import FOOTNOTE, System
from eval.bench.peers.table import tables
from eval.questions import Dataset

TEXTS = ("水獭住在河边。", "蝙蝠住在山洞里。", "企鹅住在南极。")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    paragraphs = [
        {
            "context": text,
            "qas": [{"id": text[:2], "question": f"{text[:2]}住在哪里？", "answers": [{"text": text[4:6]}]}],
        }
        for text in TEXTS
    ]
    file = tmp_path / "animals.json"
    file.write_text(json.dumps({"data": [{"title": "animals", "paragraphs": paragraphs}]}), encoding="utf-8")
    return file


def test_the_difference_to_footnote_is_of_the_same_questions_and_files(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, ...]] = []

    def measure(system: System, asked: Dataset, files: Path, *_: Any) -> dict[str, Any]:
        """Footnote finds every file, the others the first one only; txtai's BM25 fails."""
        seen.append(tuple(path.read_text(encoding="utf-8") for path in sorted(files.iterdir())))
        if system.name == "txtai, BM25":
            return {"error": "it broke"}
        places = range(len(TEXTS)) if system.name == FOOTNOTE else [0] * len(TEXTS)
        order = {paragraph.text: number for number, paragraph in enumerate(asked.paragraphs)}
        return {
            "versions": {"made": "1"},
            "load": {"seconds": 1.0},
            "ingest": {"chunks": 3, "seconds": 0.5, "cpu_seconds": 0.4},
            "query": {"milliseconds": [1.0, 2.0, 3.0], "cpu_seconds": 0.003},
            "rankings": [[file_name(order[TEXTS[place]])] for place in places],
            "peak_bytes": 2**20,
        }

    monkeypatch.setattr(module, "measure", measure)
    spec = f"squad:{dataset}"
    report = compare([spec], shared=tmp_path, peers=tmp_path / "peers", only=(FOOTNOTE, "txtai"))
    rows = {row["system"]: row for row in report["sets"][spec]["systems"]}
    assert set(seen) == {TEXTS}
    assert "less" not in rows[FOOTNOTE]
    assert rows[FOOTNOTE]["figures"]["recall@1"]["value"] == 1
    assert rows["txtai"]["less"]["recall@1"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert rows["txtai"]["ingest"]["chunks_per_second"] == 6
    assert rows["txtai"]["query"]["p50_ms"] == 2
    assert rows["txtai, BM25"]["error"] == "it broke"
    assert has_failed(report)
    assert not (tmp_path / "peers" / "files" / "zh-3").exists()
    assert "| txtai, BM25 | not measured: it broke |" in tables({**report, "command": "made"})
