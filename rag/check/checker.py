"""Checker: the sentence check with what models there are. One that fails is gone without, and costs no answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from rag.check.said import said
from rag.check.verdict import NOTHING_SAID, compare, is_verbatim, judged
from rag.errors import ModelError
from rag.ports import Entailment
from rag.types import Verdict

# The cosine of a claim to each of some texts; None where the embedder does not know a language of theirs.
Alike = Callable[[str, Sequence[str]], Sequence[float] | None]

log = logging.getLogger(__name__)


class Checker:
    """Implements rag.support.Check. May be used from many threads, if its models may."""

    def __init__(self, *, alike: Alike | None = None, entailment: Entailment | None = None) -> None:
        self._alike = alike
        self._entailment = entailment

    def __call__(self, claim: str, quote: str) -> Verdict:
        """Tell whether the quote says what the claim does.

        A quotation is verified at once, and a claim with a wrong number, date, name or denial is not: in either case
        no model is asked.
        """
        if is_verbatim(claim, quote):
            return Verdict(supported=True)
        if not said(claim).words:
            return NOTHING_SAID
        features = compare(claim, quote)
        if features.problems:
            return judged(features)
        return judged(features, alike=self._cosine(claim, quote), entails=self._entails(claim, quote))

    def _cosine(self, claim: str, quote: str) -> float | None:
        if self._alike is None:
            return None
        try:
            cosines = self._alike(claim, [quote])
        except ModelError as error:
            log.warning("a sentence was checked without the embedder: %s", error)
            return None
        return None if cosines is None else float(cosines[0])

    def _entails(self, claim: str, quote: str) -> float | None:
        if self._entailment is None:
            return None
        try:
            return float(self._entailment.entails([(quote, claim)])[0])
        except ModelError as error:
            log.warning("a sentence was checked without %s: %s", self._entailment.name, error)
            return None
