"""The figures of eval.bench.scale as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]

ROWS = {
    "retrieve": "retrieve: to the passages",
    "find": "find: to one ranking",
    "dense": "dense leg",
    "faiss": "bare FAISS",
    "lexical": "lexical leg",
    "tantivy": "bare tantivy, a union of the terms",
    "tantivy_parsed": "bare tantivy, its own parser",
}


def markdown(report: Row) -> str:
    sizes = report["sizes"]
    heads = [f"{size['chunks']:,} chunks" for size in sizes]
    lines = [_line(["ms without query embedding, p50 / p99", *heads]), _line(["---"] * (1 + len(heads)))]
    for name, label in ROWS.items():
        times = [size["milliseconds"][name] for size in sizes]
        lines.append(_line([label, *(f"{one['p50']:.1f} / {one['p99']:.1f}" for one in times)]))
    lines += ["", _line(["", *heads]), _line(["---"] * (1 + len(heads)))]
    lines += [_line([label, *(show(size) for size in sizes)]) for label, show in FACTS.items()]
    return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


FACTS: dict[str, Callable[[Row], str]] = {
    "documents": lambda size: f"{size['documents']:,}",
    "vector index": lambda size: size["vector_index"],
    "recall@10 against exact (English, Chinese)": lambda size: (
        f"{size['recall@10']:.3f} ({', '.join(f'{one:.3f}' for one in size['recall@10_by_language'].values())})"
    ),
    "opening, s, and the first answer": lambda size: (
        f"{size['opening_seconds']['library']:.1f} + {size['opening_seconds']['first_answer']:.1f}"
    ),
    "memory after opening, MiB (anonymous + of files)": lambda size: _memory(size["memory_mib"]["opened"]),
    "memory after the questions": lambda size: _memory(size["memory_mib"]["answered"]),
    "dense leg to bare FAISS, CPU": lambda size: f"{size['ratios']['dense_to_faiss']:.2f}",
    "lexical leg to bare tantivy, CPU": lambda size: f"{size['ratios']['lexical_to_tantivy']:.2f}",
    "lexical leg to bare tantivy, its own parser": lambda size: f"{size['ratios']['lexical_to_tantivy_parsed']:.2f}",
    "both legs to bare FAISS and tantivy, CPU": lambda size: f"{size['ratios']['legs_to_both']:.2f}",
    "find, with fusion, to bare FAISS and tantivy, CPU": lambda size: f"{size['ratios']['find_to_both']:.2f}",
    "both legs, English questions alone": lambda size: f"{size['ratios']['legs_to_both_english']:.2f}",
    "find, English questions alone": lambda size: f"{size['ratios']['find_to_both_english']:.2f}",
    "filtered to unfiltered, p50": lambda size: f"{size['filters']['ratio_p50']:.2f}",
    "on the disk, MB: truth, vectors, lexical": lambda size: " + ".join(
        f"{size['megabytes'][part]:,}" for part in ("database", "vectors", "lexical")
    ),
}


def _memory(held: dict[str, int]) -> str:
    return f"{held['pss']:,} ({held['anonymous']:,} + {held['file_backed']:,})"
