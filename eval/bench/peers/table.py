"""Show a comparison as Markdown, and put it into a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.bench.page import between_marks

ITSELF = "python -m eval.bench.peers"
MEGABYTE = 2**20
HEAD = (
    "| system | recall@1 | nDCG@10 | Footnote's recall@1 less its | chunks | chunks/s | characters/s "
    "| query p50, ms | p95, ms | peak, MB |"
)


def write(page: Path, report: Mapping[str, Any]) -> None:
    """Put the tables between the page's marks. Raises ValueError where it has none."""
    page.write_text(between_marks(page.read_text(encoding="utf-8"), tables(report), ITSELF), encoding="utf-8")


def tables(report: Mapping[str, Any]) -> str:
    """Return a table for each set, the versions, and the command that made them."""
    parts = [f"`{report['command']}`, {report['processors']} processors, load before: {report['load_before']}.\n"]
    versions: dict[str, str] = {}
    for name, one in report["sets"].items():
        parts.append(
            f"### {name}: {one['files']} files, {one['characters']:,} characters, {one['questions']} questions\n\n"
            f"{HEAD}\n|---|{'---:|' * (HEAD.count('|') - 2)}"
        )
        parts[-1] += "".join(f"\n{_line(row)}" for row in one["systems"]) + "\n"
        notes = [f"- {row['system']}: {row['note']}." for row in one["systems"] if row["note"]]
        parts.append("\n".join(notes) + "\n")
        versions |= {package: number for row in one["systems"] for package, number in row.get("versions", {}).items()}
    shown = ", ".join(f"{package} {number}" for package, number in sorted(versions.items()))
    return "\n".join([*parts, f"Versions: {shown}."])


def _line(row: Mapping[str, Any]) -> str:
    if "error" in row:
        return f"| {row['system']} | not measured: {row['error'].replace('|', '/')} |" + " |" * 8
    ingest, query = row["ingest"], row["query"]
    return (
        f"| {row['system']} | {_interval(row['figures']['recall@1'])} | {_interval(row['figures']['ndcg@10'])} "
        f"| {_interval(row['less']['recall@1'], sign='+') if row.get('less') else '—'} | {ingest['chunks']:,} "
        f"| {ingest['chunks_per_second']:.1f} | {ingest['characters_per_second']:,} "
        f"| {query['p50_ms']:.1f} | {query['p95_ms']:.1f} | {row['peak_bytes'] / MEGABYTE:,.0f} |"
    )


def _interval(found: Mapping[str, Any], sign: str = "") -> str:
    if found["value"] is None:
        return "—"
    return f"{found['value']:{sign}.3f} ({found['low']:{sign}.3f} to {found['high']:{sign}.3f})"
