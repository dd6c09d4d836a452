"""Give freed memory back to the system. Knows nothing of who used it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Let the C library return what is free in its heaps.

    By itself it keeps most: the buffers of a long document are freed among small things that stay.
    """
    _trim()(0)


@cache
def _trim() -> Callable[[int], int]:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim  # glibc has it, others do not
    except (OSError, AttributeError, TypeError):
        return lambda _: 0
    return trim
