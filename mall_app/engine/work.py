"""One calculation, everybody who waits for it, and how many there may be."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from typing import Any

from pebble import ProcessExpired

from mall_app.errors import DeadlineExceeded, EngineBusy, WorkerDied
from mall_app.progress import Listener, listening, step

Start = Callable[[Listener], Future[Any]]  # given whom to tell of progress


class Work(Future[Any]):
    """What one caller waits for; the calculation is killed when its last caller cancels.

    Parameters
    ----------
    job : Job, optional
        The calculation; none for an answer that is known already.
    """

    def __init__(self, job: Job | None = None) -> None:
        super().__init__()
        self._job = job
        self._listeners: list[Listener] = []

    @property
    def was_known(self) -> bool:
        """Whether the answer was there when it was asked for, so that nothing is calculated."""
        return self._job is None

    def listen(self, listener: Listener) -> None:
        """Have progress told to `listener` at once and from then on, until the work is done.

        It is called in a thread of the engine. 0 of 0 is told as long as nothing is known.
        """
        if self._job is not None and not self.done():
            self._listeners.append(listener)
            self.hear(*self._job.told)

    def hear(self, done: int, total: int, what: str) -> None:
        """Pass progress on to whoever listens to this work."""
        for listener in self._listeners:
            with listening(listener):
                step(done, total, what)

    def cancel(self) -> bool:
        """Stop waiting, and stop the calculation when nobody else waits for it."""
        cancelled = super().cancel()
        if cancelled and self._job is not None:
            self._job.leave(self)
        return cancelled

    def running(self) -> bool:
        """Whether a worker is at it."""
        return not self.done() and self._job is not None and self._job.running()

    @classmethod
    def known(cls, answer: Any) -> Work:
        """Give work that is done."""
        work = cls()
        work.set_result(answer)
        return work


class Job:
    """One calculation and its callers, the first of them made with it.

    Parameters
    ----------
    seconds : float
        Its deadline, for the sentence that says it is over.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.told = (0, 0, "")
        self.first = Work(self)
        self._callers = [self.first]
        self._task: Future[Any] | None = None
        self._over = False
        self._lock = Lock()

    def join(self) -> Work | None:
        """Add a caller; None when the calculation is over or given up."""
        with self._lock:
            if self._over:
                return None
            work = Work(self)
            self._callers.append(work)
            return work

    def leave(self, work: Work) -> None:
        """Let a caller go; the last one takes the calculation along."""
        with self._lock:
            if work not in self._callers:
                return
            self._callers.remove(work)
            if self._callers:
                return
            self._over = True
            task = self._task
        if task is not None:
            task.cancel()

    def tell(self, done: int, total: int, what: str) -> None:
        """Tell every caller how far it is."""
        with self._lock:
            self.told = (done, total, what)
            callers = list(self._callers)
        for work in callers:
            work.hear(done, total, what)

    def begin(self, start: Start, when_done: Callable[[Future[Any]], None]) -> None:
        """Start the calculation; an error in starting is its outcome."""
        try:
            task = start(self.tell)
        except Exception as error:
            task = Future()
            task.set_exception(error)
        with self._lock:
            self._task = task
            unwanted = self._over
        if unwanted:
            task.cancel()
        task.add_done_callback(when_done)

    def running(self) -> bool:
        """Whether a worker is at it."""
        return self._task is not None and self._task.running()

    def answer(self, done: Future[Any]) -> None:
        """Tell every caller the outcome."""
        with self._lock:
            self._over = True
            callers, self._callers = self._callers, []
        error = CancelledError() if done.cancelled() else done.exception()
        for work in callers:
            if not work.set_running_or_notify_cancel():
                continue
            if error is None:
                work.set_result(done.result())
            else:
                work.set_exception(explained(error, self._seconds))


class Places:
    """How many calculations may be unfinished at a time.

    Parameters
    ----------
    limit : int
        Those running and waiting together.
    side_by_side : int
        How many of them run at a time.
    """

    def __init__(self, limit: int, side_by_side: int) -> None:
        self.taken = 0
        self._limit = limit
        self._side_by_side = side_by_side
        self._lock = Lock()

    def take(self) -> None:
        """Count one more.

        Raises
        ------
        EngineBusy
            Every place is taken.
        """
        with self._lock:
            if self.taken >= self._limit:
                raise EngineBusy(
                    f"{self.taken} calculations are waiting already; try again shortly.",
                    retry_after=max(1, math.ceil(self.taken / self._side_by_side / 10)),
                )
            self.taken += 1

    def give_back(self) -> None:
        """Count one less."""
        with self._lock:
            self.taken -= 1


def explained(error: BaseException, seconds: float) -> BaseException:
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
