"""Every perturbation there is, by family. Knows no dataset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.robustness import counterfactual, given, missing, orders, places, planting, several, typed, wording, written
from eval.robustness.perturbation import Perturbation
from eval.robustness.planting import OURS, Instructions
from rag.errors import InvalidRequest
from rag.ports import Writer


def perturbations(*, instructions: Instructions = OURS, writer: Writer | None = None) -> tuple[Perturbation, ...]:
    """instructions: to plant, by language. writer: a language model that rewords, where there is one."""
    return (
        *given.noises(),
        *counterfactual.perturbations(),
        *missing.perturbations(),
        *several.perturbations(),
        *typed.perturbations(),
        *wording.perturbations(),
        *(written.perturbations(writer) if writer is not None else ()),
        *orders.perturbations(),
        *given.positions(),
        *places.perturbations(),
        *planting.perturbations(instructions),
    )


def chosen(every: Sequence[Perturbation], names: Iterable[str]) -> tuple[Perturbation, ...]:
    """Return those of these families or names, in the usual order; all where none is named. Raises InvalidRequest."""
    wanted = [name.strip() for name in names if name.strip()]
    known = dict.fromkeys([one.family for one in every] + [one.name for one in every])
    for name in wanted:
        if name not in known:
            families = dict.fromkeys(one.family for one in every)
            raise InvalidRequest(f"no perturbation is named {name!r}", hint=f"families: {', '.join(families)}")
    return tuple(one for one in every if not wanted or one.family in wanted or one.name in wanted)
