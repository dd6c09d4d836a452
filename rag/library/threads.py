"""How many threads FAISS may take for a piece of work. Knows nothing of the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import faiss as typed_faiss

faiss: Any = typed_faiss  # its stubs lag behind its code

# Pairs of vectors to compare: some 50 ms of one core. Less is only slowed by handing it round, the more so on a busy
# machine: one question against 10,000 vectors took 17 ms of two threads and 0.25 ms of one.
PARALLEL_FROM = 2_000_000


@contextmanager
def threads_for(comparisons: int) -> Iterator[None]:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if comparisons < PARALLEL_FROM else before)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)  # this thread's torch looks at the same number
