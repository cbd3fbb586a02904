"""Tables on their way to a worker: packed once, unpacked once in each worker.

The numbers of a large table go through a file that the workers map into their memory: they are
there once for all of them, and the server neither copies nor sends them for each fit.
"""

from __future__ import annotations

import mmap
import os
import pickle
import sys
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import IO, Any

from mall_app.cache import ResultCache
from mall_app.data.table import Table
from mall_app.errors import StoreFull

TABLES_KEPT_IN_A_WORKER = 2
LARGE_TABLES_KEPT = 4
LARGE_BYTES = 1_000_000
_ALIGNED = 64  # what vector instructions like


@dataclass(frozen=True)
class Parcel:
    """A pickled table; two parcels are equal when their contents are.

    Parameters
    ----------
    sha256 : str
        Of the table.
    payload : bytes
        The pickled table; of a large one without its numbers.
    path : str
        File of the numbers of a large table; it is there as long as the parcel is.
    sizes : tuple of int
        Bytes of each array in the file, one after the other.
    """

    sha256: str
    payload: bytes = field(compare=False, repr=False)
    path: str = field(default="", compare=False)
    sizes: tuple[int, ...] = field(default=(), compare=False, repr=False)

    @property
    def nbytes(self) -> int:
        """Size of the payload."""
        return len(self.payload)

    @classmethod
    def of(cls, table: Table) -> Parcel:
        """Pack a table together with what every fit derives from it.

        Raises
        ------
        StoreFull
            The disk has no room for the file of a large one.
        """
        _ = table.numbers, table.categories
        arrays: list[pickle.PickleBuffer] = []
        payload = pickle.dumps(table, protocol=5, buffer_callback=arrays.append)
        raw = [own.raw() for own in arrays]
        sizes = tuple(own.nbytes for own in raw)
        if sum(sizes) < LARGE_BYTES:
            return cls(table.sha256, pickle.dumps(table, protocol=5))
        file, path = _nameless()
        try:
            _write(file, raw)
        except OSError as error:
            file.close()
            raise StoreFull(
                f"A table of {sum(sizes) // 10**6} MB could not be handed to a worker, for "
                f"{tempfile.gettempdir()} takes no more: {error.strerror}. Make room there."
            ) from error
        parcel = cls(table.sha256, payload, path, sizes)
        weakref.finalize(parcel, file.close)
        return parcel

    def arrays(self) -> Iterator[memoryview]:
        """Give the arrays of the file, to be read and written without a change of the file."""
        if not self.path:
            return
        with open(self.path, "rb") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        start = 0
        for size in self.sizes:
            yield mapped[start : start + size]
            start += _padded(size)


def _nameless() -> tuple[IO[bytes], str]:
    """Open a file that goes with this process, however that ends, and say where others find it."""
    if sys.platform == "linux":
        file = tempfile.TemporaryFile(buffering=0)
        return file, f"/proc/{os.getpid()}/fd/{file.fileno()}"
    named = tempfile.NamedTemporaryFile(buffering=0)
    return named, named.name


def _write(file: IO[bytes], arrays: Iterable[memoryview]) -> None:
    for own in arrays:
        left = own
        while len(left):  # a write of more than 2 GiB, or into a disk that fills up, stops early
            left = left[file.write(left) :]
        file.write(bytes(_padded(own.nbytes) - own.nbytes))


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


class Parcels:
    """The tables that were packed last.

    Parameters
    ----------
    max_bytes : int
        Bound on small ones together. Of large ones a few are kept, in files.
    """

    def __init__(self, max_bytes: int) -> None:
        self._small = ResultCache(max_bytes)
        self._large: OrderedDict[str, Parcel] = OrderedDict()
        self._lock = Lock()

    def of(self, table: Table) -> Parcel:
        """Give the parcel of a table; see `Parcel.of`."""
        with self._lock:
            known: Parcel | None = self._small.get(table.sha256) or self._large.get(table.sha256)
            parcel = Parcel.of(table) if known is None else known
            if not parcel.path:
                self._small.put(table.sha256, parcel)
                return parcel
            self._large[table.sha256] = parcel
            self._large.move_to_end(table.sha256)
            while len(self._large) > LARGE_TABLES_KEPT:
                self._large.popitem(last=False)
            return parcel


@lru_cache(maxsize=TABLES_KEPT_IN_A_WORKER)
def unpacked(parcel: Parcel) -> Table:
    """Give the table of a parcel; those used last are kept."""
    table: Table = pickle.loads(parcel.payload, buffers=parcel.arrays())
    return table


def call_unpacked(function: Callable[..., Any], parcel: Parcel, *args: Any) -> Any:
    """Call a function with the table of a parcel as its first argument."""
    return function(unpacked(parcel), *args)
