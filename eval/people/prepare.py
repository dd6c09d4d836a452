"""Make a rating sheet of the answers of one run, or of two side by side. Which run stands where is hidden and drawn.

Knows nothing of how it is rated, or of what the ratings say.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eval.folder.read import read_answers, read_records
from eval.record import Record
from rag.errors import InvalidRequest, Malformed
from rag.library.sheets import MOST_ITEMS, Item, Sheet
from rag.wire_ratings import ShownAnswer, ShownItem, ShownNote

Order = tuple[int, ...]  # which run stands on which side: (1, 0) is the second one on the left


@dataclass(frozen=True, slots=True)
class Prepared:
    """left_out: questions that not every run has an answer to. alike: those that all answered in the same words."""

    sheet: Sheet
    items: tuple[Item, ...]
    left_out: int
    alike: int


def prepare(runs: Sequence[Path], name: str, *, limit: int | None = None, seed: int = 0) -> Prepared:
    """Draw so many questions, and the sides.

    Raises NotFound, Malformed, and InvalidRequest where no question is in all runs.
    """
    records = {record.id: record for record in read_records(runs[0])}
    answers = [_answers(run) for run in runs]
    both = [identity for identity in records if all(identity in rows for rows in answers)]
    if not both:
        raise InvalidRequest(
            f"no question has an answer in {' and in '.join(str(run) for run in runs)}",
            hint="give runs of the same set, made without --retrieval-only",
        )
    chance = random.Random(seed)
    chosen = chance.sample(both, min(len(both), limit or MOST_ITEMS, MOST_ITEMS))
    orders = _orders(len(chosen), len(runs), chance)
    items = tuple(
        _item(position, records[identity], [rows[identity] for rows in answers], order)
        for position, (identity, order) in enumerate(zip(chosen, orders, strict=True), 1)
    )
    hidden = {"runs": _labels(runs), "seed": seed, "limit": limit}
    sheet = Sheet("", name, "", len(runs), json.dumps(hidden, ensure_ascii=False), len(items))
    alike = sum(len({rows[identity].answer for rows in answers}) == 1 for identity in chosen) if len(runs) > 1 else 0
    return Prepared(sheet, items, len(records) - len(both), alike)


def _answers(run: Path) -> dict[str, ShownAnswer]:
    found = {}
    for row in read_answers(run):
        try:
            found[str(row["id"])] = _shown(row)
        except (KeyError, TypeError, ValidationError) as error:
            raise Malformed(
                f"{run}: the answer to {row.get('id')!r} has another shape: {error}", hint="run it again"
            ) from error
    return found


def _shown(row: Mapping[str, Any]) -> ShownAnswer:
    notes: dict[int, ShownNote] = {}
    for one in row["citations"]:
        page = f"p. {one['page']}" if one.get("page") else one.get("place", "")
        note = ShownNote(mark=one["mark"], title=one["title"], source=one["source"], place=page, quote=one["quote"])
        notes.setdefault(note.mark, note)
    return ShownAnswer(answer=row["answer"], refused=row["refused"], notes=[notes[mark] for mark in sorted(notes)])


def _orders(count: int, sides: int, chance: random.Random) -> list[Order]:
    """Each run stands on the left half of the time; which half is drawn."""
    if sides == 1:
        return [(0,)] * count
    orders: list[Order] = list(islice((order for _ in range(count) for order in ((0, 1), (1, 0))), count))
    chance.shuffle(orders)
    return orders


def _item(position: int, record: Record, answers: Sequence[ShownAnswer], order: Order) -> Item:
    shown = ShownItem(
        question=record.question, expected=list(record.answers), answers=[answers[side] for side in order]
    )
    hidden = {"id": record.id, "unit": record.unit, "language": record.language, "order": list(order)}
    return Item(position, shown.model_dump_json(), json.dumps(hidden, ensure_ascii=False))


def _labels(runs: Sequence[Path]) -> list[str]:
    """Return the folders' names, with what stands above them where they are the same."""
    resolved = [run.resolve() for run in runs]
    for depth in range(1, 20):
        labels = ["/".join(run.parts[-depth:]) for run in resolved]
        if len(set(labels)) == len(labels):
            return labels
    raise InvalidRequest(f"{runs[0]} is given twice", hint="give two runs, or one alone")
