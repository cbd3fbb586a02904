"""Memory that was freed, back to the operating system."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

MANY_ROWS = 100_000


def give_back(n_rows: int) -> bool:
    """Return what stages of a fit have freed, where glibc and Arrow keep it for what may come.

    glibc keeps freed arrays of up to 32 MB once it has seen one, and Arrow all that it has read.
    After a stage on a million customers that is as much as their table and more, held on to while
    the next stage takes new memory.

    Parameters
    ----------
    n_rows : int
        Rows that were worked on; for up to 100 000 it is not worth the call.

    Returns
    -------
    bool
        Whether glibc returned anything.

    References
    ----------
    malloc_trim(3) of the Linux manual; ``MemoryPool.release_unused`` of Arrow.

    Examples
    --------
    >>> give_back(200)
    False
    """
    if n_rows <= MANY_ROWS:
        return False
    import pyarrow as pa  # when first needed, as whoever has so many rows has read them by it

    pa.default_memory_pool().release_unused()
    trim = _trim()
    return trim is not None and bool(trim(0))


@cache
def _trim() -> Any:
    """Give glibc's function, None where there is another library of C."""
    try:
        return getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # Windows has no library of that name
        return None
