"""Draw a figure and its interval as a dot with whiskers, as wide as its place. Numbers in, SVG out.

Places are percentages, so that it needs no size of its own, and no script.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from eval.report.plain import plain

ROW = 16  # pixels that a figure takes
MISSING = "–"
EDGE = 2.0  # per cent that stay free at both ends, so that a dot at the end is whole


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with the ends of its interval; style: a class of the page's, which gives colour."""

    value: float | None
    low: float | None = None
    high: float | None = None
    style: str = "hybrid"
    name: str = ""

    def __str__(self) -> str:
        return f"{decimals(self.value)} {interval(self)}".strip()


def decimals(value: float | None) -> str:
    """As "0.964"; a dash where nothing was measured; less precise the larger it is."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}" if abs(value) < 1000 else f"{value:,.0f}"


def interval(one: Shown) -> str:
    if one.low is None or one.high is None or not (math.isfinite(one.low) and math.isfinite(one.high)):
        return ""
    return f"[{decimals(one.low)}, {decimals(one.high)}]"


def whiskers(shown: Iterable[Shown], *, low: float = 0.0, high: float = 1.0) -> str:
    """Return figures one under the other on an axis from low to high; what was not measured takes its row, empty."""
    rows = list(shown)
    said = escape(plain("; ".join(f"{one.name} {one}".strip() for one in rows)))
    lines = [
        f'<line class="grid" x1="{place}%" y1="0" x2="{place}%" y2="100%"/>'
        for place in (_place(low, low, high), _place((low + high) / 2, low, high), _place(high, low, high))
    ]
    marks = [_row(one, ROW * number + ROW / 2, low, high) for number, one in enumerate(rows)]
    height = ROW * max(len(rows), 1)
    return f'<svg class="whiskers" height="{height}" role="img" aria-label="{said}">{"".join(lines + marks)}</svg>'


def stacked(shares: Iterable[tuple[str, float, str]]) -> str:
    """Return a bar of (style, count, what it is), each as wide as its count's share of all."""
    rows = [row for row in shares if row[1] > 0]
    whole = sum(count for _, count, _ in rows)
    bars, before = [], 0.0
    for style, count, name in rows:
        bars.append(
            f'<rect class="{style}" x="{100 * before / whole:.2f}%" y="0" width="{100 * count / whole:.2f}%" '
            f'height="100%"><title>{escape(plain(name))}: {count:g}</title></rect>'
        )
        before += count
    said = escape(plain(", ".join(f"{name} {count:g}" for _, count, name in rows)))
    return f'<svg class="stacked" height="14" role="img" aria-label="{said}">{"".join(bars)}</svg>'


def _row(one: Shown, y: float, low: float, high: float) -> str:
    if one.value is None or not math.isfinite(one.value):
        return ""
    whisker = ""
    if interval(one):
        left, right = _place(one.low or 0.0, low, high), _place(one.high or 0.0, low, high)
        whisker = f'<line class="{one.style}" x1="{left}%" y1="{y:g}" x2="{right}%" y2="{y:g}"/>'
    place = _place(one.value, low, high)
    said = f"<title>{escape(str(one))}</title>"
    return f'{whisker}<circle class="{one.style}" cx="{place}%" cy="{y:g}" r="4.5">{said}</circle>'


def _place(value: float, low: float, high: float) -> float:
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return round(EDGE + share * (100 - 2 * EDGE), 2)
