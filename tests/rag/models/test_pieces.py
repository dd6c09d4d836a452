"""rag.models.pieces: however tokens and pieces fall, no character is cut and no stop sequence is seen."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from rag.models.pieces import Detokeniser, Stops

TEXTS = st.text(alphabet="ab\n猫é\U0001f600 ", max_size=24)


def decode(tokens: Sequence[int]) -> str:
    """Tokens that are bytes, as a byte-level tokenizer decodes them."""
    return bytes(tokens).decode("utf-8", "replace")


def cut(text: str, lengths: Sequence[int]) -> list[str]:
    pieces, start = [], 0
    for length in lengths:
        pieces.append(text[start : start + length])
        start += length
    return [*pieces, text[start:]]


@given(TEXTS, st.lists(st.integers(1, 5)))
def test_pieces_are_whole_characters_and_together_the_text(text: str, lengths: Sequence[int]) -> None:
    data, start = text.encode(), 0
    detokeniser, pieces = Detokeniser(decode), []
    for length in [*lengths, len(data)]:
        pieces.append(detokeniser.feed(data[start : start + length]))
        start += length
    assert "".join([*pieces, detokeniser.close()]) == text
    assert not any("\ufffd" in piece for piece in pieces)


def test_a_character_that_never_ends_is_told_when_the_text_does() -> None:
    detokeniser = Detokeniser(decode)
    assert detokeniser.feed("猫".encode()[:2]) == ""
    assert detokeniser.close() == "\ufffd"
    assert detokeniser.close() == ""


def test_what_is_no_character_holds_nothing_back_once_one_has_come() -> None:
    detokeniser = Detokeniser(decode)
    assert detokeniser.feed(b"\xff") == ""
    assert detokeniser.feed(b"a") == "\ufffda"


def decode_words(tokens: Sequence[int]) -> str:
    """Tokens that are words, with a space before each but the first, as SentencePiece decodes them."""
    return " ".join(f"w{token}" for token in tokens)


def test_spaces_between_tokens_are_kept_where_a_decoder_drops_the_first() -> None:
    detokeniser = Detokeniser(decode_words)
    assert "".join(detokeniser.feed([token]) for token in range(5)) == decode_words(range(5))


@given(TEXTS, st.lists(st.text(alphabet="ab\n猫", max_size=3), max_size=3), st.lists(st.integers(0, 4)))
def test_a_text_ends_where_it_does_a_character_at_a_time(
    text: str, sequences: Sequence[str], lengths: Sequence[int]
) -> None:
    def shown(pieces: Sequence[str]) -> tuple[str, bool]:
        stops = Stops(sequences)
        told = "".join(stops.feed(piece) for piece in pieces)
        return told + stops.close(), stops.met

    told, met = shown(cut(text, lengths))
    assert (told, met) == shown(list(text))
    wanted = [sequence for sequence in sequences if sequence]
    assert met == any(sequence in text for sequence in wanted)
    assert not any(sequence in told for sequence in wanted)
    assert text.startswith(told)
    assert met or told == text


def test_what_only_begins_like_a_stop_sequence_is_given_in_the_end() -> None:
    stops = Stops(["</answer>"])
    assert stops.feed("three </ans") == "three "
    assert stops.feed("t") == "</anst"
    assert stops.feed("</") == ""
    assert stops.close() == "</"


def test_nothing_comes_after_a_stop_sequence() -> None:
    stops = Stops(["END"])
    assert stops.feed("one EN") == "one "
    assert stops.feed("D two") == ""
    assert stops.feed("three") == ""
    assert stops.met
