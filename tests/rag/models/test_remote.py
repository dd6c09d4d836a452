"""A language model behind a server: against a real one, on this machine, that does as each test says."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import Misconfigured
from rag.models.completion import read_line, read_lines
from rag.models.remote import RemoteGenerator
from rag.ports import Message
from rag.types import Usage
from tests.rag.models.asking import ANSWER, KEY, MESSAGES, Make, drain, failed
from tests.rag.models.llm_server import LlmServer, chunk, echo, event, llm_server, say, status, stream, words


def test_an_answer_comes_piece_by_piece_with_the_servers_own_usage(server: LlmServer, make: Make) -> None:
    pieces, used = drain(make())
    assert "".join(pieces) == ANSWER
    assert len(pieces) > 4
    assert used == Usage(7, 4)
    [asked] = server.asked
    assert asked["messages"][1] == {"role": "user", "content": "What do otters eat?"}
    assert (asked["model"], asked["stream"], asked["stream_options"]) == ("tiny", True, {"include_usage": True})
    assert server.heads[0]["authorization"] == f"Bearer {KEY}"


def test_what_is_set_is_asked_for(server: LlmServer, make: Make) -> None:
    drain(make(max_tokens=9, temperature=0.5, top_p=0.9, seed=3, stop=("END",), options={"top_k": 5}))
    wanted = {"max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "seed": 3, "stop": ["END"], "top_k": 5}
    assert {key: server.asked[0][key] for key in wanted} == wanted
    drain(make())
    assert "stop" not in server.asked[1]


def test_a_line_or_two_can_be_written_with_a_limit_of_its_own(server: LlmServer, make: Make) -> None:
    assert make().complete(MESSAGES, max_tokens=12) == ANSWER
    assert server.asked[0]["max_tokens"] == 12


def test_usage_is_estimated_where_the_server_does_not_tell_it(server: LlmServer, make: Make) -> None:
    server.scripts = [stream(*words(ANSWER), chunk(end="stop"), event("[DONE]"))]
    _, used = drain(make())
    assert used.prompt_tokens == make().count_tokens(MESSAGES) > 8
    assert 4 <= used.completion_tokens <= 12


def test_an_answer_that_reached_its_length_is_an_answer(server: LlmServer, make: Make) -> None:
    server.scripts = [say(ANSWER, end="length")]
    pieces, used = drain(make(max_tokens=4))
    assert "".join(pieces) == ANSWER
    assert used.completion_tokens == 4


def test_thoughts_are_no_text(server: LlmServer, make: Make) -> None:
    thoughts = [chunk(reasoning_content="Hmm, "), chunk(reasoning="crabs?"), chunk(None), chunk("")]
    server.scripts = [stream(*thoughts, *words(ANSWER), chunk(end="stop"), event("[DONE]"))]
    assert "".join(drain(make())[0]) == ANSWER


@pytest.mark.parametrize("ending", [(chunk(end="stop"),), (event("[DONE]"),), ("data: [DONE]",)])
def test_either_of_the_two_endings_will_do(server: LlmServer, make: Make, ending: tuple[str, ...]) -> None:
    server.scripts = [stream(*words(ANSWER), *ending, chunked=False)]
    assert "".join(drain(make())[0]) == ANSWER


def test_comments_other_fields_and_odd_line_ends_are_passed_over(server: LlmServer, make: Make) -> None:
    odd = chunk("水獭\u2028吃\x85蟹").replace("\n", "\r\n")
    server.scripts = [
        stream(
            ": ping\n\n", "event: message\nid: 1\nretry: 5\n", odd, "data:\n\n", event({"choices": []}), event("[DONE]")
        )
    ]
    assert "".join(drain(make())[0]) == "水獭\u2028吃\x85蟹"


def test_a_character_that_is_cut_in_two_becomes_one_that_can_be_written(server: LlmServer, make: Make) -> None:
    server.scripts = [stream('data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\n', event("[DONE]"))]
    assert drain(make())[0] == ["\ufffd"]


@given(st.text(), st.lists(st.integers(0, 400), max_size=8))
def test_lines_are_the_same_however_the_bytes_are_cut(text: str, cuts: list[int]) -> None:
    raw = (chunk(text) + ": ping\r\n\r\n" + chunk("水獭") + event("[DONE]")).encode("utf-8", "replace")
    places = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    parts = [raw[start:end] for start, end in pairwise(places)]
    assert list(read_lines(parts)) == list(read_lines([raw]))
    told = [read_line(line) for line in read_lines(parts)]
    assert "".join(one.text for one in told if one)[-2:] == "水獭"


def test_a_redirect_is_not_followed_with_the_key(server: LlmServer, make: Make) -> None:
    with llm_server() as other:
        for code in (301, 302, 307, 308):
            server.scripts = [status(code, "", Location=f"{other.address}/chat/completions")]
            assert f"redirects to {other.address}" in str(failed(make()))
        assert not other.asked
        assert not other.looked


def test_a_servers_answer_does_not_pass_through_a_proxy(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, proxy in (
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("http_proxy", "http://127.0.0.1:9"),
        ("ALL_PROXY", "x:y"),
    ):
        monkeypatch.setenv(name, proxy)
    assert "".join(drain(make())[0]) == ANSWER
    fault = failed(make(base_url="http://llm.example/v1"))
    assert "no connection can be made" in str(fault)
    assert "NO_PROXY=llm.example" in fault.hint


def test_what_the_environment_holds_for_openai_is_not_sent(
    server: LlmServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "not-for-you")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    drain(make(api_key=None))
    assert "not-for-you" not in str(server.heads)


def test_the_key_is_in_no_log(server: LlmServer, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.scripts = [status(500, {"error": f"{KEY} failed"})]
    failed(make())
    assert KEY not in caplog.text
    assert KEY not in repr(make())


@pytest.mark.parametrize(
    "address",
    ["", "localhost:8000", "ftp://host/v1", "http://", "http://h:x/v1", "http://me:pw@h/v1", "http://h/v1?k=pw"],
)
def test_what_is_no_address_is_refused_before_any_question(address: str) -> None:
    with pytest.raises(Misconfigured, match="llm.base_url") as caught:
        RemoteGenerator("tiny", base_url=address)
    assert "pw" not in str(caught.value)


def test_the_route_that_was_copied_along_is_left_out(server: LlmServer, make: Make) -> None:
    assert "".join(drain(make(base_url=f"{server.address}/chat/completions/"))[0]) == ANSWER


def test_a_key_that_no_header_can_carry_is_refused_and_not_shown() -> None:
    with pytest.raises(Misconfigured, match="llm.api_key") as caught:
        RemoteGenerator("tiny", base_url="http://h/v1", api_key="sk-密钥")
    assert "密钥" not in str(caught.value)


def test_many_ask_at_once_and_each_gets_its_own(server: LlmServer, make: Make) -> None:
    server.scripts = [echo]
    model = make()
    asked = [f"number {number}" for number in range(96)]
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda text: model.complete([Message("user", text)], max_tokens=9), asked))
    assert answers == asked


def test_room_for_the_answer_is_kept() -> None:
    assert RemoteGenerator("tiny", base_url="http://h/v1", max_tokens=192).context_tokens == 8000
    assert RemoteGenerator("tiny", base_url="http://h/v1", context_tokens=300, max_tokens=512).context_tokens == 1


def test_a_character_of_chinese_counts_as_a_token_and_words_as_too_many() -> None:
    model = RemoteGenerator("tiny", base_url="http://h/v1")
    empty = model.count_tokens([Message("user", "")])
    assert model.count_tokens([Message("user", "水獭吃螃蟹和蛤蜊。")]) == empty + 9
    assert model.count_tokens([Message("user", "Otters eat 12 crabs.\n")]) >= empty + 7


def test_openai_is_not_imported_before_the_first_question() -> None:
    script = (
        "import sys\nfrom rag.models.remote import RemoteGenerator\n"
        "RemoteGenerator('tiny', base_url='http://h/v1').context_tokens\n"
        "sys.exit('openai' in sys.modules or 'httpx2' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
