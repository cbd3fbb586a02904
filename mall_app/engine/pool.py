"""Worker processes that can be killed in the middle of a fit."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any, cast

from pebble import ProcessPool

from mall_app.engine.reports import Reports
from mall_app.engine.sizes import worker_memory
from mall_app.engine.ticket import Ticket
from mall_app.engine.worker import prepare_worker, warm_up
from mall_app.progress import Listener

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
        self._waiting: deque[Ticket] = deque()
        self._handed: set[Ticket] = set()
        self._gate = threading.Lock()  # of the two above
        self._reports = Reports()
        self._lock = threading.Lock()  # of starting and stopping

    def schedule(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        seconds: float,
        tell: Listener | None = None,
    ) -> Ticket:
        """Queue a call; its time limit starts now, and starting workers or waiting uses it up.

        `tell` hears of its progress, in a thread of the pool.
        """
        number = None if tell is None else self._reports.listen(tell)
        ticket = Ticket(function, args, seconds, number)
        if number is not None:
            ticket.add_done_callback(lambda _: self._reports.forget(number))
        with self._gate:
            self._waiting.append(ticket)
        ticket.add_done_callback(self._forget)
        self._advance()
        return ticket

    def _forget(self, ticket: Future[Any]) -> None:
        """Let go of what nobody waits for any more before a worker is free."""
        with self._gate, contextlib.suppress(ValueError):
            self._waiting.remove(cast("Ticket", ticket))

    def _advance(self) -> None:
        if self.up:
            self._hand_over()
        else:  # starting takes seconds, and the caller may be an event loop
            threading.Thread(target=self._hand_over, name="pool-start", daemon=True).start()

    def _hand_over(self) -> None:
        """Give waiting calls to the workers that are free.

        Pebble gets no more than it can run: what is cancelled in its own queue would cost a worker.
        """
        while (ticket := self._next()) is not None:
            try:
                ticket.hand_to(self._started(), partial(self._done, ticket))
            except Exception as error:
                self._release(ticket)
                ticket.fail(error)

    def _next(self) -> Ticket | None:
        with self._gate:
            while self._waiting and len(self._handed) < self._workers:
                ticket = self._waiting.popleft()
                if not ticket.done():
                    self._handed.add(ticket)
                    return ticket
        return None

    def _release(self, ticket: Ticket) -> None:
        with self._gate:
            self._handed.discard(ticket)

    def _done(self, ticket: Ticket, done: Future[Any]) -> None:
        self._release(ticket)
        ticket.take_over(done)
        if self._waiting:
            self._advance()

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
        with self._gate:
            unfinished = [*self._waiting, *self._handed]
            self._waiting.clear()
        for ticket in unfinished:
            ticket.cancel()
        with self._lock:
            self._stop()

    def _stop(self) -> list[Ticket]:
        """Give the calls that will never be answered: the pool forgets them when it stops."""
        with self._gate:
            lost = [ticket for ticket in self._handed if ticket.handed]
            self._handed.difference_update(lost)
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._reports.close()
            self._pool = None
        return lost

    def _started(self) -> ProcessPool:
        lost: list[Ticket] = []
        with self._lock:
            if self._pool is not None and not self._pool.active:
                lost = self._stop()  # it gives up for good when a worker dies between two tasks
            if self._pool is None:
                pool = self._start()
                self._warm = pool.schedule(warm_up)  # starts it, which takes seconds
                self._pool = pool
            pool = self._pool
        for ticket in lost:
            ticket.fail(BrokenProcessPool())
        return pool

    def _start(self) -> ProcessPool:
        context = multiprocessing.get_context(_start_method())
        if context.get_start_method() == "forkserver":
            ours = ["mall_app.engine.engine", "mall_app.engine.preloaded"]
            context.set_forkserver_preload([*_modules_of_main(), *ours])
        cores = os.cpu_count() or 1
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=_TASKS_OF_A_WORKER,
            initializer=prepare_worker,
            initargs=(
                max(1, cores // self._workers),
                worker_memory(self._workers),
                self._reports.open(context),
            ),
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
