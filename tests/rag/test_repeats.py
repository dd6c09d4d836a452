from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.repeats import Repeats

words = st.lists(st.text("ab圖图Ａ", min_size=1), min_size=1, max_size=40)


@given(st.text(), st.text())
def test_only_texts_that_fold_alike_are_repeats(one: str, other: str) -> None:
    repeats = Repeats()
    repeats.add(one, 3)
    assert repeats.place_of(one) == 3
    assert repeats.place_of(other + "x" + one) is None


@given(words)
def test_layout_case_script_and_width_do_not_matter(some: list[str]) -> None:
    repeats = Repeats()
    repeats.add(" ".join(some), 0)
    repeats.add(" ".join(some), 1)
    assert repeats.place_of("\n".join(some).upper().replace("圖", "图").replace("Ａ", "A")) == 0
