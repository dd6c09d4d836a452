"""Two runs side by side: their figures, how sure the difference is, and the questions that flipped.

Only questions that both runs have are compared. Knows nothing of how a comparison is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.estimate import Better, Difference, compare, paired
from eval.figures import measured_in
from eval.flips import Flip, flips
from eval.folder.differ import TOLD, differences
from eval.folder.read import read_answers, read_config, read_records
from rag.errors import Conflict

ACCEPTED = 0.05  # of p
SAID_CHARACTERS = 160  # of an answer, of a question that flipped


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of both runs, on the questions that both have. corrected: p by Holm, over all figures compared."""

    name: str
    better: Better
    before: float
    after: float
    difference: Difference  # after less before
    corrected: float | None = None

    @property
    def worse(self) -> bool:
        return self._sure(-1)

    @property
    def improved(self) -> bool:
        return self._sure(1)

    def _sure(self, side: int) -> bool:
        """Whether the whole interval lies on the side of a gain (1) or of a loss (-1), and p says so too.

        Questions of two or three documents have intervals that are too narrow; their p cannot be small. It is p by Holm
        where that is known: of many figures of two runs that are alike, some lie off 0 by chance.
        """
        low, high = self.difference.low, self.difference.high
        chance = self.difference.p if self.corrected is None else self.corrected
        if low is None or high is None or chance is None or chance > ACCEPTED:
            return False
        above = side if self.better == "higher" else -side
        return self.better != "neither" and (low > 0 if above > 0 else high < 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    before: str  # the runs' folders
    after: str
    questions: int  # that both have
    only_before: int
    only_after: int
    reworded: int  # of those that both have: asked in other words
    configs: tuple[str, ...]  # in what they differ
    figures: tuple[Compared, ...]
    flips: tuple[Flip, ...]

    @property
    def worse(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.figures if one.worse)

    def rows(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            **asdict(self),
            "figures": [{**asdict(one), "worse": one.worse, "improved": one.improved} for one in self.figures],
            "worse": list(self.worse),
        }


def compare_runs(before: Path, after: Path, *, seed: int = 0) -> Comparison:
    """Raises NotFound, Malformed for what is no run's folder, Conflict where they share no question."""
    theirs, ours = read_records(before), read_records(after)
    right, left = paired(ours, theirs)
    if not left:
        raise Conflict(
            f"{before} and {after} have no question in common", hint="compare runs of one set; ids are what is matched"
        )
    measured = {figure.name for figure in measured_in(left)}
    figures = []
    for figure in measured_in(right):
        if figure.name not in measured:
            continue
        values = figure.value(left), figure.value(right)
        if values[0] is None or values[1] is None:
            continue
        difference = compare(figure, right, left, seed=seed)
        figures.append(Compared(figure.name, figure.better, values[0], values[1], difference))
    return Comparison(
        before=str(before),
        after=str(after),
        questions=len(left),
        only_before=len(theirs) - len(left),
        only_after=len(ours) - len(right),
        reworded=sum(one.question != other.question for one, other in zip(left, right, strict=True)),
        configs=tuple(differences(read_config(before), read_config(after), TOLD)),
        figures=_corrected(figures),
        flips=flips(list(zip(left, right, strict=True)), _said(before), _said(after)),
    )


def holm(chances: Mapping[str, float]) -> dict[str, float]:
    """Return each p as it is where so many are looked at, by their names.

    The chance that any of those below a level is there by accident is at most that level. Source: Holm, 1979.
    """
    corrected: dict[str, float] = {}
    highest = 0.0
    for place, (name, chance) in enumerate(sorted(chances.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, chance * (len(chances) - place)))
        corrected[name] = highest
    return corrected


def _corrected(figures: list[Compared]) -> tuple[Compared, ...]:
    """Those that neither way is better, such as latency, are no tests, and have no p of their own after this."""
    chances = {one.name: one.difference.p for one in figures if one.better != "neither"}
    found = holm({name: chance for name, chance in chances.items() if chance is not None})
    return tuple(
        Compared(one.name, one.better, one.before, one.after, one.difference, found.get(one.name)) for one in figures
    )


def _said(folder: Path) -> dict[str, str]:
    return {
        str(row["id"]): " ".join(str(row.get("answer", "")).split())[:SAID_CHARACTERS] for row in read_answers(folder)
    }
