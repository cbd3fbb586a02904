"""Rows of a table that are selected, any number of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import IntArray


class Rows(Sequence[int]):
    """Rows kept in an array: a list of ten million integers would take 400 MB.

    Parameters
    ----------
    values : ndarray of int
        The rows, rising.

    Examples
    --------
    >>> rows = Rows(np.array([2, 5]))
    >>> len(rows), list(rows), rows == [2, 5], bool(Rows(np.array([], dtype=int)))
    (2, [2, 5], True, False)
    """

    def __init__(self, values: IntArray) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> Rows: ...

    def __getitem__(self, place: int | slice) -> int | Rows:
        found = self.values[place]
        return Rows(found) if isinstance(place, slice) else int(found)

    def __iter__(self) -> Iterator[int]:
        return iter(self.values.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and np.array_equal(self.values, as_array(other))

    def __hash__(self) -> int:
        return hash(self.values.tobytes())


def as_array(rows: Sequence[Any]) -> IntArray:
    """Give selected rows as an array, without a copy where they are one."""
    return rows.values if isinstance(rows, Rows) else np.asarray(rows, dtype=np.int64)


def are_in(rows: IntArray, selected: IntArray) -> npt.NDArray[np.bool_]:
    """Say of each row whether it is among selected ones, which rise; any number of these.

    Examples
    --------
    >>> are_in(np.array([7, 2, 5]), np.array([2, 5])).tolist()
    [False, True, True]
    """
    return look_up(rows, selected)[1]


def look_up(rows: IntArray, among: IntArray) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Give the place of each row among others, which rise, and whether it is there at all.

    Examples
    --------
    >>> places, found = look_up(np.array([7, 2, 5]), np.array([2, 5]))
    >>> places[found].tolist(), found.tolist()
    ([0, 1], [False, True, True])
    """
    if not len(among):
        return np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.bool_)
    places = np.minimum(np.searchsorted(among, rows), len(among) - 1)
    return places, np.asarray(among[places] == rows)
