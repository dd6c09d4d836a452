"""A language model behind a server: against a real one, on this machine, that does as each test says."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import GenerationFailed, Misconfigured
from rag.models.completion import read_line, read_lines
from rag.models.remote import RemoteGenerator
from rag.ports import Message, Prompt
from rag.types import Evidence, Usage
from tests.rag.models.llm_server import (
    WAIT_SECONDS,
    LlmServer,
    Script,
    babble,
    chunk,
    die_after,
    echo,
    event,
    hang_up,
    llm_server,
    say,
    silence,
    stall_after,
    status,
    stream,
    usage,
    words,
)

KEY = "sk-very-secret-key"
MESSAGES = (Message("system", "Rules."), Message("user", "What do otters eat?"))
PROMPT = Prompt("What do otters eat?", "en", (), MESSAGES, Evidence(0.0, ()))
ANSWER = "Otters eat crabs [1]."
TOO_LONG = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."

Make = Callable[..., RemoteGenerator]


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server() as server:
        yield server


@pytest.fixture
def make(server: LlmServer) -> Iterator[Make]:
    made: list[RemoteGenerator] = []

    def build(**options: object) -> RemoteGenerator:
        chosen = {"base_url": server.address, "api_key": KEY, "pause": lambda seconds: None, **options}
        made.append(RemoteGenerator("tiny", **chosen))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for one in made:
        one.close()


def drain(model: RemoteGenerator) -> tuple[list[str], Usage]:
    pieces, stream = [], model.generate(PROMPT)
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as done:
            return pieces, done.value


def failed(model: RemoteGenerator, *, after: str | None = None) -> GenerationFailed:
    """Return what it fails with. after: the text that is shown before."""
    pieces: list[str] = []
    with pytest.raises(GenerationFailed) as caught:
        pieces.extend(model.generate(PROMPT))
    assert "".join(pieces) == (after or "")
    assert type(caught.value) is GenerationFailed
    assert caught.value.hint
    return caught.value


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


def test_a_refused_connection_names_the_address_and_is_tried_again(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    waits: list[float] = []
    fault = failed(make(base_url=f"http://127.0.0.1:{port}/v1", pause=waits.append))
    assert f"127.0.0.1:{port}/v1" in str(fault)
    assert "refused" in str(fault)
    assert "llm.base_url" in fault.hint
    assert len(waits) == 2
    assert 0.3 < waits[0] < waits[1] < 2
    assert failed(make(base_url=f"http://127.0.0.1:{port}/v1", pause=waits.append, retries=0))
    assert len(waits) == 2


def test_a_name_that_nobody_knows_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    fault = failed(make(base_url="http://llm.example/v1"))
    assert "'llm.example' cannot be resolved" in str(fault)


@pytest.mark.parametrize(
    "trouble",
    [
        status(429, {"error": {"message": "slow down"}}, Retry_After="3"),
        status(503, {"error": {"message": "Loading model", "code": 503}}, Retry_After="3"),
        status(500, "boom"),
        status(502, "<html><head><title>502 Bad Gateway</title></head></html>"),
        hang_up,
        die_after(),
        die_after(chunk(role="assistant"), chunked=False),
    ],
)
def test_what_may_pass_is_tried_again_and_the_answer_comes(server: LlmServer, make: Make, trouble: Script) -> None:
    waits: list[float] = []
    server.scripts = [trouble, say(ANSWER)]
    assert "".join(drain(make(pause=waits.append))[0]) == ANSWER
    assert len(server.asked) == 2
    assert len(waits) == 1


def test_it_waits_as_long_as_the_server_asks_and_no_longer_than_there_is_time(server: LlmServer, make: Make) -> None:
    waits: list[float] = []
    server.scripts = [status(429, {}, Retry_After="3"), say(ANSWER)]
    drain(make(pause=waits.append))
    assert waits == [3.0]
    server.scripts = [status(429, {"error": {"message": "slow down"}}, Retry_After="3600"), say(ANSWER)]
    assert "429 slow down" in str(failed(make(pause=waits.append)))
    assert waits == [3.0]
    server.scripts = [status(429, {}, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), say(ANSWER)]
    drain(make(pause=waits.append))
    assert 0.3 < waits[1] < 1


def test_what_goes_on_is_told_after_the_last_try(server: LlmServer, make: Make) -> None:
    server.scripts = [status(500, {"error": {"message": "CUDA out of memory"}})]
    fault = failed(make(retries=3))
    assert "500 CUDA out of memory" in str(fault)
    assert server.address in str(fault)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("answer", "said", "hint"),
    [
        (status(401, {"error": {"message": f"Incorrect key: {KEY}"}}), "does not let us in: 401", "llm.api_key"),
        (status(403, "Forbidden"), "403 Forbidden", "FOOTNOTE_LLM__API_KEY"),
        (status(404, {"error": "model 'tiny' not found"}), "no model 'tiny'", "one that it offers: other, tiny"),
        (status(400, {"object": "error", "message": "The model `tiny` does not exist."}), "no model", "other, tiny"),
        (status(404, "<html><body>Not Found</body></html>"), "no chat at this path: 404 Not Found", "llm.base_url"),
        (status(400, {"object": "error", "message": TOO_LONG}), "longer than the model reads", "llm.context_tokens"),
        (status(500, {"error": {"message": "Context size has been exceeded."}}), "longer", "llm.context_tokens"),
        (status(400, {"error": {"type": "exceed_context_size_error", "message": "x"}}), "longer", "context_tokens"),
        (status(429, {"error": {"message": "x", "code": "insufficient_quota"}}), "insufficient_quota", "later"),
        (
            status(307, "", Location="http://elsewhere.example/v1"),
            "redirects to http://elsewhere.example/v1",
            "base_url",
        ),
        (status(422, {"detail": [{"loc": ["body"], "msg": "bad seed"}]}), "bad seed", "llm.options"),
        (stream("<!DOCTYPE html><html>Sign in</html>", kind="text/html"), "it sent a web page", "OpenAI-compatible"),
        (stream("<html>Sign in</html>", kind="text/plain"), "it sent a web page", "OpenAI-compatible"),
        (stream('{\n "error": {"message": "no slot"}\n}', kind="application/json"), "it failed: no slot", "log"),
        (stream('{"choices": []}', kind="application/json"), "no stream of events", "OpenAI-compatible"),
        (stream("", kind="application/json"), "an empty answer", "OpenAI-compatible"),
        (stream(event("{nonsense"), event("[DONE]")), "no JSON: '{nonsense'", "OpenAI-compatible"),
        (stream(event([1]), event("[DONE]")), "no chunk of a chat: '[1]'", "OpenAI-compatible"),
        (stream(event({"choices": 3})), "no chunk of a chat", "OpenAI-compatible"),
        (stream(event({"error": {"message": TOO_LONG}})), "longer than the model reads", "llm.context_tokens"),
    ],
)
def test_what_will_not_pass_is_told_at_once(
    server: LlmServer, make: Make, answer: Script, said: str, hint: str
) -> None:
    server.scripts = [answer, say(ANSWER)]
    fault = failed(make())
    assert said in str(fault)
    assert server.address in str(fault)
    assert hint in fault.hint
    assert len(server.asked) == 1
    assert KEY not in f"{fault!r} {fault.hint}"


def test_a_path_without_its_v1_is_guessed(server: LlmServer, make: Make) -> None:
    fault = failed(make(base_url=server.address.removesuffix("/v1")))
    assert "no chat at this path: 404 Not Found" in str(fault)
    assert f"try {server.address}" in fault.hint


def test_models_that_cannot_be_listed_are_not_listed(server: LlmServer, make: Make) -> None:
    server.scripts = [status(404, {"error": "model 'tiny' not found"})]
    for offers in (status(404, {"error": "model 'tiny' not found"}), status(200, "<html></html>"), hang_up):
        server.offers = offers
        assert failed(make()).hint == "set llm.model to the server's name for it"
    with pytest.raises(GenerationFailed):
        make().models()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (die_after(*words(ANSWER)), "cut off in the middle"),
        (die_after(*words(ANSWER), chunked=False), "cut off in the middle"),
        (die_after(*words(ANSWER), chunk("more")[:-9], chunked=False), "cut off in the middle"),
        (stream(*words(ANSWER), event({"error": {"message": "CUDA error", "code": 500}})), "it failed: CUDA error"),
        (stream(*words(ANSWER), 'event: error\ndata: {"error": "out of memory"}\n\n'), "it failed: out of memory"),
        (stream(*words(ANSWER), event("}{"), event("[DONE]")), "no JSON"),
        (stream(*words(ANSWER), chunk(end="abort"), event("[DONE]")), "broke off its answer: abort"),
        (stream(*words(ANSWER), chunk(end="content_filter"), event("[DONE]")), "content_filter"),
    ],
)
def test_after_text_has_been_shown_nothing_is_tried_again(
    server: LlmServer, make: Make, answer: Script, said: str
) -> None:
    server.scripts = [answer, say(ANSWER)]
    fault = failed(make(), after=ANSWER)
    assert said in str(fault)
    assert server.address in str(fault)
    assert len(server.asked) == 1


def test_a_connection_that_breaks_after_the_end_does_no_harm(server: LlmServer, make: Make) -> None:
    server.scripts = [die_after(*words(ANSWER), chunk(end="stop"), usage(7, 4))]
    assert drain(make())[1] == Usage(7, 4)


@pytest.mark.parametrize(
    ("limits", "answer", "shown", "said"),
    [
        ({"first_token_seconds": 0.2}, silence, "", "no word of an answer within 0.2 s"),
        ({"first_token_seconds": 0.2}, stall_after(), "", "no word of an answer within 0.2 s"),
        ({"first_token_seconds": 0.2}, babble(": ping\n\n"), "", "no word of an answer within 0.2 s"),
        ({"first_token_seconds": 0.2}, babble(chunk(reasoning_content="h")), "", "no word of an answer within 0.2 s"),
        ({"first_token_seconds": 0.2}, stall_after(*words(ANSWER)), ANSWER, "fell silent"),
        ({"first_token_seconds": 0.2}, babble(": ping\n\n", first=words(ANSWER)), ANSWER, "fell silent"),
        ({"deadline_seconds": 0.2}, stall_after(*words(ANSWER)), ANSWER, "not whole after 0.2 s"),
        ({"deadline_seconds": 0.2}, silence, "", "not whole after 0.2 s"),
    ],
)
def test_no_limit_of_time_is_passed(
    server: LlmServer, make: Make, limits: dict[str, float], answer: Script, shown: str, said: str
) -> None:
    server.scripts = [answer]
    started = time.monotonic()
    fault = failed(make(**limits), after=shown)
    assert said in str(fault)
    assert time.monotonic() - started < WAIT_SECONDS / 2
    assert len(server.asked) == 1
    assert server.deserted.wait(WAIT_SECONDS)


def test_an_answer_without_end_meets_its_deadline(server: LlmServer, make: Make) -> None:
    server.scripts = [babble(chunk("ha"))]
    with pytest.raises(GenerationFailed, match="not whole after 0.3 s"):
        drain(make(deadline_seconds=0.3))
    assert server.deserted.wait(WAIT_SECONDS)


def test_closing_the_stream_closes_the_connection(server: LlmServer, make: Make) -> None:
    server.scripts = [stall_after(*words(ANSWER)), say(ANSWER)]
    model = make()
    with closing(model.generate(PROMPT)) as pieces:
        assert next(pieces) == "Otters"
        assert not server.deserted.is_set()
    assert server.deserted.wait(WAIT_SECONDS)
    assert "".join(drain(model)[0]) == ANSWER


def test_a_redirect_is_not_followed_with_the_key(server: LlmServer, make: Make) -> None:
    with llm_server() as other:
        for code in (301, 302, 307, 308):
            server.scripts = [status(code, "", Location=f"{other.address}/chat/completions")]
            assert f"redirects to {other.address}" in str(failed(make()))
        assert not other.asked
        assert not other.looked


def test_a_servers_answer_does_not_pass_through_a_proxy(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert "".join(drain(make())[0]) == ANSWER


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
