"""A document is added, changed and removed under a running API, by other processes: it follows, without a restart.

Nothing here waits for the service to notice: what `footnote ingest` has acknowledged holds for the very next question.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

pytestmark = pytest.mark.slow  # four processes load the model, one after another

START_SECONDS = 120.0
ASK_SECONDS = 120.0  # the first question loads the model
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")

OTHERS = {
    "canteen.md": "# Canteen\n\nThe canteen opens at noon and closes at three. Soup is served on Fridays.\n",
    "travel.md": "# Travel\n\nTrains are booked by the front desk. Receipts are kept for seven years.\n",
    "休假.md": "# 休假\n\n员工每年有十五天年假。请假须提前三天向主管申请。\n",
}
OLD = "# Lisbon office\n\nThe gate code of the Lisbon office is 4417. 里斯本办事处的门禁密码是 4417。\n"
NEW = "# Lisbon office\n\nThe gate code of the Lisbon office is 9032. 里斯本办事处的门禁密码是 9032。\n"
QUESTIONS = ("What is the gate code of the Lisbon office?", "里斯本办事处的门禁密码是多少？", "gate code Lisbon 4417")


@dataclass(frozen=True, slots=True)
class Running:
    """A service in its own process, and the folder of documents that others read into its library."""

    client: httpx.Client
    data: Path
    documents: Path

    def footnote(self, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "footnote", "--data", str(self.data), *arguments, "--json"],
            capture_output=True,
            encoding="utf-8",
            timeout=START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        value: dict[str, Any] = json.loads(done.stdout)
        return value

    def ingest(self) -> dict[str, Any]:
        return self.footnote("ingest", str(self.documents))

    def ask(self, question: str) -> dict[str, Any]:
        reply = self.client.post("/ask", json={"question": question})
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        for citation in answer["citations"]:
            text = self.client.get(f"/documents/{citation['document_id']}/text").text
            assert text[citation["start"] : citation["end"]] == citation["quote"]
        return answer


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("follow")
    documents = home / "documents"
    documents.mkdir()
    for name, text in OTHERS.items():
        (documents / name).write_text(text, encoding="utf-8")
    log = home / "serve.log"
    with log.open("w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "footnote", "serve", "--port", "0", "--data", str(home / "data")],
            stdout=said,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            assert process.stderr is not None
            with httpx.Client(base_url=_address(process.stderr), timeout=ASK_SECONDS) as client:
                yield Running(client, home / "data", documents)
            assert process.poll() is None, "the service ended by itself"
        finally:
            process.terminate()
            process.communicate(timeout=START_SECONDS)


def _address(said: IO[str]) -> str:
    """Return the address that the service tells once it answers; the test's own time limit is the pipe's end."""
    heard = []
    for line in said:
        heard.append(line)
        if found := ADDRESS.search(line):
            return found.group()
    raise AssertionError(f"the service ended before it answered: {''.join(heard)}")


def quotes(answer: dict[str, Any]) -> str:
    return " ".join(citation["quote"] for citation in answer["citations"])


def test_a_document_is_found_changed_and_never_cited_again_without_a_restart(service: Running) -> None:
    assert service.ingest()["indexed"] == len(OTHERS)
    for question in QUESTIONS:
        assert "4417" not in quotes(service.ask(question))

    office = service.documents / "lisbon.md"
    office.write_text(OLD, encoding="utf-8")
    report = service.ingest()
    assert (report["indexed"], report["unchanged"]) == (1, len(OTHERS))
    [first] = [row["document_id"] for row in report["files"] if row["outcome"] == "indexed"]
    for question in QUESTIONS[:2]:
        answer = service.ask(question)
        assert not answer["refused"]
        assert "4417" in quotes(answer)
        assert {citation["document_id"] for citation in answer["citations"]} == {first}

    office.write_text(NEW, encoding="utf-8")
    report = service.ingest()
    [second] = [row["document_id"] for row in report["files"] if row["outcome"] == "indexed"]
    assert second != first
    for question in QUESTIONS:
        answer = service.ask(question)
        assert "4417" not in quotes(answer)
        assert all("4417" not in passage["text"] for passage in answer["passages"])
        assert first not in {passage["document_id"] for passage in answer["passages"]}
    for question in QUESTIONS[:2]:
        answer = service.ask(question)
        assert "9032" in quotes(answer)
        assert {citation["version"] for citation in answer["citations"]} == {2}
    assert service.client.get(f"/documents/{first}/text").status_code == 404

    office.unlink()
    assert service.ingest()["removed"] == 1
    for question in QUESTIONS:
        answer = service.ask(question)
        assert "9032" not in quotes(answer)
        assert second not in {passage["document_id"] for passage in answer["passages"]}
    assert service.client.get(f"/documents/{second}/text").status_code == 404


def test_a_document_removed_by_its_id_is_never_cited_again(service: Running) -> None:
    question = "When does the canteen open?"
    answer = service.ask(question)
    [canteen] = {citation["document_id"] for citation in answer["citations"]}
    service.footnote("documents", "remove", canteen)
    after = service.ask(question)
    assert canteen not in {passage["document_id"] for passage in after["passages"]}
    assert canteen not in {citation["document_id"] for citation in after["citations"]}


def test_a_filter_goes_by_what_another_process_has_tagged_moved_and_touched(service: Running) -> None:
    def searched(**filters: Any) -> set[str]:
        reply = service.client.post("/search", json={"query": "trains receipts tickets", "filters": filters})
        assert reply.status_code == 200, reply.text
        return {passage["source"] for passage in reply.json()["passages"]}

    service.ingest()
    travel = service.documents / "travel.md"
    assert searched(tags=["trips"]) == set()
    [found] = [row for row in service.footnote("documents", "list")["documents"] if "travel" in row["source"]]
    service.footnote("documents", "tag", found["document_id"], "--add", "trips")
    assert searched(tags=["trips"]) == {"documents/travel.md"}

    travel.write_text(
        "# Travel\n\nTrains are booked by everybody for themselves. Tickets are kept.\n", encoding="utf-8"
    )
    os.utime(travel, (0, 86400))
    service.ingest()
    assert searched(tags=["trips"], before="1970-01-02") == {"documents/travel.md"}

    (service.documents / "trips").mkdir()
    travel.rename(service.documents / "trips" / "travel.md")
    service.ingest()
    assert searched(sources=["documents/trips/"]) == {"documents/trips/travel.md"}
    assert searched(sources=["documents/travel.md"]) == set()

    service.footnote("documents", "tag", found_again(service), "--remove", "trips")
    assert searched(tags=["trips"]) == set()


def found_again(service: Running) -> str:
    rows = service.footnote("documents", "list")["documents"]
    return next(str(row["document_id"]) for row in rows if row["source"].endswith("travel.md"))
