"""Write what a finished run's folder shows to people and to other programs, from what was kept of its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.folder.junit import SAID_CHARACTERS, write_junit
from eval.folder.markdown import write_markdown
from eval.folder.names import JUNIT, MARKDOWN, SUMMARY
from eval.folder.read import read_answers
from eval.folder.trec import write_trec
from eval.folder.write import write_json
from eval.record import Record
from eval.report import html


def finish(folder: Path, records: Sequence[Record], summary: Mapping[str, Any]) -> None:
    """The summary comes last but for the page, which is made of it: where it is, the run is done."""
    write_trec(folder, records)
    said = {str(row["id"]): str(row.get("answer", ""))[:SAID_CHARACTERS] for row in read_answers(folder)}
    started = str(summary.get("config", {}).get("started_at", ""))
    write_junit(folder / JUNIT, str(summary["dataset"]), records, said, summary["skipped"], started_at=started)
    write_markdown(folder / MARKDOWN, records, summary, said)
    write_json(folder / SUMMARY, summary)
    html.write(folder)
