"""Write rankings and judgements as trec_eval and its kin read them. Knows nothing of how they came about.

Columns are parted by white space, so an id has none: what is white or cannot be printed, and "%", stands as in an
address ("%20"), and `named` gives the id back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from eval.folder.names import QRELS, run_file
from eval.folder.write import write_text
from eval.record import Record

NAMELESS = "%"  # an empty id: no other is written so
TAG = "footnote"


def write_trec(folder: Path, records: Iterable[Record]) -> list[Path]:
    """Write qrels.trec and a run.LEG.trec of each leg, and return them.

    Records keep the order alone, so that a ranking's scores are 1, 1/2, 1/3 and so on.
    """
    records = list(records)
    legs = dict.fromkeys(leg for record in records for leg in record.rankings)
    written = [(folder / QRELS, _judgements(records))]
    written += [(folder / run_file(leg), _ranked(records, leg)) for leg in legs]
    for path, lines in written:
        write_text(path, "".join(line + "\n" for line in lines))
    return [path for path, _ in written]


def safe(name: str) -> str:
    """Return an id that can stand in a column."""
    if not name:
        return NAMELESS
    kept = (one if one.isprintable() and not one.isspace() and one != "%" else _escaped(one) for one in name)
    return "".join(kept)


def named(column: str) -> str:
    """Return the id that `safe` made the column of."""
    return "" if column == NAMELESS else unquote(column, errors="surrogatepass")


def _escaped(character: str) -> str:
    return quote(character, safe="", errors="surrogatepass")


def _judgements(records: Iterable[Record]) -> Iterator[str]:
    """Grades are whole numbers in this form: parts are rounded up, so that what is right stays right."""
    for record in records:
        for document, grade in record.gold.items():
            yield f"{safe(record.id)} 0 {safe(document)} {math.ceil(grade)}"


def _ranked(records: Iterable[Record], leg: str) -> Iterator[str]:
    for record in records:
        for rank, document in enumerate(record.rankings.get(leg, ()), 1):
            yield f"{safe(record.id)} Q0 {safe(document)} {rank} {1 / rank:.6f} {TAG}-{leg}"
