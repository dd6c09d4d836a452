"""The tables hold a row for every system, whole or not."""

from __future__ import annotations

from typing import Any

from eval.bench.peers.table import HEAD, tables


def _report(*systems: dict[str, Any]) -> dict[str, Any]:
    one = {"files": 2, "characters": 2345, "questions": 3, "systems": list(systems)}
    return {"command": "python -m eval.bench.peers", "processors": 2, "load_before": 0.1, "sets": {"en": one}}


MEASURED = {
    "system": "Peer",
    "note": "mended",
    "versions": {"peer": "1.0"},
    "figures": {name: {"value": 0.5, "low": 0.4, "high": 0.6} for name in ("recall@1", "ndcg@10")},
    "less": {"recall@1": {"value": -0.1, "low": -0.2, "high": 0.0}},
    "ingest": {"chunks": 1200, "chunks_per_second": 3.25, "characters_per_second": 1000},
    "query": {"p50_ms": 1.26, "p95_ms": 2.0},
    "peak_bytes": 3 * 2**20,
}


def test_a_row_has_a_cell_for_each_heading_whether_it_was_measured_or_not() -> None:
    shown = tables(_report(MEASURED, {"system": "Other", "note": "", "error": "a | b"}))
    rows = [line for line in shown.splitlines() if line.startswith("| ")]
    assert len(rows) == 3
    assert {row.count("|") for row in rows} == {HEAD.count("|")}
    assert "not measured: a / b" in rows[2]


def test_a_difference_carries_its_sign_and_its_interval() -> None:
    assert "-0.100 (-0.200 to +0.000)" in tables(_report(MEASURED))


def test_what_is_not_its_default_is_said_below_the_table() -> None:
    assert "- Peer: mended." in tables(_report(MEASURED))
    assert "Versions: peer 1.0." in tables(_report(MEASURED))
