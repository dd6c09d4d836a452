"""Write a grid of cells as rows that can each be read alone: find its tables, their titles and their headers.

Sheets hold more than one table, titles above them, notes below, and headers of two rows. What is no header by its
looks is taken for a row: a name before a cell is only right where it is sure. Every cell that comes in goes out.
Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise

from ingest.read.limits import Limits
from ingest.read.sheets.headers import MAX_HEADER_ROWS, Header, find_header, is_number
from ingest.read.tables import table_rows
from ingest.read.writer import DocumentWriter, check_length
from rag.types import BlockKind

SAMPLE_ROWS = 1000  # what a table's shape is told by; the rows after them take on that shape
MAX_TITLE_CHARACTERS = 120
MAX_GAPS = 16  # empty columns that may part tables: with more of them it is one form
_LAST_COLUMN = 1 << 30  # as good as none
_ENDS_SENTENCE = tuple(".。!！?？;；:：,，")


@dataclass(frozen=True, slots=True)
class Row:
    number: int  # from 1
    cells: Mapping[int, str]  # by column, from 0; none of them blank


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that are one: its text stands in the first. Rows from 1, columns from 0, both ends within."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside the cells: a comment, a text box."""

    text: str
    cell: str  # "B4"; "" where it hangs on none


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    rows: Iterator[Row]
    merges: tuple[Merge, ...] = ()
    notes: Callable[[], Iterator[Note]] = lambda: iter(())
    hidden: bool = False


Place = Callable[[int, int, int], str]  # row, first and last column -> where that is, in words


def write_grid(
    writer: DocumentWriter,
    rows: Iterable[Row],
    place: Place,
    *,
    name: str,
    limits: Limits,
    merges: Sequence[Merge] = (),
) -> None:
    """Write the rows, each with the names of its columns. Raises TooLarge past the limit of characters."""
    _Grid(writer, place, name, limits, _across(merges)).write(_filled_down(rows, merges))


@lru_cache(maxsize=16_384)
def column_letters(column: int) -> str:
    """Return a column's name: that of column 0 is A."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(slots=True)
class _Table:
    """A run of columns from first to last that rows are read within."""

    first: int
    last: int
    names: Mapping[int, str] = field(default_factory=dict)


class _Grid:
    def __init__(
        self,
        writer: DocumentWriter,
        place: Place,
        name: str,
        limits: Limits,
        across: Mapping[tuple[int, int], int],
    ) -> None:
        self._writer = writer
        self._place = place
        self._name = name
        self._limits = limits
        self._across = across
        self._titles: list[Row] = []  # single cells that wait for the table they may be titles of
        self._waiting: list[Row] = []  # rows that stand alone and may be the header of what follows
        self._before: _Table | None = None  # the last table with a header

    def write(self, rows: Iterable[Row]) -> None:
        for band in _bands(rows):
            sample = list(islice(band, SAMPLE_ROWS))
            tables = [self._begin(table, _within(sample, table)) for table in _side_by_side(sample)]
            for row in band:
                for table in tables:
                    self._write_rows(table, _within([row], table))
        self._write_waiting()
        self._write_titles(are_titles=False)

    def _begin(self, table: _Table, rows: list[Row]) -> _Table:
        """Write the first rows of a table; its names are known from then on."""
        columns = {column for row in rows for column in row.cells}
        if len(columns) > 1:
            while rows and self._is_title(rows[0]):
                self._write_waiting()
                self._titles.append(rows.pop(0))
        elif len(rows) <= MAX_HEADER_ROWS and all(map(self._is_title, rows)):
            self._write_waiting()
            self._titles += rows
            return table
        if not rows:
            return table
        header, skipped = self._carried(rows), 0
        if header is None:
            header, skipped = self._found(rows)
        if header is None or not header.is_sure:
            header = self._continued(columns) or header
        if (header is None or not header.is_sure) and self._may_head(rows):
            self._write_waiting()
            self._waiting = rows
            return table
        self._write_waiting()
        self._write_titles(are_titles=True)
        self._write_rows(table, rows[:skipped])
        if header is not None:
            rows = rows[skipped:]
            table.names = {column: name.rstrip(":： ") for column, name in header.names.items()}
            self._before = table
            self._write_unnamed(rows, header)
            rows = rows[header.rows :]
        self._write_rows(table, rows)
        return table

    def _found(self, rows: Sequence[Row]) -> tuple[Header | None, int]:
        """Return the header, and how many rows of words stand above it: titles side by side, remarks."""
        first: Header | None = None
        for skipped in range(min(MAX_HEADER_ROWS, len(rows))):
            header = find_header([row.cells for row in rows[skipped:]], self._reach(rows[skipped]))
            if header is not None and header.is_sure:
                return header, skipped
            first = first or (header if skipped == 0 else None)
            if is_number(*rows[skipped].cells.values()):
                break
        return first, 0

    def _carried(self, rows: Sequence[Row]) -> Header | None:
        """Return the header that an empty row parts from these rows, if there is one."""
        above, columns = self._waiting, {column for row in rows for column in row.cells}
        if not above:
            return None
        header, skipped = self._found([*above, *rows])
        if header is None or not header.is_sure or skipped + header.rows != len(above):
            return None
        names = header.names
        self._waiting = above if not set(names) <= columns else above[:skipped]
        return Header(names, 0, is_sure=True) if columns & set(names) else None

    def _continued(self, columns: set[int]) -> Header | None:
        """Return the header of the table before, where these rows go on with it behind an empty row."""
        before = self._before
        if before is None or self._titles or self._waiting or not columns <= set(before.names):
            return None
        return Header(before.names, 0, is_sure=True)

    def _reach(self, row: Row) -> Mapping[int, int]:
        """Return the last column of each cell of a row, as far as it is merged with those right of it."""
        return {column: self._across.get((row.number, column), column) for column in row.cells}

    def _is_title(self, row: Row) -> bool:
        return len(row.cells) == 1 and not is_number(*row.cells.values())

    def _may_head(self, rows: Sequence[Row]) -> bool:
        cells = [cell for row in rows for cell in row.cells.values()]
        is_short = len(rows) <= MAX_HEADER_ROWS and len(rows[0].cells) > 1
        return is_short and not is_number(*cells) and max(map(len, cells)) <= MAX_TITLE_CHARACTERS

    def _write_rows(self, table: _Table, rows: Sequence[Row]) -> None:
        for row in rows:
            columns = sorted(row.cells)
            cells = [row.cells[column] for column in columns]
            names = [table.names.get(column, "") for column in columns]
            line = next(table_rows([cells], header=names))
            self._writer.add(BlockKind.TABLE_ROW, line, place=self._place(row.number, columns[0], columns[-1]))
            check_length(self._name, len(self._writer), self._limits)

    def _write_unnamed(self, rows: Sequence[Row], header: Header) -> None:
        """Write the header by itself where a name of it stands above nothing: else that would be lost."""
        below = {column for row in rows[header.rows :] for column in row.cells}
        if header.rows and not set(header.names) <= below:
            self._write_rows(_Table(0, 0), rows[: header.rows])

    def _write_waiting(self) -> None:
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        self._write_titles(are_titles=True)
        table = _Table(0, 0)
        header = find_header([row.cells for row in rows], self._reach(rows[0]))
        if header is not None:
            table.names = header.names
            self._write_unnamed(rows, header)
            rows = rows[header.rows :]
        self._write_rows(table, rows)

    def _write_titles(self, *, are_titles: bool) -> None:
        for row in self._titles:
            ((column, text),) = row.cells.items()
            text = " ".join(text.split()) if are_titles else text
            is_short = len(text) <= MAX_TITLE_CHARACTERS and not text.endswith(_ENDS_SENTENCE)
            place = self._place(row.number, column, column)
            if are_titles and is_short:
                self._writer.add(BlockKind.HEADING, text, level=2, place=place)
            else:
                self._writer.add(BlockKind.PARAGRAPH, text, place=place)
        self._titles = []


def _bands(rows: Iterable[Row]) -> Iterator[Iterator[Row]]:
    """Yield the runs of rows between empty ones, each to be read to its end before the next."""
    source = iter(rows)
    ahead = next(source, None)
    while ahead is not None:
        first = ahead
        ahead = None

        def band(row: Row) -> Iterator[Row]:
            nonlocal ahead
            yield row
            for following in source:
                if following.number != row.number + 1:
                    ahead = following
                    return
                yield (row := following)

        yield band(first)


def _within(rows: Sequence[Row], table: _Table) -> list[Row]:
    if table.first == 0 and table.last == _LAST_COLUMN:
        return list(rows)
    found = []
    for row in rows:
        cells = {column: text for column, text in row.cells.items() if table.first <= column <= table.last}
        if cells:
            found.append(Row(row.number, cells))
    return found


def _side_by_side(rows: Sequence[Row]) -> list[_Table]:
    """Return the tables that stand side by side, parted by empty columns; most often it is one."""
    columns = sorted({column for row in rows for column in row.cells})
    starts = [0]
    if sum(column - before > 1 for before, column in pairwise(columns)) > MAX_GAPS:
        columns = []  # cells here and there
    for before, column in pairwise(columns):
        if column - before > 1 and _stands_alone(
            _within(rows, _Table(starts[-1], before)), _within(rows, _Table(column, columns[-1]))
        ):
            starts.append(column)
    ends = [start - 1 for start in starts[1:]]
    return [_Table(first, last) for first, last in zip(starts, [*ends, _LAST_COLUMN], strict=True)]


def _stands_alone(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Tell a table of its own from columns that go on behind an empty one, whose rows need what stands left of it."""
    tables = [[row for row in side if len(row.cells) > 1] for side in (left, right)]
    if any(len(side) < 2 for side in tables):
        return False
    (of_left, first), (of_right, head) = ((side, side[0]) for side in tables)
    if not all(not is_number(cell) for cell in head.cells.values()):
        return False
    beside = next((row for row in left if row.number == head.number), None)
    if head.number > first.number and (beside is None or is_number(*beside.cells.values())):
        return True
    if list(head.cells.values()) == list(first.cells.values()):
        return True
    labels = [row.cells.get(min(head.cells), "1") for row in of_right[1:]]
    is_labelled = sum(not is_number(label) for label in labels) * 2 > len(labels)
    return is_labelled and abs(of_left[-1].number - of_right[-1].number) > 1


def _across(merges: Sequence[Merge]) -> dict[tuple[int, int], int]:
    return {
        (merge.first_row, merge.first_column): merge.last_column
        for merge in merges
        if merge.last_column > merge.first_column
    }


def _filled_down(rows: Iterable[Row], merges: Sequence[Merge]) -> Iterator[Row]:
    """Yield the rows, with the text of a cell merged over several in each row that has cells of its own."""
    waiting = sorted((merge for merge in merges if merge.last_row > merge.first_row), key=lambda m: -m.first_row)
    open_merges: list[tuple[Merge, str]] = []
    if not waiting:
        yield from rows
        return
    for row in rows:
        open_merges = [(merge, text) for merge, text in open_merges if merge.last_row >= row.number]
        more = {merge.first_column: text for merge, text in open_merges if merge.first_column not in row.cells}
        while waiting and waiting[-1].first_row <= row.number:
            merge = waiting.pop()
            text = row.cells.get(merge.first_column, "") if merge.first_row == row.number else ""
            if text:
                open_merges.append((merge, text))
        yield Row(row.number, {**row.cells, **more}) if more else row
