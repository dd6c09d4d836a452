"""docs/llamaindex.md is a program that runs."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.rag.makers import EMBEDDER, open_library, shelve

pytest.importorskip("llama_index.core", reason="the llama extra is not installed")

from tests.rag.llama.doors import OTTERS

CODE_BLOCK = re.compile(r"(?:^ {4}.*\n|^\n(?= {4}))+", re.MULTILINE)


def test_the_examples_run(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rag.build.build_embedder", lambda settings: EMBEDDER)
    with open_library(tmp_path / "data" / "default") as library:
        shelve(library, OTTERS, "otters.txt")
    text = (root / "docs" / "llamaindex.md").read_text(encoding="utf-8")
    run: dict[str, Any] = {}
    exec(textwrap.dedent("".join(CODE_BLOCK.findall(text))), run)
    assert run["response"].source_nodes[0].metadata["source"] == "otters.txt"
    assert run["nodes"]
    assert {"author": "Mei"} in [one.node.metadata for one in run["found"]]
    assert [row.source for row in run["library"].documents(limit=9)] == ["otters.txt"]
    assert run["answer"].model == "MockLLM"
    run["library"].close()
