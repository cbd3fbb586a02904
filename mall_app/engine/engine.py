"""The one place that runs fits for the app and the API of a process."""

from __future__ import annotations

import atexit
import math
import os
import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from typing import Any

from pebble import ProcessExpired

from mall_app.algorithms import build_algorithm
from mall_app.data.table import Table
from mall_app.engine.cache import ResultCache
from mall_app.engine.parcel import Parcel, call_unpacked
from mall_app.engine.pool import KillablePool
from mall_app.errors import DeadlineExceeded, EngineBusy, WorkerDied
from mall_app.fit import fit_resolved, resolve
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.sweep import Sweep, sweep


class Work(Future[Any]):
    """A future whose cancel also kills what is running for it."""

    task: Future[Any] | None = None
    expired: bool = False
    timer: threading.Timer | None = None

    def cancel(self) -> bool:
        """Cancel, and stop the process that works on it."""
        cancelled = super().cancel()
        if cancelled and self.task is not None:
            self.task.cancel()
        return cancelled

    def expire(self) -> None:
        """Stop the work because its deadline is over, running or still waiting."""
        self.expired = True
        if self.task is not None:
            self.task.cancel()


class Engine:
    """Runs functions in worker processes: bounded queue, deadline, cancel, results by content.

    Parameters
    ----------
    workers : int
        Processes; they start when first needed.
    queue : int
        Calls that may wait beyond those running; one more is refused.
    deadline : float
        Seconds from a call to its answer, waiting included, when it names no deadline of its own.
    cache_bytes : int
        Bound on remembered results.
    """

    def __init__(
        self, workers: int, queue: int = 16, deadline: float = 30.0, cache_bytes: int = 2**28
    ) -> None:
        self.deadline = deadline
        self.cache = ResultCache(cache_bytes)
        self._parcels = ResultCache(cache_bytes // 4)
        self._pool = KillablePool(workers)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="quick-fit")
        self._limit = workers + queue
        self._workers = workers
        self._unfinished = 0
        self._lock = threading.Lock()

    def fit(
        self, table: Table, settings: Settings, *, deadline: float | None = None
    ) -> Future[ClusteringResult]:
        """Cluster in a worker, or in a thread when that takes a few milliseconds.

        A result that is known comes back as a finished future.

        Raises
        ------
        SettingsError
            The settings break a rule.
        EngineBusy
            Too much is waiting already.
        """
        settings = resolve(table, settings)
        key = fit_key(table, settings)
        algorithm = build_algorithm(settings.algorithm, settings.params)
        if algorithm.is_quick(len(table), settings.n_clusters or 0):
            return self._call_in_thread(fit_resolved, table, settings, key=key)
        return self.call(fit_resolved, table, settings, key=key, deadline=deadline)

    def known(self, table: Table, settings: Settings) -> ClusteringResult | None:
        """Give the result if it is remembered; never computes."""
        found: ClusteringResult | None = self.cache.get(fit_key(table, resolve(table, settings)))
        return found

    def sweep(self, table: Table, settings: Settings, ks: Iterable[int]) -> Future[Sweep]:
        """Sweep over k in a worker, and remember each fit of it."""
        numbers = tuple(ks)
        settings = resolve(table, settings)
        key = ("sweep", numbers, *fit_key(table, settings.changed(n_clusters=2)))
        done = self.call(sweep, table, settings, numbers, key=key)
        done.add_done_callback(self._remember_sweep(table))
        return done

    def _remember_sweep(self, table: Table) -> Callable[[Future[Sweep]], None]:
        def remember(done: Future[Sweep]) -> None:
            if not done.cancelled() and done.exception() is None:
                for result in done.result().results.values():
                    self.cache.put(fit_key(table, result.settings), result)

        return remember

    def call(
        self,
        function: Callable[..., Any],
        *args: Any,
        key: Hashable | None = None,
        deadline: float | None = None,
    ) -> Future[Any]:
        """Run a module-level function in a worker process.

        Parameters
        ----------
        function : callable
            Importable by name; it and `args` are pickled.
        *args
            Its arguments.
        key : hashable, optional
            Content key; the answer is remembered under it.
        deadline : float, optional
            Seconds it may take; the default is the engine's.

        Returns
        -------
        concurrent.futures.Future
            ``cancel()`` kills the work. ``result()`` raises what the function raised,
            `DeadlineExceeded`, or `WorkerDied`.

        Raises
        ------
        EngineBusy
            Too much is waiting already.
        """
        work = Work()
        known = self.cache.get(key) if key is not None else None
        if known is not None:
            work.set_result(known)
            return work
        crowded = self._enter()
        if args and isinstance(args[0], Table):
            function, args = call_unpacked, (function, self._parcel(args[0]), *args[1:])
        seconds = self.deadline if deadline is None else deadline
        if crowded:  # what waits for a worker has used some of its time when it gets one
            work.timer = threading.Timer(seconds, work.expire)
            work.timer.daemon = True
            work.timer.start()
        send = partial(self._send, work, function, args, key, seconds)
        if self._pool.up:
            send()
        else:  # starting takes seconds, and the caller may be an event loop
            threading.Thread(target=send, name="engine-start", daemon=True).start()
        return work

    def _call_in_thread(
        self, function: Callable[..., Any], *args: Any, key: Hashable
    ) -> Future[Any]:
        work = Work()
        known = self.cache.get(key)
        if known is not None:
            work.set_result(known)
            return work
        self._enter()
        work.task = self._thread.submit(function, *args)
        work.task.add_done_callback(lambda done: self._finish(work, done, key, self.deadline))
        return work

    def _parcel(self, table: Table) -> Parcel:
        parcel: Parcel | None = self._parcels.get(table.sha256)
        if parcel is None:
            parcel = Parcel.of(table)
            self._parcels.put(table.sha256, parcel)
        return parcel

    def _send(
        self,
        work: Work,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        key: Hashable | None,
        seconds: float,
    ) -> None:
        try:
            work.task = self._pool.schedule(function, args, seconds)
        except Exception as error:
            failed: Future[Any] = Future()
            failed.set_exception(error)
            work.task = failed
        if work.cancelled() or work.expired:
            work.task.cancel()
        work.task.add_done_callback(lambda done: self._finish(work, done, key, seconds))

    def _enter(self) -> bool:
        """Count one more call; tell whether it has to wait for a worker."""
        with self._lock:
            if self._unfinished >= self._limit:
                raise EngineBusy(
                    f"{self._unfinished} calculations are waiting already; try again shortly.",
                    retry_after=max(1, math.ceil(self._unfinished / self._workers / 10)),
                )
            self._unfinished += 1
            return self._unfinished > self._workers

    def _leave(self) -> None:
        with self._lock:
            self._unfinished -= 1

    def _finish(self, work: Work, done: Future[Any], key: Hashable | None, seconds: float) -> None:
        self._leave()
        if work.timer is not None:
            work.timer.cancel()
        if not work.set_running_or_notify_cancel():
            return
        error = CancelledError() if done.cancelled() else done.exception()
        if work.expired and isinstance(error, CancelledError):
            error = TimeoutError()
        if error is not None:
            work.set_exception(_explained(error, seconds))
            return
        if key is not None:
            self.cache.put(key, done.result())
        work.set_result(done.result())

    def ready(self) -> bool:
        """Whether a worker has started and imported what it needs; asking starts one, soon."""
        return self._pool.ready()

    def close(self) -> None:
        """Kill all workers, running or idle."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._pool.close()


def _explained(error: BaseException, seconds: float) -> BaseException:
    """Give an error of the pool in our words, and what the function raised as it is."""
    if isinstance(error, TimeoutError):
        return DeadlineExceeded(
            f"The calculation was stopped after its deadline of {seconds:g} seconds; "
            "use fewer customers, a faster algorithm, or a longer deadline."
        )
    if isinstance(error, MemoryError):
        return WorkerDied("The calculation ran out of memory.")
    if isinstance(error, (ProcessExpired, BrokenProcessPool)):
        return WorkerDied("The process that did the calculation ended before it was done.")
    return error


def fit_key(table: Table, settings: Settings) -> tuple[str, str, str]:
    """Key of a fit: what the data are and what is done to them."""
    return ("fit", table.sha256, settings.canonical())


@cache
def shared_engine() -> Engine:
    """Give the engine that the app and the API of this process share.

    Sizes come from the environment: ``MALL_WORKERS`` (default: the number of cores),
    ``MALL_QUEUE`` (16), ``MALL_DEADLINE_SECONDS`` (30), ``MALL_CACHE_MB`` (256).
    """
    engine = Engine(
        workers=int(os.environ.get("MALL_WORKERS", os.cpu_count() or 1)),
        queue=int(os.environ.get("MALL_QUEUE", 16)),
        deadline=float(os.environ.get("MALL_DEADLINE_SECONDS", 30)),
        cache_bytes=int(os.environ.get("MALL_CACHE_MB", 256)) * 2**20,
    )
    atexit.register(engine.close)
    return engine
