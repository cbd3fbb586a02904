"""What becomes of memory: freed, back to the system; imported, no concern of the collector."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def lasting_imports() -> Iterator[None]:
    """Keep garbage collection from what is imported, while it is and ever after; once a process.

    To search it for garbage took a tenth of the start of the server, and a third of the time in
    which it builds a page.

    Examples
    --------
    >>> with lasting_imports():
    ...     import json
    >>> gc.isenabled(), gc.get_freeze_count() > 0
    (True, True)
    >>> gc.unfreeze()
    """
    if gc.get_freeze_count():
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


@cache
def _trim() -> Any:
    """Give glibc's function, None where there is another library of C."""
    try:
        return getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # Windows has no library of that name
        return None
