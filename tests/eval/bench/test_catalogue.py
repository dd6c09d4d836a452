"""Every benchmark that is a program is named, with what it does."""

from __future__ import annotations

from eval.bench.catalogue import programs


def test_programs_are_named_by_their_docstrings_and_what_serves_them_is_not() -> None:
    found = programs()
    assert found["eval.bench.peers"].startswith("Measure Footnote, LlamaIndex, Haystack and txtai")
    assert {"eval.bench.throughput", "eval.bench.legs", "eval.bench.scale"} <= set(found)
    assert not {"eval.bench.page", "eval.bench.family", "eval.bench.peers.task"} & set(found)
    assert all(line.strip() for line in found.values())
