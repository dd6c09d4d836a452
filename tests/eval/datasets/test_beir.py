"""eval.beir: a set in BEIR's form becomes questions and documents, and nothing is dropped in silence."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.load import load_dataset
from rag.errors import Malformed, NotFound

DOCUMENTS = [
    {"_id": "d1", "title": "Vitamin D and bones", "text": "Vitamin D keeps bones firm.", "metadata": {}},
    {"_id": "d2", "title": "", "text": "Coffee keeps people awake."},
    {"_id": "d3", "title": "A title alone", "text": ""},
]
QUERIES = [{"_id": "q1", "text": "Bones need vitamin D."}, {"_id": "q2", "text": "Asked in another part of the set."}]
HEADING = "query-id\tcorpus-id\tscore"


def folder(
    path: Path, *judgements: str, documents: Any = DOCUMENTS, queries: Any = QUERIES, name: str = "test.tsv"
) -> Path:
    (path / "qrels").mkdir()
    (path / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    (path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)) + "\n", encoding="utf-8")
    (path / "qrels" / name).write_text("\n".join([HEADING, *judgements]) + "\n", encoding="utf-8")
    return path


def test_documents_keep_their_titles_and_judged_questions_their_grades(tmp_path: Path) -> None:
    dataset = load_dataset(f"beir:{folder(tmp_path, 'q1	d1	2', 'q1	d2	1', 'q1	d3	0')}")
    one, two, three = dataset.paragraphs
    assert (one.title, one.text) == ("Vitamin D and bones", "Vitamin D keeps bones firm.")
    assert [question.id for question in dataset.questions] == ["q1"]
    assert dataset.questions[0].grades == {one.id: 2.0, two.id: 1.0}
    assert three.text == "A title alone"
    assert dataset.mended[0].item == "d3"
    assert not dataset.skipped


def test_documents_of_one_text_stay_two(tmp_path: Path) -> None:
    twins = [{"_id": name, "title": "", "text": "The same."} for name in ("a", "b")]
    dataset = load_dataset(f"beir:{folder(tmp_path, 'q1	a	1', documents=twins)}")
    assert len({paragraph.id for paragraph in dataset.paragraphs}) == 2


def test_what_is_left_out_is_named_with_the_reason(tmp_path: Path) -> None:
    documents = [*DOCUMENTS, {"_id": "d1", "text": "Again."}, {"_id": "d4", "title": None, "text": " "}]
    made = folder(tmp_path, "q1\tgone\t1", "q1\td1\t1", "q2\tgone\t1", "q9\td1\t1", documents=documents)
    dataset = load_dataset(f"beir:{made}")
    assert [question.id for question in dataset.questions] == ["q1"]
    assert [remark.item for remark in dataset.skipped] == ["d1", "d4", "q1", "q2", "q9"]
    assert "no other is right" in dataset.skipped[3].reason


def test_the_test_part_is_read_where_there_are_several(tmp_path: Path) -> None:
    made = folder(tmp_path, "q1\td1\t1")
    (made / "qrels" / "train.tsv").write_text(f"{HEADING}\nq2\td2\t1\n", encoding="utf-8")
    assert [question.id for question in load_dataset(f"beir:{made}").questions] == ["q1"]


def test_a_single_file_of_judgements_may_have_any_name_and_trec_s_four_columns(tmp_path: Path) -> None:
    made = folder(tmp_path, "q1 0 d1 1", name="mine.tsv")
    assert len(load_dataset(f"beir:{made}").questions) == 1


def test_a_broken_row_is_named_by_its_line(tmp_path: Path) -> None:
    made = folder(tmp_path, "q1\td1\t1", "q1\td1")
    with pytest.raises(Malformed, match=r"test\.tsv:3 "):
        load_dataset(f"beir:{made}")
    (made / "corpus.jsonl").write_text('{"title": "no id"}\n', encoding="utf-8")
    with pytest.raises(Malformed, match=r"corpus\.jsonl:1 "):
        load_dataset(f"beir:{made}")


def test_a_folder_without_judgements_is_refused(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made / "qrels" / "test.tsv").unlink()
    with pytest.raises(NotFound, match=r"qrels holds no test\.tsv"):
        load_dataset(f"beir:{made}")
