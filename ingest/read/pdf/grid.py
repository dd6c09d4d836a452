"""Tables whose cells are parted by ruling lines. Knows nothing of PDF: lines and rulings go in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.read.pdf.columns import rows_of
from ingest.read.pdf.glyphs import Rectangle
from ingest.read.pdf.lines import PrintedLine
from ingest.read.pdf.tables import Cell, PrintedTable, Row, table_of, text_of

SNAP_POINTS = 3.0  # rulings nearer than that are one, and lines that miss each other by as much still meet
MIN_FILLED_CELLS = 4
MAX_CELL_CHARACTERS = 1_500  # the usual row of a page that is laid out by rulings has more
MAX_CROSSED = 0.2  # of the lines may run on under a ruling that parts cells
MAX_COLUMNS = 40
MAX_ROWS = 400


def ruled_tables(
    lines: Sequence[PrintedLine], across: Sequence[Rectangle], upright: Sequence[Rectangle]
) -> tuple[list[PrintedTable], list[PrintedLine]]:
    """Return the tables of a page, and the lines that stand in none."""
    tables: list[PrintedTable] = []
    taken: set[int] = set()
    for grid in _grids(_merged(across, 0), _merged(upright, 1)):
        inside = [line for line in lines if id(line) not in taken and grid.holds(line)]
        if _crossed(grid, inside) > MAX_CROSSED * len(inside):
            continue  # lines of a drawing
        rows, wide = _rows(grid, inside)
        table = table_of(rows, wide) if rows else None
        if table is not None:
            tables.append(table)
            taken.update(map(id, inside))
    return tables, [line for line in lines if id(line) not in taken]


def _merged(rulings: Sequence[Rectangle], axis: int) -> list[Rectangle]:
    """Join the strokes that make up one line. axis: 0 for horizontal rulings, 1 for vertical ones."""
    other = 1 - axis
    found: list[list[float]] = []
    for ruling in sorted(rulings, key=lambda line: (round(line[other] / SNAP_POINTS), line[axis])):
        for line in reversed(found[-8:]):
            near = abs(line[other] - ruling[other]) <= SNAP_POINTS
            if near and ruling[axis] <= line[axis + 2] + SNAP_POINTS and ruling[axis + 2] >= line[axis] - SNAP_POINTS:
                line[axis] = min(line[axis], ruling[axis])
                line[axis + 2] = max(line[axis + 2], ruling[axis + 2])
                break
        else:
            found.append(list(ruling))
    return [(line[0], line[1], line[2], line[3]) for line in found]


@dataclass(frozen=True, slots=True)
class _Grid:
    across: list[Rectangle]
    upright: list[Rectangle]
    xs: list[float]
    ys: list[float]

    def holds(self, line: PrintedLine) -> bool:
        x0, y0, x1, y1 = line.place
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def cell_of(self, line: PrintedLine) -> tuple[int, int]:
        x0, y0, x1, y1 = line.place
        # By its beginning: a line that runs out of its cell still belongs to the one it begins in.
        x = min(x0 + SNAP_POINTS, (x0 + x1) / 2)
        row = bisect_right(self.ys, (y0 + y1) / 2) - 1
        column = bisect_right(self.xs, x) - 1
        return min(max(row, 0), len(self.ys) - 2), min(max(column, 0), len(self.xs) - 2)

    def is_parted_below(self, row: int, column: int) -> bool:
        x, y = (self.xs[column] + self.xs[column + 1]) / 2, self.ys[row + 1]
        return any(abs(line[1] - y) <= SNAP_POINTS and line[0] <= x <= line[2] for line in self.across)

    def is_parted_right(self, row: int, column: int) -> bool:
        x, y = self.xs[column + 1], (self.ys[row] + self.ys[row + 1]) / 2
        return any(abs(line[0] - x) <= SNAP_POINTS and line[1] <= y <= line[3] for line in self.upright)


def _grids(across: list[Rectangle], upright: list[Rectangle]) -> Iterator[_Grid]:
    """Yield the rulings that meet each other, as grids of two columns and two rows or more."""
    parent = list(range(len(across) + len(upright)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for number, line in enumerate(across):
        for index, ruling in enumerate(upright):
            beside = line[0] - SNAP_POINTS <= ruling[0] <= line[2] + SNAP_POINTS
            if beside and ruling[1] - SNAP_POINTS <= line[1] <= ruling[3] + SNAP_POINTS:
                parent[root(number)] = root(len(across) + index)
    groups: dict[int, tuple[list[Rectangle], list[Rectangle]]] = {}
    for number, line in enumerate(across):
        groups.setdefault(root(number), ([], []))[0].append(line)
    for index, ruling in enumerate(upright):
        groups.setdefault(root(len(across) + index), ([], []))[1].append(ruling)
    for lines, rulings in groups.values():
        if len(lines) < 2 or not rulings:
            continue
        # The outer edges may be left open: where the lines end, the table does.
        xs = _snapped([ruling[0] for ruling in rulings] + [min(a[0] for a in lines), max(a[2] for a in lines)])
        ys = _snapped([line[1] for line in lines] + [min(a[1] for a in rulings), max(a[3] for a in rulings)])
        if 3 <= len(xs) <= MAX_COLUMNS + 1 and 3 <= len(ys) <= MAX_ROWS + 1:
            yield _Grid(lines, rulings, xs, ys)


def _snapped(values: Sequence[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > SNAP_POINTS:
            found.append(value)
    return found


def _rows(grid: _Grid, lines: Sequence[PrintedLine]) -> tuple[list[Row], dict[int, Row]]:
    """Return the cells with their lines, and rows in which some span several columns with those in each of them.

    There are none where the rulings hold no table.
    """
    wide: dict[int, Row] = {}
    cells = _spanned(grid)
    contents: dict[tuple[int, int], list[PrintedLine]] = {}
    for line in lines:
        contents.setdefault(cells[grid.cell_of(line)], []).append(line)
    if len(contents) < MIN_FILLED_CELLS or len({column for _, column in contents}) < 2:
        return [], wide
    if len({row for row, _ in contents}) < 2 and max(map(_lines_high, contents.values())) < 2:
        return [], wide
    longest = max(sum(len(line.text) for line in held) for held in contents.values())
    if longest > MAX_CELL_CHARACTERS:
        return [], wide
    columns = sorted({column for _, column in contents})
    rows: list[Row] = []
    numbers = sorted({row for row, _ in contents})
    for number in numbers:
        row = tuple(_in_rows(contents.get((number, column), [])) for column in columns)
        # Names of two lines stand level as well.
        parts = [row] if number == numbers[0] and len(numbers) > 1 else _parted(row)
        rows += parts
        if len(parts) == 1:
            roots = [cells[number, column] for column in columns]
            spread = tuple(_in_rows(contents.get(root, [])) if root[0] == number else () for root in roots)
            if spread != row:
                wide[len(rows) - 1] = spread
    return rows, wide


def _crossed(grid: _Grid, lines: Sequence[PrintedLine]) -> int:
    count = 0
    for line in lines:
        x0, y0, x1, y1 = line.place
        middle = (y0 + y1) / 2
        count += any(
            x0 + SNAP_POINTS < ruling[0] < x1 - SNAP_POINTS and ruling[1] < middle < ruling[3]
            for ruling in grid.upright
        )
    return count


def _lines_high(lines: Sequence[PrintedLine]) -> int:
    return len(rows_of(lines))


def _in_rows(lines: Sequence[PrintedLine]) -> Cell:
    return tuple(line for row in rows_of(lines) for line in row)


def _spanned(grid: _Grid) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each place of the grid the first one of the cell it belongs to."""
    first: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(grid.ys) - 1):
        for column in range(len(grid.xs) - 1):
            here = (row, column)
            if column and not grid.is_parted_right(row, column - 1):
                first[here] = first[row, column - 1]
            elif row and not grid.is_parted_below(row - 1, column):
                first[here] = first[row - 1, column]
            else:
                first[here] = here
    return first


def _parted(row: Row) -> list[Row]:
    """Part a row that no rulings part, but lines that stand level in most of its cells."""
    heights = [rows_of(cell) for cell in row if cell]
    count = max(map(len, heights), default=0)
    single = [cell for cell in row if cell and len(rows_of(cell)) == 1]  # of all the rows
    filled = [cell for cell in row if cell and len(rows_of(cell)) == count]
    if len(filled) < 2 or count < 2 or len(single) + len(filled) != len(heights) or len(single) > len(filled):
        return [row]
    heights = [rows for rows in heights if len(rows) == count]
    levels = [[rows[index][0].place[3] for rows in heights] for index in range(count)]
    if any(max(level) - min(level) > 2 for level in levels):
        return [row]
    edges = [(max(upper) + min(lower)) / 2 for upper, lower in pairwise(levels)]
    # Prose that happens to be as long in each cell: its lines are full.
    longest = 25 if single else 60
    if sum(len(text_of(cell)) for cell in filled) > longest * count * len(filled) or count > MAX_ROWS:
        return [row]
    parts: list[Row] = []
    for index in range(count):
        top = edges[index - 1] if index else float("-inf")
        bottom = edges[index] if index < count - 1 else float("inf")
        parts.append(
            tuple(
                cell if cell in single else tuple(line for line in cell if top < line.place[3] <= bottom)
                for cell in row
            )
        )
    return parts
