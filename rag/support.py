"""What tells whether a quote says what a claim says: the seam between the citations and rag.check."""

from __future__ import annotations

from collections.abc import Callable

from rag.check.verdict import verdict as verdict
from rag.types import Verdict

# A claim and a quote to whether the second says the first.
Check = Callable[[str, str], Verdict]
