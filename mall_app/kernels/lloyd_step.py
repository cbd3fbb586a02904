"""One pass of k-means over any number of rows, and what it takes to move the centres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.compiled import by_blocks, compiled

Rows = npt.NDArray[np.float64] | npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]
_TILE = 128  # rows worked on side by side; their coordinates stay in the processor's cache
_FEW_CLUSTERS = 8
_UNROLLED = 4  # coordinates worked on in one go; where there are fewer, zeros are


@dataclass(frozen=True, eq=False)
class LloydStep:
    """Sums over the rows nearest to each centre; those of several parts of a table add up.

    Parameters
    ----------
    sums : ndarray of shape (n_clusters, n_dimensions)
        Sum of the rows of each centre.
    counts : ndarray of shape (n_clusters,)
        How many they are.
    inertia : float
        Sum over all rows of the squared distance to the nearest centre.
    """

    sums: FloatArray
    counts: IntArray
    inertia: float

    def __add__(self, other: LloydStep) -> LloydStep:
        """Give the step over the rows of both."""
        return LloydStep(
            self.sums + other.sums, self.counts + other.counts, self.inertia + other.inertia
        )

    def times(self, number: int) -> LloydStep:
        """Give the step over rows of which each is there so many times."""
        return LloydStep(self.sums * number, self.counts * number, self.inertia * number)

    def means(self, centres: FloatArray) -> FloatArray:
        """Give the moved centres; one that no row is nearest to stays where it is in `centres`."""
        counts = self.counts[:, None]
        return np.asarray(np.where(counts > 0, self.sums / np.maximum(counts, 1), centres))


def lloyd_step(values: Rows, centres: FloatArray, labels: Labels | None = None) -> LloydStep:
    """Find the nearest centre of each row, and sum the rows up by it.

    Distances are those of the differences in float64, whatever the type of `values`, so that
    tables far from zero lose no digits. Sums do not depend on the number of threads.

    Parameters
    ----------
    values : ndarray of float64 or float32, shape (n_rows, n_dimensions)
        Finite and C-contiguous.
    centres : ndarray of shape (n_clusters, n_dimensions)
        At least one; of equally near ones the first is taken.
    labels : ndarray of int32, shape (n_rows,), optional
        Where to write the centre of each row.

    Returns
    -------
    LloydStep

    Examples
    --------
    >>> step = lloyd_step(np.array([[0.0], [1.0], [10.0]]), np.array([[0.0], [9.0]]))
    >>> step.sums.ravel().tolist(), step.counts.tolist(), step.inertia
    ([1.0, 10.0], [2, 1], 2.0)
    """
    n_rows, n_dimensions = values.shape
    rows = values.view()
    rows.setflags(write=False)  # one kind of array, one compilation
    padding = -n_dimensions % _UNROLLED
    padded = np.pad(np.asarray(centres, dtype=np.float64), ((0, 0), (0, padding)))
    given = np.empty(0, dtype=np.int32) if labels is None else labels

    def work(start: int, stop: int) -> LloydStep:
        sums = np.zeros(padded.shape)
        counts = np.zeros(len(padded), dtype=np.int64)
        inertia = _step(rows, padded, given, start, stop, sums, counts)
        return LloydStep(sums[:, :n_dimensions], counts, inertia)

    nothing = LloydStep(
        np.zeros((len(padded), n_dimensions)), np.zeros(len(padded), dtype=np.int64), 0.0
    )
    return sum(by_blocks(n_rows, work), nothing)


@compiled
def _step(
    values: Any, centres: Any, labels: Any, start: int, stop: int, sums: Any, counts: Any
) -> float:
    tile = np.zeros((centres.shape[1], _TILE))
    apart = np.empty(_TILE)
    nearest = np.empty(_TILE)
    which = np.empty(_TILE)  # clusters, in numbers as wide as distances: chosen with them
    inertia = 0.0
    for first in range(start, stop, _TILE):
        size = min(_TILE, stop - first)
        _load(values, first, size, tile)
        _find_nearest(tile, centres, apart, nearest, which)
        for row in range(size):
            inertia += nearest[row]
        if len(counts) <= _FEW_CLUSTERS:
            which[size:] = -1.0  # what is left of the tile before
            _add_by_cluster(tile, which, sums, counts)
        else:
            _add_by_row(tile, which, size, sums, counts)
        if len(labels):
            for row in range(size):
                labels[first + row] = int(which[row])
    return inertia


@compiled
def _load(values: Any, first: int, size: int, tile: Any) -> None:
    """Lay rows side by side, several columns in one go: they are neighbours in memory."""
    n_dimensions = values.shape[1]
    left = n_dimensions % _UNROLLED
    for column in range(0, n_dimensions - left, 4):
        for row in range(size):
            tile[column, row] = values[first + row, column]
            tile[column + 1, row] = values[first + row, column + 1]
            tile[column + 2, row] = values[first + row, column + 2]
            tile[column + 3, row] = values[first + row, column + 3]
    column = n_dimensions - left
    if left == 3:
        for row in range(size):
            tile[column, row] = values[first + row, column]
            tile[column + 1, row] = values[first + row, column + 1]
            tile[column + 2, row] = values[first + row, column + 2]
    elif left == 2:
        for row in range(size):
            tile[column, row] = values[first + row, column]
            tile[column + 1, row] = values[first + row, column + 1]
    elif left == 1:
        for row in range(size):
            tile[column, row] = values[first + row, column]


@compiled
def _find_nearest(tile: Any, centres: Any, apart: Any, nearest: Any, which: Any) -> None:
    """Find the nearest centre of each row of a tile; the last columns are added as it is chosen."""
    n_clusters, n_padded = centres.shape
    last = n_padded - 4
    nearest[:] = np.inf
    which[:] = 0.0
    for own in range(n_clusters):
        number = np.float64(own)
        apart[:] = 0.0
        for column in range(0, last, 4):
            a, b = centres[own, column], centres[own, column + 1]
            c, d = centres[own, column + 2], centres[own, column + 3]
            for row in range(_TILE):
                p, q = tile[column, row] - a, tile[column + 1, row] - b
                r, s = tile[column + 2, row] - c, tile[column + 3, row] - d
                apart[row] += (p * p + q * q) + (r * r + s * s)
        a, b = centres[own, last], centres[own, last + 1]
        c, d = centres[own, last + 2], centres[own, last + 3]
        for row in range(_TILE):
            p, q = tile[last, row] - a, tile[last + 1, row] - b
            r, s = tile[last + 2, row] - c, tile[last + 3, row] - d
            away = apart[row] + ((p * p + q * q) + (r * r + s * s))
            closer = away < nearest[row]
            nearest[row] = away if closer else nearest[row]
            which[row] = number if closer else which[row]


@compiled
def _add_by_row(tile: Any, which: Any, size: int, sums: Any, counts: Any) -> None:
    for row in range(size):
        own = int(which[row])
        counts[own] += 1
        for column in range(sums.shape[1]):
            sums[own, column] += tile[column, row]


@compiled
def _add_by_cluster(tile: Any, which: Any, sums: Any, counts: Any) -> None:
    """Add up with all rows for each cluster, most of them times zero: quicker where few are."""
    for own in range(len(counts)):
        number = np.float64(own)
        found = 0.0
        for row in range(_TILE):
            found += 1.0 if which[row] == number else 0.0
        counts[own] += int(found)
        for column in range(0, sums.shape[1], 4):
            a = b = c = d = 0.0
            for row in range(_TILE):
                inside = 1.0 if which[row] == number else 0.0
                a += inside * tile[column, row]
                b += inside * tile[column + 1, row]
                c += inside * tile[column + 2, row]
                d += inside * tile[column + 3, row]
            sums[own, column] += a
            sums[own, column + 1] += b
            sums[own, column + 2] += c
            sums[own, column + 3] += d
