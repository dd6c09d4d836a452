"""Rankings of files are scored by document, and compared in pairs."""

from __future__ import annotations

import pytest

from eval.bench.peers.measure import file_name
from eval.bench.peers.score import differences_of, figures_of, scores_of
from eval.questions import Dataset, Paragraph, Question, Support


@pytest.fixture
def dataset() -> Dataset:
    paragraphs = tuple(Paragraph(id=name, text=f"text {name}", language="en") for name in "abcd")
    questions = tuple(
        Question(f"q{name}", f"about {name}?", "en", "factoid", (name,), (Support(name),)) for name in "abcd"
    )
    return Dataset("squad:made", questions, paragraphs)


def test_a_ranking_is_scored_by_the_file_that_holds_the_paragraph(dataset: Dataset) -> None:
    first, second, third, fourth = (file_name(number) for number in range(4))
    scores = scores_of(dataset, [[first], [first, second], [second, first, third], []])
    figures = figures_of(dataset, scores)
    assert figures["recall@1"]["value"] == pytest.approx(0.25)
    assert figures["ndcg@10"]["value"] == pytest.approx((1 + 0.6309 + 0.5 + 0) / 4, abs=1e-4)
    assert figures["recall@1"]["low"] <= 0.25 <= figures["recall@1"]["high"]
    assert fourth not in (first, second, third)


def test_a_system_differs_from_itself_by_nothing(dataset: Dataset) -> None:
    scores = scores_of(dataset, [[file_name(0)]] * 4)
    for found in differences_of(dataset, scores, scores).values():
        assert (found["value"], found["low"], found["high"]) == (0, 0, 0)


def test_a_difference_that_is_the_same_of_every_question_is_certain(dataset: Dataset) -> None:
    """Each question is compared with itself: what is common to both systems widens no interval."""
    ours = scores_of(dataset, [[file_name(number)] for number in range(4)])
    its = scores_of(dataset, [[]] * 4)
    more = differences_of(dataset, its, ours)["recall@1"]
    assert (more["value"], more["low"], more["high"]) == (1, 1, 1)
