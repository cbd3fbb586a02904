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
_FEW_CLUSTERS = 6
_UNROLLED = 4  # coordinates added up in one go; the others are padded with zeros


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
        sums = np.zeros((len(padded), n_dimensions))
        counts = np.zeros(len(padded), dtype=np.int64)
        inertia = _step(rows, padded, given, start, stop, sums, counts)
        return LloydStep(sums, counts, inertia)

    nothing = LloydStep(
        np.zeros((len(padded), n_dimensions)), np.zeros(len(padded), dtype=np.int64), 0.0
    )
    return sum(by_blocks(n_rows, work), nothing)


@compiled
def _step(
    values: Any, centres: Any, labels: Any, start: int, stop: int, sums: Any, counts: Any
) -> float:
    n_dimensions = values.shape[1]
    n_clusters, n_padded = centres.shape
    tile = np.zeros((n_padded, _TILE))
    apart = np.empty(_TILE)
    nearest = np.empty(_TILE)
    which = np.empty(_TILE, dtype=np.int64)
    inertia = 0.0
    for first in range(start, stop, _TILE):
        size = min(_TILE, stop - first)
        for row in range(size):
            for column in range(n_dimensions):
                tile[column, row] = values[first + row, column]
        nearest[:] = np.inf
        which[:] = 0
        for own in range(n_clusters):
            apart[:] = 0.0
            for column in range(0, n_padded, 4):
                a, b = centres[own, column], centres[own, column + 1]
                c, d = centres[own, column + 2], centres[own, column + 3]
                for row in range(_TILE):
                    p, q = tile[column, row] - a, tile[column + 1, row] - b
                    r, s = tile[column + 2, row] - c, tile[column + 3, row] - d
                    apart[row] += (p * p + q * q) + (r * r + s * s)
            for row in range(_TILE):
                closer = apart[row] < nearest[row]
                nearest[row] = apart[row] if closer else nearest[row]
                which[row] = own if closer else which[row]
        for row in range(size):
            inertia += nearest[row]
        if n_clusters <= _FEW_CLUSTERS:
            which[size:] = -1  # what is left of the tile before
            _add_by_cluster(tile, which, sums, counts)
        else:
            _add_by_row(tile, which, size, sums, counts)
        if len(labels):
            for row in range(size):
                labels[first + row] = which[row]
    return inertia


@compiled
def _add_by_row(tile: Any, which: Any, size: int, sums: Any, counts: Any) -> None:
    for row in range(size):
        own = which[row]
        counts[own] += 1
        for column in range(sums.shape[1]):
            sums[own, column] += tile[column, row]


@compiled
def _add_by_cluster(tile: Any, which: Any, sums: Any, counts: Any) -> None:
    """Add up with all rows for each cluster, most of them times zero: quicker where few are."""
    inside = np.empty(_TILE)
    for own in range(len(counts)):
        found = 0.0
        for row in range(_TILE):
            inside[row] = 1.0 if which[row] == own else 0.0
            found += inside[row]
        counts[own] += int(found)
        for column in range(sums.shape[1]):
            total = 0.0
            for row in range(_TILE):
                total += inside[row] * tile[column, row]
            sums[own, column] += total
