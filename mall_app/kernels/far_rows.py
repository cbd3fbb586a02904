"""Few rows that make much of the scatter of a large table: a plain sample misses them.

Rows are drawn the more readily the farther they lie from the middle, and count the less for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray
from mall_app.kernels.drawing import lots
from mall_app.kernels.lloyd_step import Rows
from mall_app.kernels.thinning import Far, squared_distances

_MOST_ERROR = 0.02  # of the scatter of a plain sample; it is less than half of that for normal rows
_FAR = 10.0  # times the mean squared distance


@dataclass(frozen=True)
class Spread:
    """How far rows lie from a point; those of several parts of a table add up.

    Parameters
    ----------
    n_rows : int
        How many there are.
    squares : float
        Sum of their squared distances.
    fourths : float
        Sum of the squares of these.
    """

    n_rows: int
    squares: float
    fourths: float

    def __add__(self, other: Spread) -> Spread:
        """Give the sums over the rows of both."""
        return Spread(
            self.n_rows + other.n_rows, self.squares + other.squares, self.fourths + other.fourths
        )

    def is_uneven(self, n_sampled: int) -> bool:
        """Whether the scatter of so many rows drawn evenly may be off by more than 2 %.

        Examples
        --------
        >>> Spread(1_000_000, 1e6, 3e6).is_uneven(50_000), Spread(1_000, 10.0, 99.0).is_uneven(500)
        (False, True)
        """
        if self.squares == 0 or self.n_rows <= n_sampled:
            return False
        variance = self.n_rows * self.fourths / self.squares**2 - 1
        return bool(variance > n_sampled * _MOST_ERROR**2)

    def far_from(self, middle: FloatArray) -> Far:
        """Say which rows are far from the point; they are one in ten at most.

        Examples
        --------
        >>> Spread(2, 8.0, 32.0).far_from(np.zeros(1)).of(np.array([[6.0], [7.0]])).tolist()
        [False, True]
        """
        return Far(middle, _FAR * self.squares / self.n_rows)


def spread_of(values: Rows, middle: FloatArray) -> Spread:
    """Sum up how far the rows of a table, or of a part of it, lie from a point.

    Examples
    --------
    >>> spread_of(np.array([[1.0], [3.0]]), np.array([0.0]))
    Spread(n_rows=2, squares=10.0, fourths=82.0)
    """
    sums = np.zeros(2)
    for own in squared_distances(values, middle):
        sums += own.sum(), own @ own
    return Spread(len(values), float(sums[0]), float(sums[1]))


def far_sample(
    values: Rows, middle: FloatArray, whole: Spread, most: int, random_state: int, start: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Draw rows of a table, or of a part of it, the far ones more readily.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        The table, or a part.
    middle : ndarray of shape (n_dimensions,)
        What they are far from.
    whole : Spread
        Of the whole table, not 0.
    most : int
        Rows to draw of the whole table, about.
    random_state : int
        Seed.
    start : int
        Which row of the table the first of them is.

    Returns
    -------
    rows : ndarray of shape (n_drawn, n_dimensions)
    weights : ndarray of shape (n_drawn,)
        How many rows each stands for.

    References
    ----------
    Bachem, O., Lucic, M. and Krause, A. (2018). Scalable k-means clustering via lightweight
    coresets. KDD 2018, 1119-1127.
    """
    squares = np.concatenate([np.empty(0), *squared_distances(values, middle)])
    chance = np.minimum(1.0, most / 2 * (1 / whole.n_rows + squares / whole.squares))
    drawn = np.flatnonzero(lots(random_state, len(values), start) < chance)
    return np.asarray(values[drawn], dtype=np.float64), 1 / chance[drawn]
