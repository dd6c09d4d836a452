"""What goes wrong with a language model behind a server: before anything is shown, in the middle, and with time."""

from __future__ import annotations

import socket
import time
from contextlib import closing

import pytest

from rag.errors import GenerationFailed
from rag.types import Usage
from tests.rag.models.asking import ANSWER, KEY, PROMPT, Make, drain, failed
from tests.rag.models.llm_server import (
    WAIT_SECONDS,
    LlmServer,
    Script,
    babble,
    chunk,
    die_after,
    event,
    hang_up,
    say,
    silence,
    stall_after,
    status,
    stream,
    usage,
    words,
)

TOO_LONG = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."


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


@pytest.mark.parametrize("before", range(270, 300, 5))
def test_no_part_of_the_key_is_left_where_words_are_cut(server: LlmServer, make: Make, before: int) -> None:
    said = "x" * before + KEY + "x" * 100
    for answer in (
        status(400, said),
        status(400, {"error": said}),
        stream(event({"error": said})),
        stream(event(said)),
    ):
        server.scripts = [answer]
        assert "sk-" not in str(failed(make()))


@pytest.mark.parametrize("wished", ["nan", "inf", "-1", "soon", "1e9", ""])
def test_a_wish_that_is_no_number_of_seconds_is_passed_over(server: LlmServer, make: Make, wished: str) -> None:
    waits: list[float] = []
    server.scripts = [status(429, {}, Retry_After=wished), say(ANSWER)]
    drain(make(pause=waits.append))
    assert 0.3 < waits[0] < 1


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
