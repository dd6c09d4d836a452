from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.library.whereabouts import MOST_PLACES, Whereabouts, selector

KEYS = st.lists(st.integers(0, 300), unique=True, max_size=40).map(lambda some: np.array(sorted(some), dtype=np.int64))


@given(st.lists(KEYS, max_size=5), KEYS, KEYS, st.integers(0, 2**40))
def test_keys_are_counted_by_the_list_they_lie_in_last(
    added: list[np.ndarray], gone: np.ndarray, asked: np.ndarray, base: int
) -> None:
    where, lists = Whereabouts(), {}
    for number, some in enumerate(added):
        where.note(some + base, np.full(len(some), number))
        lists.update(dict.fromkeys((some + base).tolist(), number))
    where.forget(gone + base)
    for key in (gone + base).tolist():
        lists.pop(key, None)
    found = where.counts(asked + base, 5)
    assert found is not None
    assert found.tolist() == [sum(lists.get(key) == number for key in (asked + base).tolist()) for number in range(5)]


def test_keys_too_far_apart_are_not_counted() -> None:
    where = Whereabouts()
    where.note(np.array([1, 2]), np.array([0, 1]))
    where.note(np.array([2 + MOST_PLACES]), np.array([1]))
    assert where.counts(np.array([1, 2]), 2) is None
    where.forget(np.array([1]))
    where.note(np.array([5]), np.array([0]))
    assert where.counts(np.array([5]), 2) is None


@given(KEYS, st.sampled_from([0, 5, 2**33, 2**62]))
def test_a_selector_takes_its_keys_and_no_others(keys: np.ndarray, base: int) -> None:
    chosen = selector(keys + base)
    assert [key for key in range(320) if chosen.is_member(key + base)] == keys.tolist()
    assert not chosen.is_member(2**62 + 1000)
