"""How far a calculation is, told by what calculates to whoever listens."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

Listener = Callable[[int, int, str], None]

_SECONDS_BETWEEN = 0.1

_listener: ContextVar[Listener | None] = ContextVar("progress_listener", default=None)
_log = logging.getLogger(__name__)


def step(done: int, total: int, what: str = "") -> None:
    """Say how far the calculation that runs in this thread is.

    Costs next to nothing when nobody listens, so it may be called in every pass over the
    customers, and never raises into the calculation: a listener that fails is not called again.

    Parameters
    ----------
    done : int
        Steps done, from 0 to `total`.
    total : int
        Steps in all; 0 when nobody knows.
    what : str
        What is being done, as in "Passes over the customers".

    Examples
    --------
    >>> step(1, 3, "Starts")  # nobody listens
    >>> with listening(print):
    ...     step(2, 3, "Starts")
    2 3 Starts
    """
    listener = _listener.get()
    if listener is None:
        return
    try:
        listener(done, total, what)
    except Exception:
        _log.exception("A listener to progress failed and is told no more.")
        _listener.set(None)


def listener_here() -> Listener | None:
    """Give whoever listens to what is calculated here; None when nobody does."""
    return _listener.get()


@contextmanager
def listening(callback: Listener | None) -> Iterator[None]:
    """Have `callback` called for each step of what is calculated here.

    Parameters
    ----------
    callback : callable, optional
        Takes steps done, steps in all (0 when unknown) and what is being done. It is called in
        the thread that calculates, so it should be quick. None listens to nothing, not even for
        whoever listens outside.

    Notes
    -----
    Threads that the calculation starts itself tell nothing: report from the thread that waits
    for them.

    Examples
    --------
    >>> heard = []
    >>> with listening(lambda done, total, what: heard.append((done, total))):
    ...     for number in range(3):
    ...         step(number + 1, 3, "Counting")
    >>> heard
    [(1, 3), (2, 3), (3, 3)]
    """
    token = _listener.set(callback)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def progress_line(stream: TextIO | None = None) -> Iterator[None]:
    """Write how far the calculations made here are, on one line that is written over.

    Parameters
    ----------
    stream : text file, optional
        Where to; standard error by default.

    Examples
    --------
    >>> from mall_app import ClusteringModel
    >>> with progress_line():
    ...     model = ClusteringModel()
    """
    line = _Line(sys.stderr if stream is None else stream)
    try:
        with listening(line):
            yield
    finally:
        line.clear()


class _Line:
    """Writes a step over the one before, ten times a second at most."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0
        self._what = ""
        self._next = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        if time.monotonic() < self._next and what == self._what:
            return
        self._next, self._what = time.monotonic() + _SECONDS_BETWEEN, what
        self._write(f"{what or 'Progress'}: {done:,}{f' of {total:,}' if total else ''}")

    def clear(self) -> None:
        """Leave an empty line behind, if anything was written."""
        if self._width:
            self._write("")
            self._stream.write("\r")
            self._stream.flush()

    def _write(self, text: str) -> None:
        self._stream.write(f"\r{text:<{self._width}}")
        self._stream.flush()
        self._width = len(text)
