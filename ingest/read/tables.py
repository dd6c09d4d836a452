"""Write a table's rows so that each can be read alone. Knows nothing of formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def table_rows(rows: Sequence[Sequence[str]], *, header: Sequence[str] | None) -> Iterator[str]:
    """Yield one line a row, each cell with its column's name: 'Name: bolt | Size: M8'."""
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        if header is not None and len(header) >= len(cells):
            names = [" ".join(name.split()) for name in header]
            yield " | ".join(
                f"{name}: {cell}" if name and name != cell else cell
                for name, cell in zip(names, cells, strict=False)
                if cell
            )
        else:
            yield " | ".join(cell for cell in cells if cell)
