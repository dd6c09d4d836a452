from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import near
from ingest.near import BANDS, FEWEST_WORDS, NEAR, signature, similarity, tokens

ENGLISH = [f"word{number}" for number in range(3000)]
CHINESE = [chr(0x4E00 + number) for number in range(3000)]

some_tokens = st.lists(st.integers(0, 20), max_size=60)


def drawn(vocabulary: Sequence[str], count: int, seed: int = 1) -> list[str]:
    return random.Random(seed).choices(vocabulary, k=count)


def edited(words: Sequence[str], vocabulary: Sequence[str], share: float, seed: int = 2) -> list[str]:
    chance = random.Random(seed)
    out: list[str] = []
    for word in words:
        if chance.random() >= share:
            out.append(word)
            continue
        out += chance.choice(([], [chance.choice(vocabulary)], [word, chance.choice(vocabulary)]))
    return out


def meet(one: str, other: str) -> bool:
    return bool(set(signature(one).bands) & set(signature(other).bands))


@pytest.mark.parametrize(("vocabulary", "between"), [(ENGLISH, " "), (CHINESE, "")])
def test_texts_with_every_tenth_word_edited_meet_and_are_alike(vocabulary: Sequence[str], between: str) -> None:
    met = 0
    for seed in range(40):
        words = drawn(vocabulary, 300, seed)
        one, other = between.join(words), between.join(edited(words, vocabulary, 0.1, seed))
        assert similarity(tokens(one), tokens(other)) > NEAR
        met += meet(one, other)
    assert met >= 39


@pytest.mark.parametrize(("vocabulary", "between"), [(ENGLISH, " "), (CHINESE, "")])
def test_texts_of_other_words_neither_meet_nor_are_alike(vocabulary: Sequence[str], between: str) -> None:
    for seed in range(20):
        one, other = (between.join(drawn(vocabulary, 300, seed + some)) for some in (0, 1000))
        assert not meet(one, other)
        assert similarity(tokens(one), tokens(other)) < NEAR / 2


def test_script_width_case_and_layout_make_no_difference() -> None:
    traditional, simplified = "圖書館的開放時間與借閱規則，請見公告。" * 8, "图书馆的开放时间与借阅规则 请见公告\n" * 8
    assert tokens(traditional) == tokens(simplified)
    assert signature(traditional) == signature(simplified)
    assert tokens("Ｆｕｌｌ WIDTH, text.") == tokens("full\nwidth  text")


def test_a_text_inside_a_much_longer_one_is_not_like_it() -> None:
    words = drawn(ENGLISH, 300)
    longer = words + drawn(ENGLISH, 300, 7)
    assert similarity(tokens(" ".join(words)), tokens(" ".join(longer))) < 0.6


def test_a_short_text_is_never_nearly_another() -> None:
    assert signature(" ".join(drawn(ENGLISH, FEWEST_WORDS - 1))).bands == ()
    assert len(signature(" ".join(drawn(ENGLISH, FEWEST_WORDS))).bands) == BANDS
    assert signature("".join(drawn(CHINESE, 2 * FEWEST_WORDS - 1))).bands == ()
    assert len(signature("".join(drawn(CHINESE, 2 * FEWEST_WORDS))).bands) == BANDS


def test_the_numbers_that_libraries_hold_never_change() -> None:
    # Where this must change, change near.SEED too: libraries hold the old numbers.
    bands = signature(" ".join(f"word{number}" for number in range(100)) + "水獭").bands
    assert bands[:3] == (3743529528750320014, 8270193308260345825, 3500870067469938939)


@given(st.text())
def test_any_text_has_a_signature(text: str) -> None:
    bands = signature(text).bands
    assert all(-(2**63) <= band < 2**63 for band in bands)
    assert signature(text).bands == bands


@given(some_tokens, some_tokens)
def test_similarity_is_symmetric_and_a_share(one: list[int], other: list[int]) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1
    assert (similarity(one, other) == 1) == (one == other)


@settings(max_examples=50)
@given(some_tokens, some_tokens, some_tokens)
def test_long_texts_are_compared_piece_by_piece_and_never_found_too_alike(
    one: list[int], shared: list[int], other: list[int]
) -> None:
    longs = one + list(range(100, 140)) + shared, other + list(range(100, 140)) + shared[::-1]
    exact = similarity(*longs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near, "CELLS", 400)
        by_pieces = similarity(*longs)
        assert by_pieces == similarity(*longs[::-1])
    assert by_pieces <= exact


def test_two_long_texts_are_compared_in_a_moment() -> None:
    chance = random.Random(3)
    one = [chance.getrandbits(16) for _ in range(200_000)]
    other = [number if chance.random() > 0.1 else 1 << 20 for number in one]
    began = time.process_time()
    assert similarity(one, other) == pytest.approx(0.9, abs=0.01)
    assert similarity(one, one[100_000:] + one[:100_000]) == pytest.approx(0.5, abs=0.01)
    assert time.process_time() - began < 5
