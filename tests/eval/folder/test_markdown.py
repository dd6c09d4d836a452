"""A run in short, for a pull request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from eval.folder.markdown import SHOWN, plain, write_markdown
from eval.record import Record
from eval.summary import summarise
from tests.eval.folder.records import answered, failed, refused

MODELS = {"embedder": {"name": "small"}, "reranker": None}


def written(folder: Path, records: list[Record], said: dict[str, str]) -> str:
    config = {"commit": "abc", "command": "footnote eval run", "models": MODELS}
    summary = {"dataset": "squad:data/小_set.json", "documents": 3, **summarise(records), "config": config}
    write_markdown(folder / "report.md", records, summary, said)
    return (folder / "report.md").read_text("utf-8")


def test_it_tells_the_figures_and_what_did_not_come_out_right(tmp_path: Path) -> None:
    wrong = answered("q2", answer__contains=0.0, citation__right=0.0)
    records = [answered("q1"), wrong, failed("q3"), refused("q4", answerable=True), refused("q5", answerable=False)]
    text = written(tmp_path, records, {"q2": "43 | or so\n[1]"})
    assert "## 小\\_set.json" in text
    assert "5 questions on 3 documents: 2 right, 1 wrong, 1 refused, 1 failed." in text
    assert "| q2: What is q2? | wrong | 42 | 43 \\| or so \\[1\\] |" in text
    assert "| q3: What is q3? | failed | 42 | RuntimeError: boom |" in text
    assert "| answer.contains | 0.250 |" in text
    assert "Commit abc, models: small." in text


def test_many_that_went_wrong_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    text = written(tmp_path, [failed(f"q{number}") for number in range(40)], {})
    assert "40 did not come out right, the first 10" in text
    assert text.count("RuntimeError: boom") == SHOWN


def test_where_all_came_out_right_nothing_is_listed(tmp_path: Path) -> None:
    assert "<details>" not in written(tmp_path, [answered("q1")], {})


@given(st.text(st.characters(exclude_categories=())))
def test_no_answer_makes_markup_or_another_cell(text: str) -> None:
    html = MarkdownIt("commonmark").enable("table").render(f"| a | b |\n|---|---|\n| {plain(text)} | x |")
    assert html.count("<td>") == 2
    assert not {"<em>", "<strong>", "<a ", "<code>", "<img", "<h1>"} & set(html.split("<td>")[1].split(">"))


def test_half_a_character_is_written_as_its_escape(tmp_path: Path) -> None:
    record = replace(answered("q1", answer__contains=0.0, citation__right=0.0), question="\udc80?")
    assert "q1: ?" in written(tmp_path, [record], {})


def test_nobody_is_called_by_what_a_document_says() -> None:
    assert "@everybody" not in plain("Ask @everybody.")
