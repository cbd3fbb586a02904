"""Tables on their way to a worker: packed once, unpacked once in each worker."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from mall_app.data.table import Table

TABLES_KEPT_IN_A_WORKER = 2


@dataclass(frozen=True)
class Parcel:
    """A pickled table; two parcels are equal when their contents are.

    Parameters
    ----------
    sha256 : str
        Of the table.
    payload : bytes
        The pickled table.
    """

    sha256: str
    payload: bytes = field(compare=False, repr=False)

    @property
    def nbytes(self) -> int:
        """Size of the payload."""
        return len(self.payload)

    @classmethod
    def of(cls, table: Table) -> Parcel:
        """Pack a table together with what every fit derives from it."""
        _ = table.numbers, table.categories
        return cls(table.sha256, pickle.dumps(table, protocol=pickle.HIGHEST_PROTOCOL))


@lru_cache(maxsize=TABLES_KEPT_IN_A_WORKER)
def unpacked(parcel: Parcel) -> Table:
    """Give the table of a parcel; those used last are kept."""
    table: Table = pickle.loads(parcel.payload)
    return table


def call_unpacked(function: Callable[..., Any], parcel: Parcel, *args: Any) -> Any:
    """Call a function with the table of a parcel as its first argument."""
    return function(unpacked(parcel), *args)
