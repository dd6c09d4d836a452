from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from eval.report.html import render, write
from eval.report.table import page
from rag.errors import NotFound
from tests.eval.report.folders import answer, record, written, wrong

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }} \u2028\u202e]]>\x00\x1b[2J\ud800 &amp;"


def test_a_report_shows_figures_plots_and_what_went_wrong(tmp_path: Path) -> None:
    records = [record("a"), wrong("b"), record("c", answerable=False)]
    folder = written(tmp_path, records, [answer("b", "It is four [1]", "four it is")])
    file = write(folder)
    assert file == tmp_path / "report.html"
    text = html.fromstring(file.read_bytes()).text_content()
    for shown in ("Recall at 1", "Citation precision", "What is b?", "It is four", "four it is", "forty-two"):
        assert shown in text
    assert "footnote eval run --dataset qa:set.jsonl" in text
    assert [one.name for one in tmp_path.glob(".*")] == []


def test_nothing_that_a_document_or_question_says_becomes_markup(tmp_path: Path) -> None:
    one = wrong(
        HOSTILE, question=HOSTILE, kind=HOSTILE, language=HOSTILE, answers=(HOSTILE,), slices={HOSTILE: HOSTILE}
    )
    other = replace(record("b"), slices={HOSTILE: "plain"}, error=HOSTILE, answered=False)
    said = answer(HOSTILE, HOSTILE, HOSTILE)
    said["citations"][0] |= {"title": HOSTILE, "source": HOSTILE, "status": HOSTILE}
    config = {"command": HOSTILE, "models": {HOSTILE: {"name": HOSTILE}}, "packages": {HOSTILE: HOSTILE}}
    folder = written(
        tmp_path,
        [one, other],
        [said],
        dataset=f"qa:{HOSTILE}",
        skipped=[{"item": HOSTILE, "reason": HOSTILE}],
        missing=[HOSTILE],
        config=config,
    )
    for made in (render(folder), page([folder, folder])):
        tree = html.fromstring(made.encode())
        assert len(tree.xpath("//script")) == 1
        assert tree.xpath("//img | //iframe | //object | //link | //base") == []
        assert [name for name in tree.xpath("//@*") if str(name.attrname).startswith("on")] == []
        assert "49" not in made.replace("149", "")[: made.index("<style>")]
        assert not re.search("[\x00\x1b\u2028\ud800]", made)
        assert all(url.startswith("#") for url in tree.xpath("//@href | //@src"))


def test_the_policy_lets_run_the_one_script_and_nothing_else(tmp_path: Path) -> None:
    tree = html.fromstring(render(written(tmp_path, [record("a")])).encode())
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (inner,) = tree.xpath(f"//{tag}/text()")
        assert base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode() in policy


def test_megabytes_and_thousands_of_questions_stay_a_small_page(tmp_path: Path) -> None:
    many = [wrong(f"{number:05}", question="长" * 700, answers=("答" * 400,)) for number in range(4000)]
    long = [answer(f"{number:05}", "说" * 1_000_000, *["引" * 500_000] * 9) for number in range(2)]
    folder = written(tmp_path, many, long)
    assert len(render(folder).encode()) < 5_000_000


def test_synthetic_questions_and_unknown_weights_are_told_at_the_top(tmp_path: Path) -> None:
    folder = written(
        tmp_path, [record("a", synthetic=True)], config={"models": {"embedder": {"name": "own", "sha256": "c" * 64}}}
    )
    banners = html.fromstring(render(folder).encode()).xpath("//p[@class='banner']")
    said = " ".join(one.text_content() for one in banners)
    assert "synthetic" in said
    assert "own" in said


def test_a_run_of_rankings_alone_has_no_plots_and_says_so(tmp_path: Path) -> None:
    ranked = replace(record("a"), answered=False, scores={"hybrid.recall@1": 0.0, "hybrid.recall@5": 0.0})
    text = html.fromstring(render(written(tmp_path, [ranked])).encode()).text_content()
    assert "not measured" in text
    assert "Not found" in text


def test_a_folder_without_a_finished_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="summary.json"):
        write(tmp_path)
