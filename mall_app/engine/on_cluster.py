"""Work for the Dask cluster: the server has it, and a worker process is told where it is."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from threading import Lock, Thread
from typing import Any

from mall_app.settings import Settings

DEADLINES = 10  # a pass over a large table may take as long as a fit of one that is held


def needs_cluster(args: tuple[Any, ...]) -> bool:
    """Whether a call is about settings, or a result or question of such, whose engine is Dask."""
    asked = [own if isinstance(own, Settings) else getattr(own, "settings", None) for own in args]
    return any(isinstance(own, Settings) and own.engine == "dask" for own in asked)


def call_at(address: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call a function that works on the cluster at an address, in a worker process."""
    from mall_app.partitions.client import SCHEDULER  # sets up the log of Dask

    for name in ("distributed", "distributed.client"):  # whose level Dask sets by itself
        logging.getLogger(name).setLevel(logging.CRITICAL)  # errors come back as such
    os.environ[SCHEDULER] = address  # a process like this one must not start a cluster of its own
    return function(*args)


class OnCluster(Future[Any]):
    """A call that is scheduled when it is known where the cluster is; starting one takes seconds.

    Parameters
    ----------
    schedule : callable
        Takes the address of the scheduler and the seconds that are left; gives a future, whose
        ``cancel()`` kills.
    seconds : float
        From now to the answer.
    """

    def __init__(self, schedule: Callable[[str, float], Future[Any]], seconds: float) -> None:
        super().__init__()
        self._schedule = schedule
        self._end = time.monotonic() + seconds
        self._work: Future[Any] | None = None
        self._lock = Lock()
        Thread(target=self._start, name="find-cluster", daemon=True).start()

    def running(self) -> bool:
        """Whether a worker is at it."""
        return not self.done() and self._work is not None and self._work.running()

    def cancel(self) -> bool:
        """Cancel, and kill the worker that is at it: the scheduler then drops what it asked for."""
        cancelled = super().cancel()
        with self._lock:
            work = self._work
        if cancelled and work is not None:
            work.cancel()
        return cancelled

    def _start(self) -> None:
        try:
            from mall_app.partitions.client import scheduler_address

            address = scheduler_address()
            with self._lock:
                if self.cancelled():
                    return
                self._work = self._schedule(address, self._end - time.monotonic())
        except Exception as error:
            self._fail(error)
        else:
            self._work.add_done_callback(self._take)

    def _take(self, done: Future[Any]) -> None:
        if done.cancelled():
            self.cancel()
            return
        error = done.exception()
        if error is not None:
            self._fail(error)
            return
        with contextlib.suppress(InvalidStateError):  # cancelled in this very moment
            self.set_result(done.result())

    def _fail(self, error: BaseException) -> None:
        with contextlib.suppress(InvalidStateError):
            self.set_exception(error)
