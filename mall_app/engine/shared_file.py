"""Large values between the server and its workers: their arrays go through a file both map.

A pipe takes as long for the labels of ten million customers as clustering them does. What is mapped
is there once for all processes, and goes to the disk where memory is short.
"""

from __future__ import annotations

import mmap
import os
import pickle
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from mall_app.errors import StoreFull

LARGE_BYTES = 100_000
_ALIGNED = 64  # what vector instructions like


class SharedFile:
    """A file of this process that its workers can open, and that goes with it, however it ends."""

    def __init__(self) -> None:
        file, self.path = _opened()
        weakref.finalize(self, file.close)

    def __reduce__(self) -> tuple[Any, ...]:
        return _at, (self.path,)

    def write(self, arrays: Sequence[memoryview]) -> None:
        """Write arrays one after the other.

        Raises
        ------
        StoreFull
            The disk has no room for them.
        """
        try:
            with open(self.path, "r+b", buffering=0) as file:
                for own in arrays:
                    _write(file, own)
                    _write(file, memoryview(bytes(_padding(own.nbytes))))
        except OSError as error:
            n_bytes = sum(own.nbytes for own in arrays)
            raise StoreFull(
                f"{n_bytes / 1e6:,.0f} MB could not be handed from one process to another, for "
                f"{tempfile.gettempdir()} takes no more: {error.strerror}. Make room there."
            ) from error

    def arrays(self, layout: Sequence[Array]) -> Iterator[memoryview]:
        """Map what was written; what is changed of it changes neither the file nor other maps."""
        with open(self.path, "rb") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        start = 0
        for own in layout:
            part = mapped[start : start + own.n_bytes]
            yield part.toreadonly() if own.readonly else part
            start += own.n_bytes + _padding(own.n_bytes)


@dataclass(frozen=True)
class Array:
    """An array in the file.

    Parameters
    ----------
    n_bytes : int
        Its size.
    readonly : bool
        Whether it must not be changed.
    """

    n_bytes: int
    readonly: bool


@dataclass(frozen=True, eq=False)
class Packed:
    """A value that is pickled but for its large arrays.

    Parameters
    ----------
    payload : bytes
        What is pickled.
    layout : tuple of Array
        What is in the file, in order; empty where no array is large.
    file : SharedFile
        Where it is, as long as the process that made the file holds it.
    """

    payload: bytes
    layout: tuple[Array, ...]
    file: SharedFile

    @classmethod
    def of(cls, value: Any, file: SharedFile) -> Packed:
        """Pack a value, with a file of its own.

        Raises
        ------
        StoreFull
            The disk has no room for its arrays.
        """
        arrays: list[memoryview] = []

        def is_small(buffer: pickle.PickleBuffer) -> bool:
            if buffer.raw().nbytes >= LARGE_BYTES:
                arrays.append(buffer.raw())
                return False
            return True  # it is pickled with the rest

        payload = pickle.dumps(value, protocol=5, buffer_callback=is_small)
        if arrays:
            file.write(arrays)
        return cls(payload, tuple(Array(own.nbytes, own.readonly) for own in arrays), file)

    def value(self) -> Any:
        """Unpack it."""
        arrays = self.file.arrays(self.layout) if self.layout else ()
        return pickle.loads(self.payload, buffers=arrays)


def _opened() -> tuple[IO[bytes], str]:
    """Open a file and say where other processes find it; one without a name where that can be."""
    if sys.platform == "linux":
        file = tempfile.TemporaryFile(buffering=0)
        return file, f"/proc/{os.getpid()}/fd/{file.fileno()}"
    named = tempfile.NamedTemporaryFile(buffering=0)
    return named, named.name


def _at(path: str) -> SharedFile:
    file = object.__new__(SharedFile)
    file.path = path
    return file


def _write(file: IO[bytes], array: memoryview) -> None:
    left = array
    while len(left):  # a write of more than 2 GiB, or to a disk that fills up, stops early
        left = left[file.write(left) :]


def _padding(n_bytes: int) -> int:
    return -n_bytes % _ALIGNED
