"""Measure 64 who ask at once against one after another: the throughput, and whether every answer is the same.

    python -m eval.bench.concurrent [--shared ../shared] [--askers 64] [--questions 256] [--rounds 3] [--runtime auto]
                                   [--processes 1]

The questions are XQuAD's, English, Chinese, and both in turn, on a library of both sets' paragraphs. Each is asked once
one after another and once with all others, of the same objects, and nothing is remembered between: what a cache would
give is no throughput. Asked three ways: the embedder alone, Retriever.retrieve, and POST /search of a server in a
process of its own with the settings as they are by default. Rounds are interleaved, since a shared machine changes its
pace; CPU seconds are those of the process that answers. One JSON object on stdout.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from eval.corpus import collection_name, open_corpus
from eval.datasets.load import load_dataset
from eval.questions import Dataset
from rag import build
from rag.cli.serve import listen
from rag.config import EmbedderSettings, Settings
from rag.models.batch import BatchingEmbedder
from rag.ports import Embedder

SETS = {"en": "data/xquad/xquad.en.json", "zh": "data/xquad/xquad.zh.json"}
WARM_QUESTIONS = 32
HOST = "127.0.0.1"
TICKS = os.sysconf("SC_CLK_TCK")
Row = dict[str, Any]
Ask = Callable[[str], Any]
Same = Callable[[Any, Any], bool]


class Forgetful:
    """What the service is built by, with an embedder that remembers no question."""

    def __getattr__(self, name: str) -> Any:
        return getattr(build, name)

    def build_embedder(self, settings: Settings) -> Embedder:
        inner = build.find_embedder(settings)
        return BatchingEmbedder(inner, batch_size=settings.embedder.batch_size, remembered=0)


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    sets = {name: load_dataset(f"squad:{options.shared / path}") for name, path in SETS.items()}
    asked = {name: [question.text for question in found.questions] for name, found in sets.items()}
    asked["mixed"] = list(chain.from_iterable(zip(asked["en"], asked["zh"], strict=True)))
    asked = {name: list(dict.fromkeys(texts)) for name, texts in asked.items()}
    both = replace(
        sets["en"],
        spec="squad:xquad-en-zh",
        paragraphs=tuple(chain.from_iterable(found.paragraphs for found in sets.values())),
        questions=(),
    )
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(data=options.data or Path(name), embedder=EmbedderSettings(runtime=options.runtime))
        report = measure(both, asked, settings, options)
    json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def measure(dataset: Dataset, asked: dict[str, list[str]], settings: Settings, options: argparse.Namespace) -> Row:
    askers, questions, rounds = options.askers, options.questions, options.rounds
    embedder = Forgetful().build_embedder(settings)
    report: Row = {
        "processors": len(os.sched_getaffinity(0)),
        "askers": askers,
        "questions": questions,
        "rounds": rounds,
        "serving_processes": options.processes,
        "server": settings.server.model_dump(include={"concurrent_answers", "waiting_answers"}),
        "loads": {name: {} for name in asked},
    }
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        retriever = build.build_retriever(settings, corpus.library, embedder)
        report["chunks"] = len(corpus.library)
        report["runtime"] = build.runtime_of(embedder)
        for name, texts in asked.items():
            rows = report["loads"][name]
            rows["embedder"] = _compared(
                lambda text: embedder.embed_queries([text]), texts, askers, questions, rounds, [os.getpid()], _same_bits
            )
            rows["retriever"] = _compared(retriever.retrieve, texts, askers, questions, rounds, [os.getpid()], _equal)
    with _Server(settings, collection_name(dataset, settings, embedder), options.processes) as server:
        for name, texts in asked.items():
            rows = report["loads"][name]
            rows["search"] = _compared(server.search, texts, askers, questions, rounds, server.processes, _equal)
    return report


def _compared(
    ask: Ask, texts: Sequence[str], askers: int, questions: int, rounds: int, processes: Sequence[int], same: Same
) -> Row:
    """Ask other questions in each round; every one twice, by one asker and by many."""
    with ThreadPoolExecutor(askers) as pool:
        list(pool.map(ask, [*texts[:WARM_QUESTIONS]] * 4))
    texts = texts[WARM_QUESTIONS:]
    ratios, cpu_ratios, identical, alike, compared, milliseconds = [], [], 0, 0, 0, []
    for number in range(rounds):
        some = texts[number * questions : (number + 1) * questions]
        alone, seconds, cpu = _timed(lambda some=some: [ask(text) for text in some], processes)  # type: ignore[misc]
        with ThreadPoolExecutor(askers) as pool:
            together, many_seconds, many_cpu = _timed(lambda some=some: list(pool.map(ask, some)), processes)  # type: ignore[misc]
        ratios.append(seconds / many_seconds)
        cpu_ratios.append(cpu / max(many_cpu, 1 / TICKS))
        milliseconds.append((seconds / len(some) * 1000, many_seconds / len(some) * 1000))
        pairs = list(zip(alone, together, strict=True))
        identical += sum(same(one, other) for one, other in pairs)
        alike += sum(_spans(one) == _spans(other) for one, other in pairs)
        compared += len(some)
    return {
        "times_throughput": round(statistics.median(ratios), 2),
        "times_questions_a_cpu_second": round(statistics.median(cpu_ratios), 2),
        "alone_ms": round(statistics.median(one for one, _ in milliseconds), 2),
        "together_ms": round(statistics.median(many for _, many in milliseconds), 2),
        "each_round": [round(ratio, 2) for ratio in ratios],
        "identical": f"{identical} of {compared}",
        "the_same_passages": f"{alike} of {compared}",
    }


class _Server:
    """The HTTP service in processes of its own, which share a port."""

    def __init__(self, settings: Settings, collection: str, count: int) -> None:
        self._count = count
        self._collection = collection
        self._settings = settings
        self._local = threading.local()

    def __enter__(self) -> _Server:
        context = multiprocessing.get_context("spawn")
        with listen(HOST, 0) as listener:
            self._port = listener.getsockname()[1]
            self._processes = [
                context.Process(target=_serve, args=(self._settings, listener), daemon=True) for _ in range(self._count)
            ]
            for process in self._processes:
                process.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
            process.join(30)

    @property
    def processes(self) -> list[int]:
        return [process.pid for process in self._processes if process.pid is not None]

    def search(self, text: str) -> Any:
        """Return the passages; a connection for each thread, kept."""
        body = json.dumps({"query": text, "collection": self._collection})
        try:
            response = self._post(body)
        except ConnectionError:  # the server hangs up on who was silent for some seconds
            self._local.connection = None
            response = self._post(body)
        answer = json.loads(response.read())
        if response.status != http.client.OK:
            raise SystemExit(f"the server answered {response.status}: {answer}")
        return answer["passages"]

    def _post(self, body: str) -> http.client.HTTPResponse:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(HOST, self._port, timeout=120)
        connection.request("POST", "/search", body, {"Content-Type": "application/json"})
        return connection.getresponse()


def _serve(settings: Settings, listener: socket.socket) -> None:
    import uvicorn

    from rag.api import create_app

    config = uvicorn.Config(create_app(settings, build=Forgetful()), log_config=None, access_log=False)
    uvicorn.Server(config).run([listener])


def _timed(work: Callable[[], list[Any]], processes: Sequence[int]) -> tuple[list[Any], float, float]:
    """Return the results, and the seconds that passed and that the process worked."""
    cpu, start = _cpu_seconds(processes), time.perf_counter()
    results = work()
    return results, time.perf_counter() - start, _cpu_seconds(processes) - cpu


def _cpu_seconds(processes: Sequence[int]) -> float:
    ticks = 0
    for process_id in processes:
        fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime, the fields 14 and 15 of proc(5)
    return ticks / TICKS


def _spans(answer: Any) -> list[tuple[Any, ...]]:
    """What was found, whatever its score: of torch, a batch changes the last bits of a vector."""
    if isinstance(answer, np.ndarray):
        return []
    if isinstance(answer, tuple):
        return [(passage.document_id, passage.start, passage.end) for passage in answer]
    return [(passage["document_id"], passage["start"], passage["end"]) for passage in answer]


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other)


def _same_bits(one: Any, other: Any) -> bool:
    """To the bit."""
    return bool(np.array_equal(one, other))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--askers", type=int, default=64)
    parser.add_argument("--questions", type=int, default=256, help="in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runtime", choices=("auto", "openvino", "torch"), default="auto")
    parser.add_argument("--processes", type=int, default=1, help="that serve POST /search on one port")
    parser.add_argument("--data", type=Path, help="where the library is kept; by default it is made anew")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
