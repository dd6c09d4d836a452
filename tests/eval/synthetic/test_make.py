"""eval.synthetic: questions made from documents have their answer where they say, and ask for one thing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cli.synthesise import app
from eval.datasets.load import load_dataset
from eval.synthetic.cloze import GAP, clozes
from eval.synthetic.made import Made, Sentence, Source, sentences_of
from eval.synthetic.make import synthesise
from eval.synthetic.template import templated
from eval.synthetic.written import written
from rag.errors import ModelError
from rag.types import Block, BlockKind, Document, Span
from tests.fakes import FakeWriter

ENGLISH = (
    "The Old Bridge was built by Ada Stone in 1931. It carries trams. The museum has 14 rooms of coins and old maps. "
    "Granite is a hard rock that formed from slowly cooled magma. The harbour keeps two lighthouses near the long pier."
)
CHINESE = (
    "东海大桥于2005年12月10日正式通车，连接两座岛。它很长。全校共有3500名学生和教师参加比赛。"
    "花岗岩是一种由岩浆慢慢冷却形成的坚硬岩石。博物馆收藏了《山海图志》的早期抄本和许多古代钱币。"
)


def source(text: str, name: str = "a.txt") -> Source:
    return Source(name, Document(name, "", name, "text/plain", text, (Block(0, len(text)),)))


def sentence(text: str, language: str) -> Sentence:
    return Sentence(source(text), Span(0, len(text)), text, language)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_every_question_is_of_a_sentence_that_stands_in_its_document_and_holds_the_answer(text: str) -> None:
    made = synthesise([source(text)], count=20, seed=0).questions
    assert {one.kind for one in made} == {"cloze", "template"}
    for one in made:
        assert one.sentence.span.of(text) == one.sentence.text
        assert one.answers[0] in one.sentence.text
        assert one.answers[0] not in one.text
    assert len({one.text for one in made}) == len(made)


def test_a_sentence_that_leans_on_another_is_not_asked_of() -> None:
    texts = [one.text for text in (ENGLISH, CHINESE) for one in sentences_of(source(text))]
    assert texts
    assert not any(text.startswith(("It ", "它")) for text in texts)


def test_headings_and_tables_are_not_asked_of() -> None:
    text = "The Old Bridge was built by Ada Stone in 1931."
    document = Document("d", "", "d", "text/plain", text, (Block(0, len(text), BlockKind.HEADING),))
    assert not list(sentences_of(Source("d", document)))


@pytest.mark.parametrize(
    ("language", "text", "question", "answer"),
    [
        ("en", "The Old Bridge was built by Ada Stone in 1931.", "When was the Old Bridge built by Ada Stone?", "1931"),
        ("en", "The museum has 14 rooms of coins.", "How many rooms does the museum have?", "14"),
        ("en", "Granite is a hard rock from magma.", "What is Granite?", "a hard rock from magma"),
        ("en", "Ada Stone was an engineer from Leeds.", "Who was Ada Stone?", "an engineer from Leeds"),
        ("zh", "东海大桥于2005年12月10日正式通车，连接两座岛。", "东海大桥在什么时候正式通车？", "2005年12月10日"),
        ("zh", "全校共有3500名学生参加比赛。", "全校共有多少名学生参加比赛？", "3500"),
        ("zh", "花岗岩是一种坚硬的岩石。", "什么是花岗岩？", "坚硬的岩石"),
        ("zh", "王安是一位著名的桥梁工程师。", "王安是谁？", "著名的桥梁工程师"),
    ],
)
def test_the_form_of_a_sentence_gives_its_question(language: str, text: str, question: str, answer: str) -> None:
    assert (question, (answer,)) in [(one.text, one.answers) for one in templated(sentence(text, language))]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "With this in mind, the bridge was built in 1931."),
        ("en", "Scott has argued that the plague was a form of anthrax of old."),
        ("zh", "他认为该病是一种传染病。"),
        ("zh", "约有7%至9%的学生参加比赛。"),
    ],
)
def test_half_sentences_and_ranges_give_no_question(language: str, text: str) -> None:
    assert not list(templated(sentence(text, language)))


def test_a_gap_takes_the_whole_term() -> None:
    found = {
        one.answers[0] for one in clozes(sentence("于2005年12月10日通车，全长1,200.5公里。", "zh"), lambda _: False)
    }
    assert "2005年12月10日" in found
    for one in clozes(sentence("Old work by Ada Stone in May 1931 cost 1,200 pounds.", "en"), lambda _: False):
        assert one.text.count(GAP) == 1
        assert one.text.replace(GAP, one.answers[0]) == f"Fill the gap: {one.sentence.text}"


@pytest.mark.parametrize(
    "text", ["It answers on 127.0.0.1 alone.", "As [1] says, X=1 holds in v2.5-rc1.", "只在 127.0.0.1 上应答。"]
)
def test_no_part_of_a_name_or_an_address_is_a_number(text: str) -> None:
    assert not list(clozes(sentence(text, "zh" if "在" in text else "en"), lambda _: False))


def test_what_two_sentences_say_is_not_asked() -> None:
    twins = [
        source("The Old Bridge was built by Ada Stone in 1931."),
        source("The Old Bridge was built by Ada Stone in 1932.", "b"),
    ]
    made = synthesise(twins, count=9, seed=0)
    assert not made.questions
    assert "another sentence may answer it too" in made.rejected


def test_a_seed_decides_the_draw_and_a_language_may_be_chosen() -> None:
    sources = [source(ENGLISH), source(CHINESE, "b.txt")]
    assert synthesise(sources, count=4, seed=1) == synthesise(sources, count=4, seed=1)
    assert {one.sentence.language for one in synthesise(sources, count=9, seed=1, language="zh").questions} == {"zh"}


def said(question: str, answer: str) -> str:
    return f"<think>hm</think> {json.dumps({'question': question, 'answer': answer})}"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (said("Who built the Old Bridge?", "Ada Stone"), ""),
        (said("Who built the Old Bridge?", "Ben Wood"), "does not stand"),
        (said("谁建了这座桥？", "Ada Stone"), "another language"),
        (said("Did Ada Stone build it?", "Ada Stone"), "gave its answer away"),
        ("Sorry, no.", "no JSON"),
        ('{"question": 1}', "no JSON"),
        (ModelError("down"), "failed"),
    ],
)
def test_what_a_model_writes_is_kept_where_its_answer_stands_in_the_sentence(
    reply: str | Exception, reason: str
) -> None:
    made, why = written(sentence("The Old Bridge was built by Ada Stone in 1931.", "en"), FakeWriter(reply))
    assert reason in why
    assert (made is None) == bool(reason)


def test_a_model_writes_every_third_question_and_its_failures_are_counted() -> None:
    writer = FakeWriter(said("Who built the Old Bridge?", "Ada Stone"))
    made = synthesise([source(ENGLISH)], count=9, seed=0, writer=writer)
    assert [one.kind for one in made.questions].count("written") <= 1
    assert made.rejected["the model's answer does not stand in the sentence"] > 0


def test_a_row_is_read_back_as_a_synthetic_question(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ENGLISH, encoding="utf-8")
    rows = [one.row(str(number)) for number, one in enumerate(synthesise([source(ENGLISH)], count=3, seed=0).questions)]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    dataset = load_dataset(f"qa:{file}", documents=tmp_path)
    assert len(dataset.questions) == len(rows) > 0
    assert all(question.synthetic and question.answerable for question in dataset.questions)


def test_the_verb_writes_a_set_that_can_be_run_at_once(tmp_path: Path) -> None:
    folder, out = tmp_path / "files", tmp_path / "set.jsonl"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text(ENGLISH, encoding="utf-8")
    (folder / "deep" / "b.txt").write_text(CHINESE, encoding="utf-8")
    arguments = ["--documents", str(folder), "--out", str(out), "--libraries", str(tmp_path / "libraries"), "--json"]
    result = CliRunner().invoke(app, ["synthesise", *arguments])
    assert result.exit_code == 0, result.output
    dataset = load_dataset(f"qa:{out}", documents=folder)
    assert {file for question in dataset.questions for file in question.gold} == {"a.txt", "deep/b.txt"}
    assert not dataset.skipped


def test_made_is_marked() -> None:
    row = Made("cloze", "?", ("a",), sentence("Some a.", "en")).row("1")
    assert row["synthetic"] is True
