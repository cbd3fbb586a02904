"""Sums of the distances between rows and the members of each cluster: all a silhouette needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray, IntArray, Metric
from mall_app.kernels.compiled import BLOCK_ROWS, as_input, as_labels, by_blocks, in_rounds
from mall_app.kernels.distances import add_members, add_pairs
from mall_app.progress import step

_BLOCK_ROWS = 1_024
_LEAST_BLOCKS = 16
_BLOCK_PAIRS = 40_000_000  # some tens of milliseconds of one core


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
    members = as_input(values)
    codes = as_labels(labels, len(members), n_clusters)
    points = _columns(np.asarray(rows), metric)
    n_points = points.shape[1]
    euclidean = metric == "euclidean"

    def work(start: int, stop: int) -> FloatArray:
        sums = np.zeros((n_clusters, n_points))
        add_members(points, members, codes, start, stop, euclidean, sums)
        return sums

    nothing = np.zeros((n_clusters, n_points))
    block_rows = max(1, min(BLOCK_ROWS, _BLOCK_PAIRS // max(1, n_points)))
    total: FloatArray = sum(by_blocks(len(members), work, block_rows), nothing)
    return np.ascontiguousarray(total.T)


def all_distance_sums(
    values: npt.ArrayLike, labels: npt.ArrayLike, n_clusters: int, metric: Metric = "euclidean"
) -> FloatArray:
    """Sum the distances of each row to all members of each cluster, every pair worked out once.

    The same sums as `cluster_distance_sums` gives for all rows, in half the time. Memory grows with
    the number of rows, not its square. Sums do not depend on the number of threads.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        Finite.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1; no noise.
    n_clusters : int
        Number of clusters.
    metric : {"euclidean", "cityblock"}, default "euclidean"
        How far apart two rows are.

    Returns
    -------
    ndarray of shape (n_rows, n_clusters)

    Examples
    --------
    >>> all_distance_sums([[0.0], [1.0], [5.0]], [0, 0, 1], 2).tolist()
    [[1.0, 5.0], [1.0, 4.0], [9.0, 0.0]]
    """
    codes = as_labels(labels, len(np.asarray(values)), n_clusters)
    order = np.argsort(codes, kind="stable")
    columns, sorted_codes = _columns(np.asarray(values)[order], metric), codes[order]
    starts = np.searchsorted(sorted_codes, np.arange(n_clusters + 1))
    n_blocks = max(_LEAST_BLOCKS, -(-len(codes) // (4 * _BLOCK_ROWS)) * 4)
    bounds = np.linspace(0, len(codes), n_blocks + 1).astype(np.int64)
    sums = np.zeros((n_clusters, len(codes)))
    euclidean = metric == "euclidean"

    def work(pairs: IntArray) -> None:
        add_pairs(columns, sorted_codes, starts, bounds, pairs, euclidean, sums)

    in_rounds(_rounds(n_blocks), work)
    found = np.empty((len(codes), n_clusters))
    found[order] = sums.T
    return found


def _columns(rows: npt.NDArray[Any], metric: Metric) -> FloatArray:
    """Lay rows out column by column, with columns of zeros up to three or a multiple of four."""
    n_rows, n_dimensions = rows.shape
    few = n_dimensions <= 3 and metric == "euclidean"
    columns = np.zeros((3 if few else -(-n_dimensions // 4) * 4, n_rows))
    columns[:n_dimensions] = rows.T
    return columns


def _rounds(n_blocks: int) -> Iterator[IntArray]:
    """Pair each block with itself, then with each other one; no block is twice in a round.

    So that the pairs of a round can be worked on at once, and what is added to a row is added in
    the order of the rounds. It is how a tournament of an even number of players is drawn up.
    """
    yield np.repeat(np.arange(n_blocks), 2).reshape(-1, 2)
    for turn in range(n_blocks - 1):
        step(turn + 1, n_blocks, "Comparing customers")
        ring = (np.arange(n_blocks - 1) + turn) % (n_blocks - 1)
        table = np.concatenate([[n_blocks - 1], ring])
        pairs = np.stack([table[: n_blocks // 2], table[: n_blocks // 2 - 1 : -1]], axis=1)
        yield np.sort(pairs, axis=1)
