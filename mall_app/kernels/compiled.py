"""Numba kernels: compiled when first called, kept on disk, and run by plain threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import update_wrapper
from threading import Lock
from typing import Any, TypeVar

Value = TypeVar("Value")
BLOCK_ROWS = 65_536
# Sums may be reordered so that they vectorise; nan and infinity keep their meaning.
_FAST = {"reassoc", "contract", "arcp", "nsz"}


class Kernel:
    """A function that is machine code from its first call on.

    Importing it does not import numba, which takes half a second; the machine code is kept beside
    the module, or in numba's cache folder, so that only the first call on a machine compiles.

    Parameters
    ----------
    function : callable
        In the part of Python that numba compiles; it gets arrays and numbers.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self._function = function
        self._ready: Callable[..., Any] | None = None
        self._lock = Lock()

    def __call__(self, *args: Any) -> Any:
        """Run it; other Python threads run meanwhile."""
        return (self._ready or self._compile())(*args)

    def _compile(self) -> Callable[..., Any]:
        from numba import njit

        with self._lock:
            if self._ready is None:
                options: dict[str, Any] = {"nogil": True, "fastmath": _FAST, "error_model": "numpy"}
                try:
                    self._ready = njit(cache=True, **options)(self._function)
                except RuntimeError:  # nowhere to keep it: a read-only machine
                    self._ready = njit(**options)(self._function)
            return self._ready


def compiled(function: Callable[..., Any]) -> Kernel:
    """Make a function a kernel.

    Examples
    --------
    >>> @compiled
    ... def total(values):
    ...     found = 0.0
    ...     for value in values:
    ...         found += value
    ...     return found
    >>> type(total).__name__
    'Kernel'
    """
    return Kernel(function)


def by_blocks(
    n_rows: int, work: Callable[[int, int], Value], block_rows: int = BLOCK_ROWS
) -> list[Value]:
    """Do the rows of a table block by block, several at a time.

    The blocks do not depend on the number of threads, so that sums over them are the same anywhere.

    Parameters
    ----------
    n_rows : int
        Rows in all.
    work : callable
        Takes the first row of a block and the one after its last; should call a `Kernel`.
    block_rows : int
        Rows of a block.

    Returns
    -------
    list
        What came of each block, in order.

    Examples
    --------
    >>> by_blocks(5, lambda start, stop: stop - start, block_rows=2)
    [2, 2, 1]
    """
    starts = range(0, n_rows, block_rows)
    ends = [min(start + block_rows, n_rows) for start in starts]
    threads = min(n_threads(), len(starts))
    if threads <= 1:
        return [work(start, end) for start, end in zip(starts, ends, strict=True)]
    with ThreadPoolExecutor(threads, thread_name_prefix="kernel") as pool:
        return list(pool.map(work, starts, ends))


def n_threads() -> int:
    """Give how many threads kernels may use: ``NUMBA_NUM_THREADS``, or all cores."""
    return int(os.environ.get("NUMBA_NUM_THREADS") or os.cpu_count() or 1)
