"""Sum up how long many calls of one kind took. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

PERCENTILES = 100
SHOWN = (50, 95, 99)


def spread(milliseconds: Sequence[float]) -> dict[str, float | None]:
    """Return the percentiles that people ask for; None where nothing was measured."""
    if not milliseconds:
        return {f"p{one}_ms": None for one in SHOWN}
    if len(milliseconds) == 1:
        return {f"p{one}_ms": round(milliseconds[0], 2) for one in SHOWN}
    cuts = statistics.quantiles(milliseconds, n=PERCENTILES, method="inclusive")
    return {f"p{one}_ms": round(cuts[one - 1], 2) for one in SHOWN}


def lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Show rows with the same keys as columns of a text table, numbers to the right."""
    if not rows:
        return ""
    cells = [[str(name) for name in rows[0]], *([_shown(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)
