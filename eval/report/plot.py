"""Draw a plot as SVG whose colours and fonts are the page's own, so that it is right in light, dark and print.

Numbers in, text out. Knows nothing of runs. What is not finite is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from eval.report.plain import plain

WIDTH, HEIGHT = 460, 290
LEFT, RIGHT, TOP, BOTTOM = 58, 20, 14, 46
Point = tuple[float, float]


def percent(value: float) -> str:
    return f"{value:.0%}"


@dataclass(frozen=True, slots=True)
class Axis:
    low: float
    high: float
    ticks: Sequence[float]
    label: str
    show: Callable[[float], str] = percent

    def share(self, value: float) -> float:
        """Return how far along the axis the value stands, 0 to 1; what is beyond stands at the end."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def counts_axis(most: float, label: str) -> Axis:
    """From 0 to a round number that is not below most, in two to five steps."""
    step = nice_step(max(most, 1.0) / 4)
    high = step * math.ceil(max(most, 1.0) / step)
    return Axis(0.0, high, [step * number for number in range(round(high / step) + 1)], label, lambda one: f"{one:,g}")


def nice_step(least: float) -> float:
    """Return the least of 1, 2, 5, 10, ... that is not below least."""
    power = 10.0 ** math.floor(math.log10(least))
    return max(1.0, next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9)))


@dataclass(slots=True)
class Plot:
    """name: what the plot shows, read out in its place."""

    name: str
    x: Axis
    y: Axis
    marks: list[str] = field(default_factory=list)

    def bar(self, span: Point, heights: Point, style: str, said: str) -> None:
        """From the first height to the second, between two places on the x axis."""
        if not _finite(*span, *heights):
            return
        (left, right), (low, high) = map(self._x, span), sorted(map(self._y, heights))
        if high - low > 0:
            self.marks.append(
                f'<rect class="{style}" x="{left + 0.75:.1f}" y="{low:.1f}" width="{max(right - left - 1.5, 0.5):.1f}" '
                f'height="{high - low:.1f}">{_said(said)}</rect>'
            )

    def line(self, points: Iterable[Point], style: str) -> None:
        places = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in points if _finite(x, y))
        if places:
            self.marks.append(f'<polyline class="{style}" points="{places}"/>')

    def area(self, span: Sequence[tuple[float, float, float]], style: str) -> None:
        """Between a lower and an upper line: (x, low, high)."""
        rows = [row for row in span if _finite(*row)]
        edge = [(x, high) for x, _, high in rows] + [(x, low) for x, low, _ in reversed(rows)]
        if edge:
            places = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in edge)
            self.marks.append(f'<polygon class="{style}" points="{places}"/>')

    def dot(self, x: float, y: float, style: str, said: str, *, whisker: Point | None = None) -> None:
        """whisker: the lower and upper end of the interval."""
        if not _finite(x, y):
            return
        if whisker is not None and _finite(*whisker):
            ends = " ".join(f"{self._x(x):.1f},{self._y(end):.1f}" for end in whisker)
            self.marks.append(f'<polyline class="{style} whisker" points="{ends}"/>')
        self.marks.append(
            f'<circle class="{style}" cx="{self._x(x):.1f}" cy="{self._y(y):.1f}" r="4.5">{_said(said)}</circle>'
        )

    def rule(self, x: float, label: str, *, line: int = 0) -> None:
        """A line across the plot at a place on the x axis; labels on different lines can stand near each other."""
        if not _finite(x):
            return
        place = self._x(x)
        left = place > WIDTH * 0.7
        self.marks.append(
            f'<line class="rule" x1="{place:.1f}" y1="{TOP}" x2="{place:.1f}" y2="{HEIGHT - BOTTOM}"/>'
            f'<text class="note" x="{place + (-5 if left else 5):.1f}" y="{TOP + 10 + 15 * line}" '
            f'text-anchor="{"end" if left else "start"}">{escape(plain(label))}</text>'
        )

    def svg(self) -> str:
        return (
            f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(plain(self.name))}">'
            + "".join([*self._frame(), *self.marks])
            + "</svg>"
        )

    def _frame(self) -> Iterable[str]:
        for tick in self.y.ticks:
            place = self._y(tick)
            yield f'<line class="grid" x1="{LEFT}" y1="{place:.1f}" x2="{WIDTH - RIGHT}" y2="{place:.1f}"/>'
            yield f'<text class="tick" x="{LEFT - 7}" y="{place + 4:.1f}" text-anchor="end">{self.y.show(tick)}</text>'
        for tick in self.x.ticks:
            place, foot = self._x(tick), HEIGHT - BOTTOM
            yield f'<text class="tick" x="{place:.1f}" y="{foot + 17}" text-anchor="middle">{self.x.show(tick)}</text>'
        middle = (TOP + HEIGHT - BOTTOM) / 2
        yield (
            f'<text class="axis" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
            f"{escape(self.x.label)}</text>"
            f'<text class="axis" transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">'
            f"{escape(self.y.label)}</text>"
        )

    def _x(self, value: float) -> float:
        return LEFT + self.x.share(value) * (WIDTH - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - self.y.share(value) * (HEIGHT - TOP - BOTTOM)


def _said(text: str) -> str:
    return f"<title>{escape(plain(text))}</title>"


def _finite(*values: float) -> bool:
    return all(map(math.isfinite, values))
