"""rag.evidence.sentences: which sentence answers, over all passages."""

from __future__ import annotations

import pytest

from rag.evidence.reading import read
from rag.evidence.sentences import ranked
from tests.rag.makers import make_passage


def best(question: str, *texts: str) -> str:
    passages = [make_passage(text, document_id=f"d{n}", score=1.0 - n / 20) for n, text in enumerate(texts)]
    return ranked(read(question, passages, lambda _: 5, 1000))[0].text


@pytest.mark.parametrize(
    ("question", "text", "wanted"),
    [
        (
            "Who built the bridge of Austin?",
            "The bridge of Austin was built of stone. The bridge of Austin was built by Robert Lane.",
            "The bridge of Austin was built by Robert Lane.",
        ),
        (
            "When was the bridge of Austin built?",
            "The bridge of Austin is very old. It was built in 1910 by hand.",
            "It was built in 1910 by hand.",
        ),
        (
            "奥斯汀大桥是谁设计的？",
            "奥斯汀大桥的设计很特别。奥斯汀大桥由罗伯特·莱恩设计。",
            "奥斯汀大桥由罗伯特·莱恩设计。",
        ),
        (
            "奥斯汀大桥有多少个桥拱？",
            "奥斯汀大桥的桥拱很高。奥斯汀大桥共有七个桥拱。",
            "奥斯汀大桥共有七个桥拱。",
        ),
    ],
)
def test_of_sentences_alike_the_one_with_what_is_wanted_answers(question: str, text: str, wanted: str) -> None:
    assert best(question, text) == wanted


def test_a_sentence_of_a_later_passage_may_be_the_best() -> None:
    assert best(
        "Who built the bridge of Austin?",
        "The road to Austin crosses a bridge of stone. It is a long road.",
        "Bats are small. The bridge of Austin was built by Robert Lane in 1910.",
    ).startswith("The bridge of Austin was built")


def test_the_scores_are_shares_of_one() -> None:
    text = "Otters sleep afloat. The den of an otter is called a holt. Bats fly at night."
    sentences = ranked(read("What is the den of an otter called?", [make_passage(text)], lambda _: 5, 1000))
    assert sum(sentence.score for sentence in sentences) == pytest.approx(1.0)
