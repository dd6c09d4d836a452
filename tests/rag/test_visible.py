from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.visible import Visible

PIECES = st.sampled_from(["\x1b", "[", "]", "31", ";", "m", "\x07", "\\", "\x9b", "\x9d", "P", "a", " ", "\x9c"])


def streamed(*pieces: str) -> str:
    stream = Visible()
    return "".join(map(stream.feed, pieces)) + stream.close()


@given(st.lists(PIECES, max_size=30).map("".join))
def test_escapes_cut_anywhere_give_the_same_text(text: str) -> None:
    whole = streamed(text)
    assert streamed(*text) == whole
    assert all(streamed(text[:place], text[place:]) == whole for place in range(len(text)))
    assert "\x1b" not in whole


def test_what_cannot_be_seen_is_left_out_and_lines_stay() -> None:
    assert streamed("a\u200b\u202e\U000e0061\ufe0f\x00b\r\nc\u2028d\te") == "ab\nc\nd\te"
    assert streamed("\x1b[1;31mred\x1b[0m \x1b]8;;https://x.example\x1b\\link\x1b]8;;\x1b\\") == "red link"
