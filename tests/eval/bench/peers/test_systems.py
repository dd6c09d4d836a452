"""Every row says what it is, and every program that is named is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from eval.bench.peers import systems
from eval.bench.peers.systems import FOOTNOTE, SYSTEMS, System, systems_for

HERE = Path(systems.__file__).parent


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_its_program_is_there_and_a_peers_program_imports_nothing_of_footnote_but_its_task(system: System) -> None:
    path = HERE / f"{system.program}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {module for module in modules if module.split(".")[0] in ("eval", "ingest", "rag")}
    assert "eval.bench.peers.task" in ours
    assert system.environment is None or ours == {"eval.bench.peers.task"}


def test_footnote_comes_first_so_that_all_others_are_compared_with_it() -> None:
    assert SYSTEMS[0].name == FOOTNOTE


def test_no_two_rows_are_called_the_same() -> None:
    names = [system.name for system in SYSTEMS]
    assert sorted(names) == sorted(set(names))


def test_a_row_that_is_meant_for_chinese_is_left_out_of_english_and_each_peer_has_a_row_in_both() -> None:
    english, chinese = ({system.name for system in systems_for(language)} for language in ("en", "zh"))
    assert english < chinese
    assert {"LlamaIndex", "Haystack", "txtai"} <= english


def test_systems_are_chosen_by_a_part_of_their_name() -> None:
    assert {system.name for system in systems_for("en", ("TXTAI",))} == {"txtai", "txtai, hybrid", "txtai, BM25"}
