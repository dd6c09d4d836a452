"""Rankings and judgements in TREC's form, read by a program that is not ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R, nDCG

from eval.figures import figures_of
from eval.folder.trec import named, safe, write_trec
from eval.judge import rank_scores
from eval.record import Record
from tests.eval.folder.records import failed, ranked


@given(st.text(st.characters(exclude_categories=())))
def test_an_id_is_one_column_and_comes_back(name: str) -> None:
    column = safe(name)
    assert column.split() == [column]
    assert named(column) == name


@given(st.text(), st.text())
def test_no_two_ids_share_a_column(one: str, other: str) -> None:
    assert (safe(one) == safe(other)) == (one == other)


def test_plain_ids_stay_as_they_are_also_chinese_ones() -> None:
    assert [safe(name) for name in ("56beb4", "DRCD-1001-10-1", "问题一", "a b", "a%20b", "全　角")] == [
        "56beb4",
        "DRCD-1001-10-1",
        "问题一",
        "a%20b",
        "a%2520b",
        "全%E3%80%80角",
    ]


def graded(name: str, ranking: list[str], gold: dict[str, float]) -> Record:
    scores = {f"hybrid.{key}": value for key, value in rank_scores(ranking, gold).items()}
    return replace(ranked(name), scores=scores, gold=gold, rankings={"hybrid": ranking})


def test_ir_measures_reads_both_files_and_finds_our_own_figures(tmp_path: Path) -> None:
    records = [
        graded("q 1", ["d1", "d 2", "文 档"], {"d 2": 1.0}),
        graded("q2", ["d3", "d1"], {"d1": 2.0, "d9": 1.0}),
        graded("问三", ["文 档"], {"文 档": 1.0}),
        failed("q4"),
    ]
    written = {path.name: path for path in write_trec(tmp_path, records)}
    assert set(written) == {"qrels.trec", "run.hybrid.trec"}
    qrels = list(ir_measures.read_trec_qrels(str(written["qrels.trec"])))  # type: ignore[no-untyped-call]
    run = list(ir_measures.read_trec_run(str(written["run.hybrid.trec"])))  # type: ignore[no-untyped-call]
    assert {named(row.doc_id) for row in run} == {"d1", "d 2", "d3", "文 档"}
    assert {named(row.query_id) for row in qrels} == {"q 1", "q2", "问三", "q4"}
    found = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10, R @ 1, R @ 5], qrels, run)
    ours = figures_of(records)
    for measure, name in ((nDCG @ 10, "ndcg@10"), (RR @ 10, "mrr@10"), (R @ 1, "recall@1"), (R @ 5, "recall@5")):
        assert found[measure] == pytest.approx(ours[f"retrieval.{name}"].value, abs=1e-9)


def test_a_grade_of_parts_is_rounded_up(tmp_path: Path) -> None:
    write_trec(tmp_path, [graded("q1", ["d1"], {"d1": 0.5, "d2": 1.5})])
    assert (tmp_path / "qrels.trec").read_text() == "q1 0 d1 1\nq1 0 d2 2\n"
