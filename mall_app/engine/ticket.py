"""A call to a worker process, from when it is queued until it is answered."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from threading import Timer
from typing import Any

from pebble import ProcessPool

from mall_app.engine.reports import call_reported
from mall_app.engine.shared_file import SharedFile

_SHORTEST = 0.001  # 0 is no limit to pebble


class Ticket(Future[Any]):
    """A future that ends when its time is over, be it waiting or running.

    Parameters
    ----------
    function : callable
        What to call.
    args : tuple
        Its arguments.
    seconds : float
        From now to the answer.
    number : int, optional
        What its progress is reported under; none when nobody listens.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        seconds: float,
        number: int | None = None,
    ) -> None:
        super().__init__()
        self._call = (number, function, args, SharedFile())
        self._end = time.monotonic() + seconds
        self._inner: Future[Any] | None = None
        # Pebble looks at its limits five times a second, and only once a worker has the call.
        timer = Timer(seconds, self.fail, [TimeoutError()])
        timer.daemon = True
        timer.start()
        self.add_done_callback(lambda _: timer.cancel())

    @property
    def handed(self) -> bool:
        """Whether the pool has it."""
        return self._inner is not None

    def hand_to(self, pool: ProcessPool, when_done: Callable[[Future[Any]], None]) -> None:
        """Have the pool do it in the time that is left."""
        left = max(_SHORTEST, self._end - time.monotonic())
        self._inner = pool.schedule(call_reported, args=self._call, timeout=left)
        self._inner.add_done_callback(when_done)
        if self.done():
            self._stop_worker()

    def running(self) -> bool:
        """Whether a worker is at it."""
        return not self.done() and self._inner is not None and self._inner.running()

    def cancel(self) -> bool:
        """Cancel, and stop the worker that is at it."""
        cancelled = super().cancel()
        if cancelled:
            self._stop_worker()
        return cancelled

    def fail(self, error: BaseException) -> None:
        """End with an error unless it has ended already, and stop the worker that is at it."""
        with contextlib.suppress(InvalidStateError):
            self.set_exception(error)
        self._stop_worker()

    def _stop_worker(self) -> None:
        if self._inner is not None:
            self._inner.cancel()

    def take_over(self, done: Future[Any]) -> None:
        """End as the pool's own future did, unless it has ended already."""
        if done.cancelled():
            self.cancel()
            return
        with contextlib.suppress(InvalidStateError):
            try:
                answer = done.result().value()
            except BaseException as error:  # of the worker, or of unpacking what it gave
                self.set_exception(error)
            else:
                self.set_result(answer)
