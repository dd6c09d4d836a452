"""rag.marks: what is a mark, what is code, and what is only a bracket."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.marks import Code, Mark, Marks, Token, guard_marks, read_mark

ATOMS = "[ ] 【 】 [[ 1 0 12 , ` ``` ^ - 来源： source [1] [2,3] a 。 † :".split(" ")
HALVES = ["\ud83d", "\ude00"]  # of one character
HOSTILE = st.lists(st.sampled_from([*ATOMS, *HALVES, " ", "\n", "~~~\n"]), max_size=30).map("".join)


def read(pieces: list[str]) -> list[Token]:
    """The tokens, with text and the lines of a block joined."""
    marks = Marks()
    tokens = [token for piece in pieces for token in marks.feed(piece)] + list(marks.close())
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1] if joined else None
        if isinstance(token, str) and isinstance(last, str):
            joined[-1] = last + token
        elif isinstance(token, Code) and isinstance(last, Code) and token.block and last.block:
            joined[-1] = Code(last.text + token.text, block=True)
        else:
            joined.append(token)
    return joined


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[2]", [2]),
        ("【2】", [2]),
        ("[1, 2]", [1, 2]),
        ("[1、3；2]", [1, 3, 2]),
        ("[2][", [2]),
        ("[^2^]", [2]),
        ("[^2]", [2]),
        ("[[2]]", [2]),
        ("[1-3]", [1, 2, 3]),
        ("[2～4]", [2, 3, 4]),
        ("[citation:3]", [3]),
        ("[Source 2]", [2]),
        ("[sources: 1, 2]", [1, 2]),
        ("[文档1]", [1]),
        ("[来源：2]", [2]),
        ("[第2段]", [2]),
        ("【4:0†source】", [4]),
        ("[１２]", []),
        ("[9]", []),
        ("[0]", []),
        ("[12345]", []),
        ("[7-99999999]", [7, 8]),
    ],
)
def test_a_mark_names_passages_in_whatever_form_a_model_gives_it(text: str, numbers: list[int]) -> None:
    first = read([text])[0]
    assert isinstance(first, Mark)
    assert first.named(8) == numbers


@pytest.mark.parametrize(
    "text",
    """(1)|[2019]|[2019-2021]|[0, 1]|[0-9]|[see 3]|[1.5]|[a]|[ ]|[x] done|[10 mg]|［1］|`arr[0]`|`x[1][2]`|[1\n2]|
[Source: handbook.pdf]|[]|[1""".split("|"),
)
def test_what_a_reader_wants_to_read_is_no_mark(text: str) -> None:
    assert "".join(token.text if isinstance(token, Code) else str(token) for token in read([text])) == text


def test_backticks_around_a_mark_that_stands_apart_are_none_of_code() -> None:
    assert Mark(((1, 1),)) in read(["Use ` to quote. [1] Then ` again."])


def test_nothing_in_a_block_of_code_is_a_mark() -> None:
    assert read(["So:\n```py\nx[1] = y[2]\n```\nDone [1]"]) == [
        "So:\n",
        Code("```py\nx[1] = y[2]\n```\n", block=True),
        "Done ",
        Mark(((1, 1),)),
    ]


@given(HOSTILE, st.data())
def test_the_tokens_are_the_same_wherever_the_text_is_cut(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    edges = sorted({0, len(text), *cuts})
    assert read([text]) == read(list(text)) == read([text[a:b] for a, b in pairwise(edges)])


@given(HOSTILE)
def test_guarded_text_has_no_marks_and_is_as_long(text: str) -> None:
    guarded = guard_marks(text)
    assert len(guarded) == len(text)
    assert not any(isinstance(token, Mark) for token in read([guarded]))


@given(st.text(st.sampled_from(list("[【】]01, -^文档")), max_size=20))
def test_reading_a_bracket_never_fails(text: str) -> None:
    read_mark(f"[{text}]")


def test_two_halves_of_a_surrogate_pair_are_one_character_and_one_alone_is_replaced() -> None:
    assert read(["\ud83d", "\ude00"]) == ["😀"]
    assert read(["a\ud83d"]) == ["a\ufffd"]
