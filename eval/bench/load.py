"""Put load on the HTTP service and see that every answer still stands: throughput, waits, refusals, memory.

    footnote eval bench load --dataset squad:../shared/data/xquad/xquad.en.json --askers 1,4,16,64 --seconds 10

Without --url the service is started in a process of its own, on the dataset's library and by the settings of this
folder, and its memory is watched. Everything is asked streamed, as the page asks, of POST /ask.

Askers in turn (a closed loop) give the throughput. Then questions come at set rates, shares of the best throughput, at
random moments (an open loop): these waits count from when a question was due. A 503 is honoured: the asker comes again
after what Retry-After says, and has waited. Then a burst of all at once; then clients that hang up in mid-stream, and
some who ask after them. Of every answer that came each citation is held against the text that GET /documents/ID/text
gives: its quote must be the slice. The askers share the machine with the service, and take their part of it.
"""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice
from typing import Any

from eval.bench.family import holdings
from eval.bench.rounds import Asked, Round, at_once, at_rate, in_turn
from eval.bench.served import Client, Served, serving
from eval.bench.spread import lines, spread
from eval.corpus import collection_name, open_corpus
from eval.questions import Dataset
from rag.build import build_embedder
from rag.config import Settings
from rag.errors import FootnoteError

MEGABYTE = 2**20
SHARES = (0.5, 0.8)  # of the best throughput, where no rates are given
AFTERWARDS = 16  # who ask when others have hung up
SHOWN_ERRORS = 5
Row = dict[str, Any]


class Checker:
    """Holds citations against the documents' texts, each fetched once."""

    def __init__(self, text_of: Callable[[str], str]) -> None:
        self._text_of = text_of
        self._texts: dict[str, str] = {}
        self._said: dict[str, str] = {}

    def check(self, asked: Sequence[Asked]) -> Row:
        """changed: answers other than the first that the same question was given."""
        citations = invalid = changed = 0
        for one in asked:
            if one.reply.answer is None:
                continue
            answer = one.reply.answer
            retrieved = {passage["document_id"] for passage in answer["passages"]}
            for citation in answer["citations"]:
                citations += 1
                document = citation["document_id"]
                if document not in self._texts:
                    self._texts[document] = self._text_of(document)
                quoted = self._texts[document][citation["start"] : citation["end"]]
                invalid += not (quoted and quoted == citation["quote"] and document in retrieved)
            changed += self._said.setdefault(one.question, answer["answer"]) != answer["answer"]
        return {"citations": citations, "invalid": invalid, "changed": changed}


def measure(
    dataset: Dataset,
    settings: Settings,
    *,
    askers: Sequence[int],
    seconds: float,
    rates: Sequence[float] = (),
    burst: int = 100,
    leaving: int = 32,
    url: str | None = None,
    collection: str | None = None,
) -> Row:
    """url: a service that runs already, asked for the collection; None: one is started on the dataset's library.

    Raises FootnoteError where it does not answer.
    """
    questions = list(dict.fromkeys(question.text for question in dataset.questions))
    with ExitStack() as stack:
        served = None
        if url is None:
            collection = _made(dataset, settings)
            served = stack.enter_context(serving(settings.data, collection))
            url = served.address
        client = stack.enter_context(Client(url, collection))
        first = client.ask(questions[0])
        if first.answer is None and first.status != http.client.SERVICE_UNAVAILABLE:
            raise FootnoteError(
                f"{url} does not answer: {first.error}", hint="is it running, and the collection there?"
            )
        report = loaded(client, served, questions, askers, seconds, rates, burst, leaving)
    return {"dataset": dataset.spec, "processors": len(os.sched_getaffinity(0)), **report}


def _made(dataset: Dataset, settings: Settings) -> str:
    embedder = build_embedder(settings)
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None):
        return collection_name(dataset, settings, embedder)


def loaded(
    client: Client,
    served: Served | None,
    questions: Sequence[str],
    askers: Sequence[int],
    seconds: float,
    rates: Sequence[float],
    burst: int,
    leaving: int,
) -> Row:
    checker, rows = Checker(client.text), []

    def add(name: str, done: Round) -> Row:
        row = {"round": name, **_row(done), **checker.check(done.asked), "memory_mb": _megabytes(served)}
        rows.append(row)
        client.hang_up()  # the threads of a round end with it
        return row

    in_turn(client.ask, questions[-AFTERWARDS:], 1, min(1.0, seconds))  # warm: not counted
    before = _megabytes(served)
    closed = [add(f"{number} in turn", in_turn(client.ask, questions, number, seconds)) for number in askers]
    best = max((row["answers_per_second"] for row in closed), default=0.0)
    for rate in rates or [share * best for share in SHARES if best]:
        add(f"{rate:.1f} a second", at_rate(client.ask, questions, rate, seconds))
    if burst:
        add(f"{burst} at once", at_once(client.ask, questions, burst))
    left = 0
    if leaving:
        with ThreadPoolExecutor(leaving) as pool:
            left = sum(pool.map(client.leave, islice(cycle(questions), leaving)))
        add(f"{AFTERWARDS} after {leaving} hung up", at_once(client.ask, questions, AFTERWARDS))
    return {
        "questions": len(questions),
        "seconds": seconds,
        "rounds": rows,
        "hung_up_in_mid_stream": left,
        "memory_mb": {"before": before, "after": _megabytes(served)},
        "server_errors": None if served is None else served.errors(),
        "broken": _broken(rows, served),
    }


def _row(done: Round) -> Row:
    answered = [one for one in done.asked if one.is_answered]
    errors = [one.reply.error or f"status {one.reply.status}" for one in done.asked if not one.is_answered]
    first = [1000 * one.reply.first_token for one in answered if one.reply.first_token is not None]
    return {
        "asked": len(done.asked),
        "answered": len(answered),
        "answers_per_second": round(len(answered) / done.seconds, 2),
        **spread([1000 * one.seconds for one in answered]),
        "first_token_p50_ms": spread(first)["p50_ms"],  # of the try that was answered
        "busy": sum(one.busy for one in done.asked),
        "busy_without_retry_after": sum(one.busy - one.told for one in done.asked),
        "errors": len(errors),
        "first_errors": errors[:SHOWN_ERRORS],
    }


def _broken(rows: Sequence[Row], served: Served | None) -> list[str]:
    """Name each promise that was not kept."""
    broken = [
        f"{row['round']}: {row[name]} {what}"
        for row in rows
        for name, what in (
            ("errors", "questions without an answer"),
            ("invalid", "citations whose quote is not the slice"),
            ("busy_without_retry_after", "times 503 without Retry-After"),
        )
        if row[name]
    ]
    if served is not None and served.errors():
        broken.append(f"{served.errors()} errors in the server's log")
    return broken


def _megabytes(served: Served | None) -> int | None:
    return None if served is None else round(holdings(served.process).pss / MEGABYTE)


def table(report: Row) -> str:
    names = {
        "round": "round",
        "answered": "answered",
        "answers_per_second": "a second",
        "p50_ms": "p50 ms",
        "p95_ms": "p95 ms",
        "p99_ms": "p99 ms",
        "first_token_p50_ms": "first token",
        "busy": "503s",
        "errors": "errors",
        "citations": "citations",
        "invalid": "invalid",
        "changed": "changed",
        "memory_mb": "MB",
    }
    shown = lines([{names[key]: row[key] for key in names} for row in report["rounds"]])
    tail = [f"broken: {one}" for one in report["broken"]] or ["nothing was broken"]
    return "\n\n".join([f"{report['questions']:,} questions, {report['processors']} processors", shown, *tail])
