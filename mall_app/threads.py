"""How many threads the numeric libraries may use: one for small work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

SMALL_ROWS = 10_000


@contextmanager
def threads_for(n_rows: int) -> Iterator[None]:
    """Let the numeric libraries use one thread while they work on a small table.

    On up to 10 000 rows threads wait for each other longer than they work: on a busy machine a fit
    of 200 rows takes more than a second with two of them. A larger table gets what there is.

    Parameters
    ----------
    n_rows : int
        Rows that are worked on.

    Examples
    --------
    >>> with threads_for(200):
    ...     threads_in_use()
    {'blas': 1, 'openmp': 1}
    """
    if n_rows > SMALL_ROWS:
        yield
        return
    with _libraries().one_thread():
        yield


def threads_in_use() -> dict[str, int]:
    """Give how many threads the numeric libraries here may use: the order of sums depends on it.

    Examples
    --------
    >>> sorted(threads_in_use())
    ['blas', 'openmp']
    """
    found = {"blas": 1, "openmp": 1}
    for own in _libraries().controller.info():
        found[own["user_api"]] = max(found.get(own["user_api"], 1), own["num_threads"])
    return {name: found[name] for name in ("blas", "openmp")}


class _Libraries:
    """The numeric libraries of this process.

    BLAS has one limit for the process, so the last of several users at a time lifts it: each
    lifting its own would leave the limit of another behind. OpenMP has one for each thread.
    """

    def __init__(self) -> None:
        self.controller = ThreadpoolController()
        # Apart, for a limit that ends gives back the threads of every library it was made with.
        self._blas = self.controller.select(user_api="blas")
        self._openmp = self.controller.select(user_api="openmp")
        self._lock = Lock()
        self._users = 0
        self._limit: Any = None

    @contextmanager
    def one_thread(self) -> Iterator[None]:
        with self._openmp.limit(limits=1):
            self._enter()
            try:
                yield
            finally:
                self._leave()

    def _enter(self) -> None:
        with self._lock:
            if self._users == 0:
                self._limit = self._blas.limit(limits=1)
            self._users += 1

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._limit.restore_original_limits()


@cache
def _libraries() -> _Libraries:
    return _Libraries()  # looking for them takes a millisecond
