"""eval.expertqa: claims ask for the passages that support them."""

import json
from pathlib import Path

import pytest

from eval.datasets.load import load_dataset
from rag.errors import Malformed

PASSAGE = "Trees cool cities in summer."


def claim(text: str, support: str | None, *evidence: str) -> dict[str, object]:
    return {"claim_string": text, "evidence": list(evidence), "support": support}


def write(path: Path, *claims: dict[str, object]) -> Path:
    file = path / "claims.jsonl"
    file.write_text(json.dumps({"question": "Why trees?", "answers": {"any": {"claims": claims}}}), encoding="utf-8")
    return file


def test_a_claim_asks_for_the_passages_that_support_it(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        claim("Trees cool cities [1].", "Complete", f"[1] https://a.example/x\n\n{PASSAGE}"),
        claim("They do so in summer [2][3].", "Incomplete", f"[2] https://b.example/y\n\n{PASSAGE}"),
    )
    dataset = load_dataset(f"expertqa:{file}")
    [passage] = dataset.paragraphs
    assert passage.text == PASSAGE
    assert [question.text for question in dataset.questions] == ["Trees cool cities.", "They do so in summer."]
    assert [question.grades for question in dataset.questions] == [{passage.id: 2.0}, {passage.id: 1.0}]


def test_claims_that_nothing_is_known_of_are_skipped_by_name_and_their_passages_stay(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        claim("An address is no text.", "Complete", "[1] https://a.example/x"),
        claim("Nobody judged this.", None, PASSAGE),
    )
    dataset = load_dataset(f"expertqa:{file}")
    assert not dataset.questions
    assert len(dataset.paragraphs) == 1
    assert [remark.item for remark in dataset.skipped] == ["1.1", "1.2"]


def test_another_shape_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "claims.jsonl"
    file.write_text('{"question": "?"}', encoding="utf-8")
    with pytest.raises(Malformed, match=r"claims\.jsonl:1 "):
        load_dataset(f"expertqa:{file}")
