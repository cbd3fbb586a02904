"""Memory that was freed, back to the operating system."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

MANY_ROWS = 100_000


def give_back(n_rows: int) -> bool:
    """Return what stages of a fit have freed, where glibc keeps it for what may come.

    glibc keeps freed arrays of up to 32 MB once it has seen one. After a stage on a million
    customers that is as much as their table, held on to while the next stage takes new memory.

    Parameters
    ----------
    n_rows : int
        Rows that were worked on; for up to 100 000 it is not worth the call.

    Returns
    -------
    bool
        Whether anything was returned.

    References
    ----------
    malloc_trim(3) of the Linux manual.

    Examples
    --------
    >>> give_back(200)
    False
    """
    trim = _trim()
    return n_rows > MANY_ROWS and trim is not None and bool(trim(0))


@cache
def _trim() -> Any:
    """Give glibc's function, None where there is another library of C."""
    try:
        return getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # Windows has no library of that name
        return None
