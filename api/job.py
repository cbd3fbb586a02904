"""One request that is answered later: its state, and everybody who watches it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from api.message import Request, Response


class Job:
    """A request on its way to its answer.

    Parameters
    ----------
    own : str
        Its id.
    request : Request
        What was asked.
    seconds_kept : float
        How long it is kept once it is finished.
    """

    def __init__(self, own: str, request: Request, seconds_kept: float) -> None:
        self.id = own
        self.status = "queued"
        self.base = request.base
        self.path = request.target.removeprefix(request.base)
        self.response: Response | None = None
        self.progress: tuple[int, int, str] | None = None
        self.engaged = False
        self.finished_at: float | None = None
        self._times: dict[str, str | None] = {"created": _now(), "started": None, "finished": None}
        self._seconds_kept = seconds_kept
        self._body_bytes = len(request.body)
        self._loop = asyncio.get_running_loop()
        self.version = 0
        self._changed = asyncio.Event()
        self._lock = Lock()
        self._told: tuple[int, int, str] | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.finished_at is not None

    @property
    def nbytes(self) -> int:
        """Bytes it holds: its body, or its answer when it is finished."""
        answer = 0 if self.response is None else len(self.response.body)
        return answer if self.finished else self._body_bytes

    def start(self, run: Coroutine[Any, Any, None], when_ended: Callable[[], None]) -> None:
        """Begin; `run` is to end with `finish`, unless it is cancelled."""
        self.status = "running"
        self._times["started"] = _now()
        self._task = asyncio.create_task(run)
        self._task.add_done_callback(self._ended)
        self._task.add_done_callback(lambda _: when_ended())
        self._tell()

    def finish(self, response: Response) -> None:
        """Take the answer."""
        self._end("succeeded" if response.status < 400 else "failed", response)

    def cancel(self) -> None:
        """Stop what is done for it."""
        if self.finished:
            return
        self._end("cancelled", None)
        if self._task is not None:
            self._task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not self.finished:  # the server is being stopped
            self._end("cancelled", None)
        self._task = None
        if not task.cancelled():
            task.result()

    def _end(self, status: str, response: Response | None) -> None:
        self.status, self.response = status, response
        self.finished_at = time.monotonic()
        self._times["finished"] = _now()
        self._tell()

    def hear(self, done: int, total: int, what: str) -> None:
        """Take progress, in any thread; the first to tell is the engine, that it has the work."""
        with self._lock:
            waiting = self._told is not None
            self._told = (done, total, what)
        if not waiting:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped
                self._loop.call_soon_threadsafe(self._note)

    def _note(self) -> None:
        with self._lock:
            told, self._told = self._told, None
        self.engaged = True
        if told is not None and told != (0, 0, ""):
            self.progress = told
        self._tell()

    async def change(self, since: int) -> None:
        """Wait until it is of another version than `since`."""
        while self.version == since:
            await self._changed.wait()

    def _tell(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def keep(self, forget: Callable[[], None]) -> None:
        """Have it forgotten when its time is over."""
        self.keep_no_longer()
        self._timer = self._loop.call_later(self._seconds_kept, forget)

    def keep_no_longer(self) -> None:
        """Take its time back."""
        if self._timer is not None:
            self._timer.cancel()

    def document(self, place: int | None) -> dict[str, Any]:
        """Describe it.

        Parameters
        ----------
        place : int or None
            Where it stands in the queue.
        """
        address = f"{self.base}/jobs/{self.id}"
        progress = dict(zip(("done", "total", "what"), self.progress or (), strict=False))
        return {
            "id": self.id,
            "status": self.status,
            "path": self.path,
            "place": place,
            "progress": progress or None,
            **self._times,
            "events": f"{address}/events",
            "result": f"{address}/result" if self.response is not None else None,
        }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
