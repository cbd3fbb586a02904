"""Tables on their way to a worker: packed once, unpacked once in each worker."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

from mall_app.cache import ResultCache
from mall_app.data.table import Table
from mall_app.engine.shared_file import Packed, SharedFile

TABLES_KEPT_IN_A_WORKER = 2
LARGE_TABLES_KEPT = 4


@dataclass(frozen=True)
class Parcel:
    """A packed table; two parcels are equal when their contents are.

    Parameters
    ----------
    sha256 : str
        Of the table.
    content : Packed
        The table; that of a large one has its numbers in a file.
    """

    sha256: str
    content: Packed = field(compare=False, repr=False)

    @property
    def nbytes(self) -> int:
        """Memory it takes here."""
        return len(self.content.payload)

    @classmethod
    def of(cls, table: Table) -> Parcel:
        """Pack a table together with what every fit derives from it."""
        table.prepare()
        return cls(table.sha256, Packed.of(table, SharedFile()))


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
        """Give the parcel of a table.

        Raises
        ------
        StoreFull
            The disk has no room for the file of a large one.
        """
        with self._lock:
            known: Parcel | None = self._small.get(table.sha256) or self._large.get(table.sha256)
            parcel = Parcel.of(table) if known is None else known
            if not parcel.content.layout:
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
    table: Table = parcel.content.value()
    return table


def call_unpacked(function: Callable[..., Any], parcel: Parcel, *args: Any) -> Any:
    """Call a function with the table of a parcel as its first argument."""
    return function(unpacked(parcel), *args)
