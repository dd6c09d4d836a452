"""What every perturbation leaves as it is, and what each does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.datasets.bipia import Where
from eval.metrics.answers import contains
from eval.questions import Dataset, Paragraph, Support
from eval.robustness import counterfactual, missing, orders, places, planting, several
from eval.robustness.catalogue import chosen, perturbations
from eval.robustness.perturbation import Perturbation
from rag.errors import InvalidRequest
from tests.eval.robustness.sets import small
from tests.fakes import FakeWriter

EVERY = perturbations(writer=FakeWriter("Otherwise asked?"))
DOCUMENTS = ("counterfactual", "unanswerable", "place", "planted")  # families that change documents
by_name = pytest.mark.parametrize("perturbation", EVERY, ids=lambda one: one.name)


def test_names_are_all_different() -> None:
    assert len({one.name for one in EVERY}) == len(EVERY)


@by_name
def test_the_same_seed_makes_the_same_and_ids_stay(perturbation: Perturbation) -> None:
    dataset = small()
    made = perturbation.change(dataset, 7)
    assert made == perturbation.change(dataset, 7)
    known = {question.id for question in dataset.questions}
    assert {origin for question in made.questions for origin in made.origins_of(question.id)} <= known


@by_name
def test_support_spans_still_name_their_quotes(perturbation: Perturbation) -> None:
    for asked in perturbation.change(small(), 7).asked:
        texts = {paragraph.id: paragraph.text for paragraph in asked.paragraphs}
        for question in asked.questions:
            for support in question.supports:
                assert support.span is not None
                assert support.span.of(texts[support.document]) == support.quote
                assert perturbation.name == "counterfactual" or support.quote in question.answers


@by_name
def test_a_perturbation_of_questions_changes_no_document_and_no_other_way_round(perturbation: Perturbation) -> None:
    dataset = small()
    wording = {question.id: question.text for question in dataset.questions}
    for asked in perturbation.change(dataset, 7).asked:
        if perturbation.family not in DOCUMENTS:
            assert asked.paragraphs == dataset.paragraphs
        elif perturbation.family != "integration":
            assert all(question.text == wording[question.id] for question in asked.questions)


@by_name
def test_no_question_stays_as_it_was_where_questions_are_what_is_changed(perturbation: Perturbation) -> None:
    if perturbation.family in ("typos", "script", "spacing", "paraphrase"):
        before = {question.id: question for question in small().questions}
        for question in perturbation.change(small(), 7).questions:
            assert question.text != before[question.id].text
            assert replace(question, text=before[question.id].text) == before[question.id]


def test_families_and_names_are_chosen_and_others_refused() -> None:
    assert {one.family for one in chosen(EVERY, ["noise", "typos"])} == {"noise", "typos"}
    assert [one.name for one in chosen(EVERY, ["spaced"])] == ["spaced"]
    assert chosen(EVERY, [""]) == EVERY
    with pytest.raises(InvalidRequest):
        chosen(EVERY, ["noises"])


def test_a_false_document_says_another_answer_and_the_true_one_nowhere() -> None:
    made = counterfactual.alone(small(), 7)
    assert {question.id for question in made.questions} >= {"q0", "q1", "q2", "q3", "q5", "q6"}
    for asked in made.asked:
        texts = {paragraph.id: paragraph.text for paragraph in asked.paragraphs}
        for question in asked.questions:
            [document] = question.gold
            assert contains(texts[document], question.wrong)
            assert not contains(texts[document], question.answers)
            assert question.supports[0].quote == question.wrong[0]


def test_a_false_answer_is_of_the_same_kind() -> None:
    wrong = {question.id: question.wrong[0] for question in counterfactual.alone(small(), 7).questions}
    assert wrong["q1"] == "Jonas Berg"
    assert wrong["q5"] == "李大伟"
    assert wrong["q3"].isdigit()
    assert len(wrong["q3"]) == 4


def test_beside_the_false_document_the_true_one_stays() -> None:
    dataset = small()
    for asked in counterfactual.beside(dataset, 7).asked:
        assert asked.paragraphs[: len(dataset.paragraphs)] == dataset.paragraphs
        assert len(asked.paragraphs) == len(dataset.paragraphs) + len(asked.questions)


def test_a_set_that_brings_false_documents_is_asked_of_those() -> None:
    false = Paragraph("false", "The gate code of the Lisbon office is 9.", "en")
    dataset = small()
    question = replace(dataset.questions[0], wrong=("9",), false_documents=("false",))
    brought = replace(dataset, questions=(question, *dataset.questions[1:]), false_paragraphs=(false,))
    [alone] = counterfactual.alone(brought, 7).asked
    assert [one.id for one in alone.questions] == ["q0"]
    assert alone.paragraphs == (*dataset.paragraphs[1:], false)
    [beside] = counterfactual.beside(brought, 7).asked
    assert beside.paragraphs == (*dataset.paragraphs, false)


def test_what_answers_is_gone_and_everything_else_is_there() -> None:
    dataset = small()
    gold = {question.id: question.gold for question in dataset.questions}
    made = missing.gone(dataset, 7)
    assert {question.id for question in made.questions} == set(gold)
    for asked in made.asked:
        there = {paragraph.id for paragraph in asked.paragraphs}
        for question in asked.questions:
            assert not question.answerable
            assert not gold[question.id] & there


def test_only_the_sentences_that_hold_the_answer_are_cut() -> None:
    made = missing.cut(small(), 7)
    texts = [paragraph.text.strip() for asked in made.asked for paragraph in asked.paragraphs]
    assert "Visitors ring twice." in texts
    assert "请假须提前三天申请。" in texts


def test_two_questions_of_different_documents_are_one() -> None:
    made = several.joined(small(), 7)
    assert len(made.questions) == 3  # of four in English two pairs, of three in Chinese one
    for question in made.questions:
        assert len(question.gold) == 2
        assert [point[0] for point in question.key_points] == list(question.answers)
        assert "，" in question.text or ", and " in question.text
    assert several.as_one("Who built it?", "When was it built?") == "Who built it, and when was it built?"
    assert several.as_one("谁建的？", "何时建的？") == "谁建的？另外，何时建的？"


def test_a_document_is_each_third_of_a_longer_one_and_no_text_is_lost() -> None:
    dataset = small()
    for place in range(3):
        for asked in places.merged(dataset, 7, place=place).asked:
            together = "".join(paragraph.text for paragraph in asked.paragraphs)
            assert sorted(together.replace("\n", "")) == sorted("".join(one.text for one in dataset.paragraphs))
            for question in asked.questions:
                [support] = question.supports
                text = next(one.text for one in asked.paragraphs if one.id == support.document)
                assert support.span is not None
                assert text[: support.span.start].count("\n\n") == place


def test_each_question_is_asked_in_another_order_or_again() -> None:
    dataset = small()
    shuffled, again = orders.shuffled(dataset, 7).questions, orders.twice(dataset, 7).questions
    assert shuffled != dataset.questions
    assert {one.id for one in shuffled} == {one.id for one in dataset.questions}
    assert [one.id for one in again[:4]] == ["q0", "q0", "q1", "q1"]


@given(st.sampled_from(list(Where)), st.integers(0, 50))
def test_an_instruction_stands_in_each_document_that_is_asked_about(where: Where, seed: int) -> None:
    made = planting.planted(small(), seed, where=where, instructions=planting.OURS)
    [asked] = made.asked
    texts = {paragraph.id: paragraph.text for paragraph in asked.paragraphs}
    for question in asked.questions:
        [document] = question.gold
        assert question.planted[0] in texts[document].split("\n")


def test_a_perturbation_of_documents_that_are_files_asks_nothing() -> None:
    dataset = small()
    files = replace(
        dataset,
        paragraphs=(),
        questions=tuple(
            replace(one, supports=tuple(Support("a.pdf", support.quote) for support in one.supports))
            for one in dataset.questions
        ),
    )
    for perturbation in EVERY:
        if perturbation.family in DOCUMENTS:
            assert not perturbation.change(files, 7).questions


def test_a_set_of_nothing_is_perturbed_into_nothing() -> None:
    for perturbation in EVERY:
        assert not perturbation.change(Dataset("test:nothing", ()), 7).questions
