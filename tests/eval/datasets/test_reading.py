"""eval.reading: whatever a file holds, a loader reads it or says which line is wrong."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.datasets.load import FORMS, load_dataset
from eval.questions import Dataset
from rag.errors import FootnoteError, Malformed

# The fields of every form, so that what is drawn gets past the first of them.
NAMES = (
    "data title paragraphs context qas id question answers text answer_start is_impossible context_text query_id "
    "query_text _id query answer positive negative positive_wrong fakeanswer claims claim_string evidence support file "
    "quote ideal lang type key_points slices refused citations source verdict expected rater"
).split()
TEXTS = st.sampled_from(["", " ", "right", "a", "Paris", "巴黎", "[1]", "\x00", "\ud800", "e\u0301", "a.txt", "../a"])
LEAVES = TEXTS | st.none() | st.booleans() | st.integers(-2, 10**20) | st.floats()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8)
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(NAMES, LEAVES | VALUES),
        "data": st.lists(VALUES, max_size=2),
        "answers": st.lists(TEXTS, max_size=2) | VALUES,
        "support": st.lists(st.fixed_dictionaries({"file": TEXTS, "quote": TEXTS}), max_size=2) | VALUES,
        "positive": st.lists(TEXTS | st.lists(TEXTS, max_size=2), max_size=3),
    },
)
SQUADS = st.fixed_dictionaries(
    {"data": st.lists(st.fixed_dictionaries({"paragraphs": st.lists(ROWS | VALUES, max_size=2)}), max_size=2)}
)
CONTENTS = (
    st.lists(ROWS | VALUES, max_size=4).map(lambda rows: "\n".join(map(json.dumps, rows)).encode())
    | SQUADS.map(lambda value: json.dumps(value).encode())
    | st.lists(st.lists(TEXTS, max_size=4).map(",".join), max_size=4).map(
        lambda rows: "\n".join(["question,answer,file", *rows]).encode("utf-8", "surrogatepass")
    )
    | st.binary(max_size=60)
)
FILES = {
    "beir": ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"),
    "bipia": ("email_train.jsonl", "text_attack_train.json"),
}


def load(form: str, folder: Path, contents: list[bytes]) -> Dataset:
    (folder / "qrels").mkdir()
    (folder / "seeds").mkdir()
    (folder / "seeds" / "a.txt").write_text("Paris")
    names = FILES.get(form, ("file",))
    for name, content in zip(names, contents, strict=False):
        (folder / name).write_bytes(content)
    path = folder if form in FILES else folder / names[0]
    return load_dataset(f"{form}:{path}", documents=folder / "seeds")


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=20)
@given(contents=st.lists(CONTENTS, min_size=3, max_size=3))
def test_whatever_a_file_holds_it_is_read_or_refused_on_purpose(form: str, contents: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            dataset = load(form, Path(folder), contents)
        except FootnoteError:
            return
    assert len({question.id for question in dataset.questions}) == len(dataset.questions)
    assert all(question.text.strip() for question in dataset.questions)
    known = {paragraph.id for paragraph in dataset.paragraphs} if dataset.folder is None else {"a.txt"}
    assert all(question.gold <= known for question in dataset.questions)
    json.dumps([paragraph.text for paragraph in dataset.paragraphs], ensure_ascii=False).encode()  # no half characters


LINES = [form for form in FORMS if form not in ("csv", "tsv", "squad", "beir", "bipia")]


@pytest.mark.parametrize("form", LINES)
@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"[" * 100_000, "nested too deep"),
        (b'{"a": ' * 100_000, "nested too deep"),
        (b'{"id": "\xff"}', "UnicodeDecodeError"),
        (b'{"id": "a\x00b"}', "JSONDecodeError"),
        (b"[1, 2]", "not an object"),
        (b'{"id": 1', "JSONDecodeError"),
        (b"{}", "it has no"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(form: str, line: bytes, what: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=rf"file:3 is not in .*{what}"):
        load(form, tmp_path, [b"\xef\xbb\xbf\r\n\r\n" + line])


def test_a_file_of_one_value_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="nested too deep"):
        load("squad", tmp_path, [b"[" * 100_000])


def rows(name: str) -> list[dict[str, Any]]:
    return [{"id": name, "query": "Where?\x00", "answer": "Paris", "positive": ["In Paris \ud83d."], "negative": []}]


def test_what_cannot_be_stored_is_mended_one_for_one_and_said(tmp_path: Path) -> None:
    content = "\r\n".join(json.dumps(row) for row in rows("q")).encode()
    dataset = load("rgb", tmp_path, [content])
    assert dataset.questions[0].text == "Where?\ufffd"
    assert dataset.paragraphs[0].text == "In Paris \ufffd."
    assert "file:1" in dataset.mended[0].item


def test_a_whole_pair_of_surrogates_is_a_character(tmp_path: Path) -> None:
    row = {**rows("q")[0], "query": "Where is 😀?", "positive": ["In Paris 😀."]}
    dataset = load("rgb", tmp_path, [json.dumps(row).encode()])
    assert dataset.questions[0].text == "Where is 😀?"
    assert not dataset.mended
