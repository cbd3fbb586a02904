"""How far the rows of each cluster lie from its centre, in one pass over any number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.compiled import as_input, as_labels, by_blocks, compiled


@dataclass(frozen=True, eq=False)
class Scatter:
    """Sums over the rows of each cluster; those of several parts of a table add up.

    Parameters
    ----------
    counts : ndarray of shape (n_clusters,)
        Rows of each cluster.
    distances : ndarray of shape (n_clusters,)
        Sum of their Euclidean distances to its centre.
    squares : ndarray of shape (n_clusters,)
        Sum of the squares of these.
    """

    counts: IntArray
    distances: FloatArray
    squares: FloatArray

    def __add__(self, other: Scatter) -> Scatter:
        """Give the sums over the rows of both."""
        return Scatter(
            self.counts + other.counts,
            self.distances + other.distances,
            self.squares + other.squares,
        )


def scatter_sums(
    values: npt.ArrayLike, labels: npt.ArrayLike, centres: FloatArray, n_clusters: int
) -> Scatter:
    """Sum the distances of rows to the centre of their cluster, and their squares.

    Distances are those of the differences in float64, whatever the type of `values`, so that
    tables far from zero lose no digits. Sums do not depend on the number of threads.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        Finite; float32 and float64 are taken as they are.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1; negative ones are noise and left out.
    centres : ndarray of shape (n_clusters, n_dimensions)
        One for each cluster.
    n_clusters : int
        Number of clusters.

    Returns
    -------
    Scatter

    Examples
    --------
    >>> found = scatter_sums([[0.0], [1.0], [9.0]], [0, 0, -1], np.array([[0.0]]), 1)
    >>> found.counts.tolist(), found.distances.tolist(), found.squares.tolist()
    ([2], [1.0], [1.0])
    """
    rows = as_input(values)
    codes = as_labels(labels, len(rows), n_clusters)
    middles = as_input(np.asarray(centres, dtype=np.float64))

    def work(start: int, stop: int) -> Scatter:
        counts = np.zeros(n_clusters, dtype=np.int64)
        distances, squares = np.zeros(n_clusters), np.zeros(n_clusters)
        _add_scatter(rows, codes, middles, start, stop, counts, distances, squares)
        return Scatter(counts, distances, squares)

    nothing = Scatter(
        np.zeros(n_clusters, dtype=np.int64), np.zeros(n_clusters), np.zeros(n_clusters)
    )
    return sum(by_blocks(len(rows), work), nothing)


def cluster_means(
    values: npt.ArrayLike, labels: npt.ArrayLike, n_clusters: int
) -> tuple[IntArray, FloatArray]:
    """Count the rows of each cluster and give their mean.

    What is summed is the difference to the first row, so that tables far from zero lose no digits.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        Finite, a row at least; float32 and float64 are taken as they are.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1; negative ones are noise and left out.
    n_clusters : int
        Number of clusters.

    Returns
    -------
    counts : ndarray of shape (n_clusters,)
    means : ndarray of shape (n_clusters, n_dimensions)
        nan for a cluster without rows.

    Examples
    --------
    >>> counts, means = cluster_means([[0.0], [1.0], [9.0]], [0, 0, -1], 1)
    >>> counts.tolist(), means.tolist()
    ([2], [[0.5]])
    """
    rows = as_input(values)
    codes = as_labels(labels, len(rows), n_clusters)
    shape = (n_clusters, rows.shape[1])

    def work(start: int, stop: int) -> tuple[IntArray, FloatArray]:
        counts, sums = np.zeros(n_clusters, dtype=np.int64), np.zeros(shape)
        _add_rows(rows, codes, start, stop, counts, sums)
        return counts, sums

    counts, sums = np.zeros(n_clusters, dtype=np.int64), np.zeros(shape)
    for own_counts, own_sums in by_blocks(len(rows), work):
        counts += own_counts
        sums += own_sums
    with np.errstate(invalid="ignore"):
        return counts, rows[0] + sums / counts[:, None]


@compiled
def _add_scatter(
    values: Any,
    labels: Any,
    centres: Any,
    start: int,
    stop: int,
    counts: Any,
    distances: Any,
    squares: Any,
) -> None:
    n_dimensions = values.shape[1]
    for row in range(start, stop):
        own = labels[row]
        if own < 0:
            continue
        square = 0.0
        for column in range(n_dimensions):
            apart = values[row, column] - centres[own, column]
            square += apart * apart
        counts[own] += 1
        distances[own] += np.sqrt(square)
        squares[own] += square


@compiled
def _add_rows(values: Any, labels: Any, start: int, stop: int, counts: Any, sums: Any) -> None:
    n_dimensions = values.shape[1]
    for row in range(start, stop):
        own = labels[row]
        if own < 0:
            continue
        counts[own] += 1
        for column in range(n_dimensions):
            sums[own, column] += np.float64(values[row, column]) - values[0, column]
