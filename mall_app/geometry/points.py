"""The customers as points: where each one lies, and how far apart two of them are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Metric = Literal["euclidean", "cityblock"]
ENOUGH_DISTINCT = 5_000
MANY_ROWS = 50_000
_SPARSE = 10


@dataclass(frozen=True)
class Block:
    """The columns of `Points.values` that one feature was made into.

    Parameters
    ----------
    feature : str
        Name of the feature.
    start, stop : int
        First column, and the one after the last.
    categorical : bool
        Whether they are the values of a category, one column each.
    """

    feature: str
    start: int
    stop: int
    categorical: bool


@dataclass(frozen=True, eq=False)
class Points:
    """What an algorithm is given.

    Gower's distance is the sum of absolute differences between coordinates that were scaled for it,
    so that one metric-aware algorithm serves both distances.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        Coordinates; finite, C-contiguous, read-only.
    metric : {"euclidean", "cityblock"}
        How far apart two rows are; as scipy and scikit-learn name it.
    blocks : tuple of Block
        Which columns belong to which feature; by default each column is a number of its own.

    Examples
    --------
    >>> Points(np.array([[0.0, 0.0], [3.0, 4.0]]), "cityblock").distances().tolist()
    [[0.0, 7.0], [7.0, 0.0]]
    """

    values: FloatArray
    metric: Metric = "euclidean"
    blocks: tuple[Block, ...] = ()

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.values)

    def take(self, rows: npt.NDArray[np.int64] | slice) -> Points:
        """Give some of the points, in the order of `rows`."""
        values = np.ascontiguousarray(self.values[rows])
        values.setflags(write=False)
        return Points(values, self.metric, self.blocks)

    def distances(self, others: FloatArray | None = None) -> FloatArray:
        """Give the distance of each point to each of `others`, or of all to all.

        Returns
        -------
        ndarray of shape (n_rows, n_others)
        """
        values = self.values if others is None else others
        return np.asarray(cdist(self.values, values, self.metric))

    @cached_property
    def n_distinct(self) -> int:
        """Number of distinct rows, or enough of them; see `count_distinct`."""
        return count_distinct(self.values)


def position_type(n_rows: int) -> Any:
    """Give the type of positions in a table: int32 takes half the memory where there are many.

    Examples
    --------
    >>> position_type(200).__name__, position_type(1_000_000).__name__
    ('int64', 'int32')
    """
    return np.int32 if MANY_ROWS < n_rows < 2**31 else np.int64


def all_rows(n_rows: int) -> IntArray:
    """Give the positions of all rows of a table."""
    return np.arange(n_rows, dtype=position_type(n_rows))


def rows_of(column: npt.NDArray[Any], rows: IntArray) -> npt.NDArray[Any]:
    """Give some rows of an array; it itself where they are all, for a copy takes memory.

    Parameters
    ----------
    column : ndarray of shape (n_rows, ...)
        Any array.
    rows : ndarray of int
        Rising positions, none twice.

    Examples
    --------
    >>> rows_of(np.array([4.0, 5.0, 6.0]), np.array([0, 2])).tolist()
    [4.0, 6.0]
    """
    return column if len(rows) == len(column) else column[rows]


def count_distinct(values: FloatArray) -> int:
    """Count distinct rows: all, or 5 000 at least when there are that many in a tenth of them.

    Nobody asks for more segments than 1 000, so that beyond it only enough of them matter.

    Examples
    --------
    >>> count_distinct(np.array([[0.0], [1.0], [-0.0]]))
    2
    """
    some = values[::_SPARSE]
    if len(some) >= ENOUGH_DISTINCT:
        found = _count_distinct(some)
        if found >= ENOUGH_DISTINCT:
            return found
    return _count_distinct(values)


def _count_distinct(values: FloatArray) -> int:
    """Count rows as bytes; adding 0.0 makes -0.0 equal to 0.0."""
    rows = np.ascontiguousarray(values + 0.0)
    return len(np.unique(rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1])))))
