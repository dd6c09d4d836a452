"""What is to be doubted in an answer, as the page's data."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.ui.doubted import UNSAID, doubted
from tests.ui.fake_api import FakeApi
from ui.doubts import PROBLEMS, doubts_of
from ui.render import answer_data, answer_lines, copy_text
from ui.words import CHINESE, ENGLISH, LANGUAGES, Words


@pytest.mark.parametrize("words", [ENGLISH, CHINESE])
def test_a_sentence_without_a_source_and_one_whose_source_differs_say_so(words: Words) -> None:
    data = answer_data(doubted(FakeApi(), "q"), words, active=None)
    pieces = [piece for line in data["lines"] for piece in line["pieces"] if piece.get("doubt")]
    assert [(piece["text"], piece["doubt"]) for piece in pieces] == [
        ("It was opened in 1978 by Ada Kern.", "unsupported"),
        (UNSAID, "uncited"),
    ]
    assert PROBLEMS[words.code]["number"] in pieces[0]["why"]
    assert pieces[1] == {"text": UNSAID, "doubt": "uncited", "why": words.uncited, "ends": True}


def test_the_pieces_of_a_line_are_the_line_whatever_is_doubted() -> None:
    answer = doubted(FakeApi(), "q")
    for line, drawn in zip(
        answer.answer.split("\n"), answer_lines(answer.answer, [], doubts_of(answer, ENGLISH)), strict=True
    ):
        assert "".join(piece["text"] for piece in drawn["pieces"]) == line


def test_footnotes_and_passages_warn_of_what_is_wrong_with_them() -> None:
    data = answer_data(doubted(FakeApi(), "q"), ENGLISH, active=None)
    assert [row["warning"] for row in data["footnotes"]] == ["", f"{ENGLISH.unsupported}: a number differs"]
    assert [row["warning"] for row in data["passages"]] == [ENGLISH.instructions, ""]


def test_the_short_answer_and_what_disagrees_lead_to_their_quotes() -> None:
    data = answer_data(doubted(FakeApi(), "q"), ENGLISH, active=None)
    assert (data["short"]["text"], data["short"]["mark"]["index"]) == ("1988", 0)
    [sides] = data["disagreements"]
    assert [(side["value"], side["index"], side["title"]) for side in sides] == [
        ("1988", 0, "Annual report"),
        ("1987", 1, "Guide to the old harbour"),
    ]


def test_what_is_copied_says_which_source_does_not_support_it() -> None:
    assert "a number differs" in copy_text(doubted(FakeApi(), "q"), ENGLISH)


def test_every_language_of_the_page_has_words_for_every_problem() -> None:
    for one, other in pairwise(words.code for words in LANGUAGES.values()):
        assert PROBLEMS[one].keys() == PROBLEMS[other].keys()


@pytest.mark.parametrize(("confidence", "label"), [(0.99, ENGLISH.partly_supported), (0.3, ENGLISH.unsure)])
def test_an_answer_that_is_to_be_doubted_is_not_called_well_supported(confidence: float, label: str) -> None:
    answer = doubted(FakeApi(), "q").model_copy(update={"confidence": confidence})
    assert answer_data(answer, ENGLISH, active=None)["confidence"]["label"] == label
