"""Sums of the distances between rows and the members of each cluster: all a silhouette needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray, Metric
from mall_app.kernels.compiled import as_input, as_labels, by_blocks, compiled

_TILE_NUMBERS = 8_192  # coordinates of a tile: what stays in the processor's nearest cache


def cluster_distance_sums(
    rows: npt.ArrayLike,
    values: npt.ArrayLike,
    labels: npt.ArrayLike,
    n_clusters: int,
    metric: Metric = "euclidean",
) -> FloatArray:
    """Sum the distances of some rows to all members of each cluster.

    Distances are those of the differences in float64, whatever the types, so that tables far from
    zero lose no digits. Sums over the parts of a table add up to those over the whole, and do not
    depend on the number of threads. Memory grows with the rows asked for, not with `values`.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_dimensions)
        Finite; whose distances are wanted.
    values : ndarray of shape (n_members, n_dimensions)
        Finite; float32 and float64 are taken as they are.
    labels : ndarray of shape (n_members,)
        0 to n_clusters - 1; negative ones are noise and left out.
    n_clusters : int
        Number of clusters.
    metric : {"euclidean", "cityblock"}, default "euclidean"
        How far apart two rows are.

    Returns
    -------
    ndarray of shape (n_rows, n_clusters)

    Examples
    --------
    >>> cluster_distance_sums([[0.0]], [[1.0], [2.0], [5.0]], [0, 0, 1], 2).tolist()
    [[3.0, 5.0]]
    """
    members, codes = as_input(values), as_labels(labels)
    padding = -members.shape[1] % 4
    padded = np.pad(np.asarray(rows, dtype=np.float64), ((0, 0), (0, padding)))
    wanted = as_input(padded)
    squared = metric == "euclidean"

    def work(start: int, stop: int) -> FloatArray:
        sums = np.zeros((len(wanted), n_clusters))
        _add_distances(wanted, members, codes, start, stop, squared, _TILE_NUMBERS, sums)
        return sums

    nothing = np.zeros((len(wanted), n_clusters))
    return np.asarray(sum(by_blocks(len(members), work), nothing))


@compiled
def _add_distances(
    rows: Any,
    values: Any,
    labels: Any,
    start: int,
    stop: int,
    squared: bool,
    tile_numbers: int,
    sums: Any,
) -> None:
    n_dimensions, n_padded, n_clusters = values.shape[1], rows.shape[1], sums.shape[1]
    most = max(256, tile_numbers // n_padded)
    tile, apart = np.zeros((n_padded, most)), np.zeros(most)
    ends, place = np.empty(n_clusters + 1, np.int64), np.empty(n_clusters, np.int64)
    final = n_padded - 4
    for first in range(start, stop, most):
        last = min(first + most, stop)
        # Members of a cluster are laid side by side.
        ends[:] = 0
        for member in range(first, last):
            if labels[member] >= 0:
                ends[labels[member] + 1] += 1
        for own in range(n_clusters):
            ends[own + 1] += ends[own]
            place[own] = ends[own]
        for member in range(first, last):
            own = labels[member]
            if own >= 0:
                for column in range(n_dimensions):
                    tile[column, place[own]] = values[member, column]
                place[own] += 1
        size = ends[n_clusters]
        for row in range(len(rows)):
            for column in range(0, final, 4):
                a, b = rows[row, column], rows[row, column + 1]
                c, d = rows[row, column + 2], rows[row, column + 3]
                for member in range(size):
                    p, q = tile[column, member] - a, tile[column + 1, member] - b
                    r, s = tile[column + 2, member] - c, tile[column + 3, member] - d
                    before = 0.0 if column == 0 else apart[member]
                    if squared:
                        apart[member] = before + ((p * p + q * q) + (r * r + s * s))
                    else:
                        apart[member] = before + ((abs(p) + abs(q)) + (abs(r) + abs(s)))
            a, b = rows[row, final], rows[row, final + 1]
            c, d = rows[row, final + 2], rows[row, final + 3]
            for own in range(n_clusters):
                total = 0.0
                for member in range(ends[own], ends[own + 1]):
                    p, q = tile[final, member] - a, tile[final + 1, member] - b
                    r, s = tile[final + 2, member] - c, tile[final + 3, member] - d
                    if squared:
                        square = (p * p + q * q) + (r * r + s * s)
                        total += np.sqrt(apart[member] + square)
                    else:
                        total += apart[member] + ((abs(p) + abs(q)) + (abs(r) + abs(s)))
                sums[row, own] += total
