"""Numba kernels: compiled when first called, kept on disk, and run by plain threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import update_wrapper
from threading import Lock
from types import FunctionType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Value = TypeVar("Value")
BLOCK_ROWS = 65_536
# The variable that says how many threads kernels may use.
THREADS = "MALL_KERNEL_THREADS"
# Sums may be reordered so that they vectorise; nan and infinity keep their meaning.
_FAST = {"reassoc", "contract", "arcp", "nsz"}


class Kernel:
    """A function that is machine code from its first call on.

    Importing it does not import numba, which takes half a second; the machine code is kept beside
    the module, or in numba's cache folder, so that only the first call on a machine compiles.

    Parameters
    ----------
    function : callable
        In the part of Python that numba compiles; it gets arrays and numbers. It may call other
        kernels of its own module: machine code is kept until the file of the caller changes.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self._function = function
        self._ready: Callable[..., Any] | None = None
        self._kept = True
        self._lock = Lock()

    def __call__(self, *args: Any) -> Any:
        """Run it; other Python threads run meanwhile."""
        ready = self._ready or self._compile()
        try:
            return ready(*args)
        except Exception:  # the disk is full, or what lies there is broken: kernels do not raise
            unkept = self._compile(keep=False)
            if unkept is ready:
                raise
            return unkept(*args)

    def _compile(self, keep: bool = True) -> Callable[..., Any]:
        with self._lock:
            if self._ready is None or self._kept > keep:
                function = self._with_kernels()
                try:
                    self._ready = _machine_code(function, keep)
                except RuntimeError:  # nowhere to keep it: a read-only machine
                    self._ready, keep = _machine_code(function, False), False
                self._kept = keep
            return self._ready

    def _with_kernels(self) -> Callable[..., Any]:
        """Give the function with the kernels it calls in the form that numba knows."""
        function = self._function
        known = function.__globals__
        called = {name: known.get(name) for name in function.__code__.co_names}
        ready = {
            name: _machine_code(other._with_kernels(), keep=False)
            for name, other in called.items()
            if isinstance(other, Kernel)
        }
        copy = FunctionType(function.__code__, known | ready, function.__name__)
        return update_wrapper(copy, function)


def _machine_code(function: Callable[..., Any], keep: bool) -> Callable[..., Any]:
    from numba import njit

    found: Callable[..., Any] = njit(cache=keep, nogil=True, fastmath=_FAST, error_model="numpy")(
        function
    )
    return found


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


def as_input(values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Give numbers as kernels read them: one kind of array, so that they compile once.

    Parameters
    ----------
    values : array-like
        float32 stays float32; anything else becomes float64.

    Returns
    -------
    ndarray
        C-contiguous, aligned and read-only; the values themselves where they are so.

    Examples
    --------
    >>> as_input([[1, 2]]).dtype.name
    'float64'
    """
    found = np.asarray(values)
    kind = np.float32 if found.dtype.type is np.float32 else np.float64
    return _read_only(found, kind)


def as_labels(labels: npt.ArrayLike, n_rows: int, n_clusters: int) -> npt.NDArray[np.int32]:
    """Give labels as kernels read them: int32, contiguous and read-only.

    Parameters
    ----------
    labels : array-like of int, shape (n_rows,)
        Less than `n_clusters`; negative ones are noise. int32 is taken as it is.
    n_rows, n_clusters : int
        What they must fit: a kernel does not look where it writes.

    Raises
    ------
    ValueError
        There are more or fewer labels than rows, or one is too large.

    Examples
    --------
    >>> as_labels([0, -1], 2, 1).dtype.name
    'int32'
    """
    given = np.asarray(labels)
    if given.shape != (n_rows,):
        raise ValueError(f"{n_rows} rows need as many labels, not an array of {given.shape}.")
    if n_rows and given.max() >= n_clusters:
        raise ValueError(f"A label is {given.max()}, and there are {n_clusters} clusters.")
    if given.dtype != np.int32:
        room = np.empty(n_rows, dtype=np.int32)
        given = np.maximum(given, np.int64(-1), out=room, casting="unsafe")
    return _read_only(given, np.int32)


def _read_only(found: npt.NDArray[Any], kind: type[np.generic]) -> npt.NDArray[Any]:
    view = np.require(found, np.dtype(kind), ["C", "A"]).view()
    view.setflags(write=False)
    return view


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


def in_rounds(rounds: Iterable[npt.NDArray[Any]], work: Callable[[npt.NDArray[Any]], None]) -> None:
    """Do the tasks of each round several at a time, and begin the next when all are done.

    Parameters
    ----------
    rounds : iterable of ndarray
        The tasks of each round, one an entry; those of a round must not write to the same place.
    work : callable
        Takes some tasks of a round; should call a `Kernel`.

    Examples
    --------
    >>> done = []
    >>> in_rounds([np.array([1]), np.array([2])], lambda tasks: done.extend(tasks.tolist()))
    >>> done
    [1, 2]
    """
    threads = n_threads()
    if threads <= 1:
        for tasks in rounds:
            work(tasks)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="kernel") as pool:
        for tasks in rounds:
            pieces = min(len(tasks), 2 * threads)
            list(pool.map(work, np.array_split(tasks, pieces)))


def n_threads() -> int:
    """Give how many threads kernels may use, see `THREADS`: or as many as numba, or all cores."""
    given = os.environ.get(THREADS) or os.environ.get("NUMBA_NUM_THREADS")
    return int(given or os.cpu_count() or 1)
