"""Progress on its way from worker processes to the server: one pipe, a line a message."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

from mall_app.engine.shared_file import Packed, SharedFile
from mall_app.progress import Listener, listening, step

_SECONDS_BETWEEN = 0.1
_LONGEST_WORDS = 60  # with them a line stays below 512 bytes, which any system writes as one
_AT_ONCE = 65_536

_pipe: ContextVar[Connection] = ContextVar("pipe_to_the_server")


class Reports:
    """The server's end: reads what workers say, and tells whoever listens to that call.

    A line is written at once or not at all, so no lock is held that a killed worker could leave
    behind, and nothing waits when the pipe is full.
    """

    def __init__(self) -> None:
        self._numbers = count()
        self._listeners: dict[int, Listener] = {}
        self._writer: Connection | None = None

    def open(self, context: BaseContext) -> Connection:
        """Make the pipe, and read it until it is closed; gives the end for workers."""
        reader, self._writer = context.Pipe(duplex=False)
        os.set_blocking(self._writer.fileno(), False)
        threading.Thread(target=self._read, args=(reader,), name="progress", daemon=True).start()
        return self._writer

    def close(self) -> None:
        """Close the pipe; reading ends when the last worker has ended too."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def listen(self, listener: Listener) -> int:
        """Give the number of a call, whose progress `listener` is told in the thread that reads."""
        number = next(self._numbers)
        self._listeners[number] = listener
        return number

    def forget(self, number: int) -> None:
        """Tell nobody of a call any more."""
        self._listeners.pop(number, None)

    def _read(self, reader: Connection) -> None:
        rest = b""
        with reader:
            while more := os.read(reader.fileno(), _AT_ONCE):
                *lines, rest = (rest + more).split(b"\n")
                for line in lines:
                    number, *told = json.loads(line)
                    listener = self._listeners.get(number)
                    if listener is not None:
                        with listening(listener):
                            step(*told)


def report_through(pipe: Connection) -> None:
    """Remember, in a worker, where progress is sent."""
    _pipe.set(pipe)


def call_reported(
    number: int | None, function: Callable[..., Any], args: tuple[Any, ...], answer: SharedFile
) -> Packed:
    """Call a function in a worker, and send what it says of its progress under a number."""
    with listening(None if number is None else _Sender(_pipe.get(), number)):
        return Packed.of(function(*args), answer)


class _Sender:
    """Sends progress ten times a second at most, and whenever something else is begun."""

    def __init__(self, pipe: Connection, number: int) -> None:
        self._pipe, self._number = pipe, number
        self._what = ""
        self._next = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if now < self._next and what == self._what:
            return
        self._next, self._what = now + _SECONDS_BETWEEN, what
        told = [self._number, int(done), int(total), what[:_LONGEST_WORDS]]
        with suppress(BlockingIOError):  # the server is behind, and a later line says more
            os.write(self._pipe.fileno(), json.dumps(told, ensure_ascii=False).encode() + b"\n")
