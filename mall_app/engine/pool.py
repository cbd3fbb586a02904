"""Worker processes that can be killed in the middle of a fit."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from pebble import ProcessPool

from mall_app.engine.worker import prepare_worker, warm_up

_TASKS_OF_A_WORKER = 500


class KillablePool:
    """A pebble process pool that starts when first needed.

    Workers come from a fork server that has imported the package already, so a killed one is
    replaced in milliseconds; they inherit no socket and no thread of the server.

    Parameters
    ----------
    workers : int
        Number of processes.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPool | None = None
        self._warm: Future[bool] | None = None
        self._open: set[Future[Any]] = set()
        self._lock = threading.Lock()

    def schedule(
        self, function: Callable[..., Any], args: tuple[Any, ...], seconds: float
    ) -> Future[Any]:
        """Queue a call; its time limit starts when a worker takes it."""
        scheduled: Future[Any] = self._started().schedule(function, args=args, timeout=seconds)
        self._open.add(scheduled)
        scheduled.add_done_callback(lambda done: self._open.discard(done))
        return scheduled

    @property
    def up(self) -> bool:
        """Whether a call can be queued at once; starting takes seconds."""
        pool = self._pool
        return pool is not None and bool(pool.active)

    def ready(self) -> bool:
        """Whether the first worker has warmed up; starts it in the background otherwise."""
        if not self.up and not self._lock.locked():
            threading.Thread(target=self._started, name="pool-start", daemon=True).start()
        warm = self._warm
        return warm is not None and warm.done() and not warm.cancelled() and not warm.exception()

    def close(self) -> None:
        """Kill every worker and wait until they are gone; what they had to do is cancelled."""
        for future in list(self._open):
            future.cancel()
        with self._lock:
            self._stop()

    def _stop(self) -> set[Future[Any]]:
        """Give the calls that will never be answered: the pool forgets them when it stops."""
        lost, self._open = self._open, set()
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None
        return lost

    def _started(self) -> ProcessPool:
        lost: set[Future[Any]] = set()
        with self._lock:
            if self._pool is not None and not self._pool.active:
                lost = self._stop()  # it gives up for good when a worker dies between two tasks
            if self._pool is None:
                pool = self._start()
                self._warm = pool.schedule(warm_up)  # starts it, which takes seconds
                self._pool = pool
            pool = self._pool
        for future in lost:
            with contextlib.suppress(InvalidStateError):  # answered in the meantime
                future.set_exception(BrokenProcessPool())
        return pool

    def _start(self) -> ProcessPool:
        context = multiprocessing.get_context(_start_method())
        if context.get_start_method() == "forkserver":
            context.set_forkserver_preload([*_modules_of_main(), "mall_app.engine.engine"])
        cores = os.cpu_count() or 1
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=_TASKS_OF_A_WORKER,
            initializer=prepare_worker,
            initargs=(max(1, cores // self._workers), _memory_of_a_worker(self._workers)),
            context=context,
        )


def _start_method() -> str:
    """Never fork: a forked worker would hold the server's port and a copy of its locks."""
    methods = multiprocessing.get_all_start_methods()
    return "forkserver" if "forkserver" in methods else "spawn"


def _modules_of_main() -> list[str]:
    """Modules the main script took names from: each new worker imports that script again."""
    main = vars(sys.modules["__main__"])
    found = {getattr(value, "__module__", None) for value in main.values()}
    return sorted(str(own) for own in found if own in sys.modules and own != "__main__")


def _memory_of_a_worker(workers: int) -> int:
    """Bytes a worker may take: ``MALL_WORKER_MEMORY_MB``, or its share of what there is."""
    given = os.environ.get("MALL_WORKER_MEMORY_MB")
    if given is not None:
        return int(given) * 2**20
    return _memory_there_is() // workers


def _memory_there_is(limit_file: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """Bytes of the machine, or of the container when it has less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = limit_file.read_text().strip()
    except OSError:  # no container, or no Linux
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine
