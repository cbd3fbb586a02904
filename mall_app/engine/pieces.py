"""One answer worked out in many pieces, a few at a time, so that others get their turn."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from threading import Lock
from typing import Any

from mall_app.engine.work import explained
from mall_app.evidence.study import Study
from mall_app.progress import Listener


class PieceRun(Future[Any]):
    """A future over many pieces; it hands out as many at a time as there are workers.

    A piece more is handed out when one is done, so that whatever else is called waits for those
    few only. Cancelling it cancels them, and a piece that fails ends it with the piece's error.

    Parameters
    ----------
    study : Study
        What is to be worked out.
    schedule : callable
        Takes a piece and the seconds that are left; gives a future, whose ``cancel()`` kills.
    side_by_side : int
        Pieces at a time.
    seconds : float
        From now to the answer.
    """

    def __init__(
        self,
        study: Study,
        schedule: Callable[[Any, float], Future[Any]],
        side_by_side: int,
        seconds: float,
    ) -> None:
        super().__init__()
        self._study, self._schedule = study, schedule
        self._waiting = deque(study.pieces)
        self._side_by_side = side_by_side
        self._end = time.monotonic() + seconds
        self._total = len(study.pieces)
        self._found: dict[Any, Any] = {}
        self._out: dict[Any, Future[Any]] = {}
        self._tell: Listener | None = None
        self._lock = Lock()

    def begin(self, tell: Listener | None = None) -> PieceRun:
        """Hand out the first pieces; `tell` hears how many are done, at once and after each."""
        self._tell = tell
        self._say(0)
        for _ in range(self._side_by_side):
            self._hand_out()
        return self

    def running(self) -> bool:
        """Whether a worker is at it."""
        with self._lock:
            out = list(self._out.values())
        return not self.done() and any(piece.running() for piece in out)

    def cancel(self) -> bool:
        """Cancel, and stop the workers that are at it."""
        cancelled = super().cancel()
        if cancelled:
            self._stop()
        return cancelled

    def _hand_out(self) -> None:
        with self._lock:
            if self.done() or not self._waiting:
                return
            piece = self._waiting.popleft()
        try:
            work = self._schedule(piece, self._end - time.monotonic())
        except Exception as error:
            self._fail(error)
            return
        with self._lock:
            self._out[piece] = work
        work.add_done_callback(lambda done: self._take(piece, done))
        if self.done():
            work.cancel()

    def _take(self, piece: Any, done: Future[Any]) -> None:
        with self._lock:
            self._out.pop(piece, None)
        if done.cancelled() or self.done():
            self.cancel()
            return
        try:
            outcome = self._outcome(piece, done)
        except BaseException as error:
            self._fail(error)
            return
        with self._lock:
            self._found[piece] = outcome
            count = len(self._found)
        self._say(count)
        if count == self._total:
            self._finish()
        else:
            self._hand_out()

    def _say(self, count: int) -> None:
        if self._tell is not None:
            self._tell(count, self._total, "")

    def _outcome(self, piece: Any, done: Future[Any]) -> Any:
        error = done.exception()
        late = isinstance(error, TimeoutError)  # the time of all pieces is over, not that of one
        if error is None or late or self._study.rescue is None:
            return done.result()
        return self._study.rescue(piece, explained(error, 0.0))

    def _finish(self) -> None:
        try:
            answer = self._study.conclude(self._found)
        except Exception as error:
            self._fail(error)
            return
        with contextlib.suppress(InvalidStateError):  # cancelled in this very moment
            self.set_result(answer)

    def _fail(self, error: BaseException) -> None:
        with contextlib.suppress(InvalidStateError):
            self.set_exception(error)
        self._stop()

    def _stop(self) -> None:
        with self._lock:
            self._waiting.clear()
            out = list(self._out.values())
        for work in out:
            work.cancel()
