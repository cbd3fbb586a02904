"""Silhouette of each customer, in memory that grows with their number and not its square."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, IntArray, Metric
from mall_app.kernels.silhouette import all_distance_sums, cluster_distance_sums
from mall_app.labels import group_sizes

SMALL_ROWS = 5_000  # numpy takes 0.07 s for as many; loading a kernel takes half a second, once
_BLOCK_DISTANCES = 2_000_000


def silhouette_widths(
    values: npt.NDArray[Any],
    labels: IntArray,
    rows: IntArray | None = None,
    metric: Metric = "euclidean",
) -> FloatArray:
    """Silhouette of each row: how much nearer its own segment is than the next one.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        Finite.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1, at least two clusters, each used; -1 is noise, which there may only be
        where `rows` are given.
    rows : ndarray, optional
        Positions of the rows to score, none of them noise; all by default. Each is compared with
        every row.
    metric : {"euclidean", "cityblock"}, default "euclidean"
        How far apart two rows are.

    Returns
    -------
    ndarray
        From -1 to 1, higher is better; 0 for the only member of a segment.

    References
    ----------
    Rousseeuw, P. J. (1987). Silhouettes: a graphical aid to the interpretation and validation of
    cluster analysis. Journal of Computational and Applied Mathematics 20, 53-65.

    Examples
    --------
    >>> silhouette_widths(np.array([[0.0], [1.0], [5.0]]), np.array([0, 0, 1])).tolist()
    [0.8, 0.75, 0.0]
    """
    sizes = group_sizes(labels)
    if len(labels) < SMALL_ROWS:
        sums = _small_sums(values, labels, rows, sizes, metric)
    elif rows is None:
        sums = all_distance_sums(values, labels, len(sizes), metric)
    else:
        sums = cluster_distance_sums(values[rows], values, labels, len(sizes), metric)
    return widths_from_sums(sums, labels if rows is None else labels[rows], sizes)


def widths_from_sums(sums: FloatArray, labels: IntArray, sizes: IntArray) -> FloatArray:
    """Give silhouettes of rows whose distances to each cluster were added up.

    Parameters
    ----------
    sums : ndarray of shape (n_rows, n_clusters)
        Sum of the distances of a row to all members of a cluster, itself among them.
    labels : ndarray of shape (n_rows,)
        Cluster of each row.
    sizes : ndarray of shape (n_clusters,)
        Members of each cluster, at least one.

    Returns
    -------
    ndarray of shape (n_rows,)

    Examples
    --------
    >>> sums = np.array([[1.0, 5.0], [1.0, 4.0], [9.0, 0.0]])
    >>> widths_from_sums(sums, np.array([0, 0, 1]), np.array([2, 1])).tolist()
    [0.8, 0.75, 0.0]
    """
    here = np.arange(len(labels))
    own_size = sizes[labels]
    within = sums[here, labels] / np.maximum(own_size - 1, 1)
    means = sums / sizes
    means[here, labels] = np.inf
    nearest = means.min(axis=1)
    larger = np.maximum(within, nearest)
    width = np.divide(nearest - within, larger, out=np.zeros_like(larger), where=larger > 0)
    width[own_size == 1] = 0.0
    return np.asarray(width)


def _small_sums(
    values: npt.NDArray[Any],
    labels: IntArray,
    rows: IntArray | None,
    sizes: IntArray,
    metric: Metric,
) -> FloatArray:
    """Add up blocks of distances; those to a cluster lie side by side, so a sum is one pass."""
    order = np.argsort(labels, kind="stable")[len(labels) - sizes.sum() :]  # noise comes first
    members = values[order]
    starts = np.cumsum(sizes) - sizes
    wanted = values if rows is None else values[rows]
    block = max(1, _BLOCK_DISTANCES // len(labels))
    if len(wanted) <= block:
        return np.asarray(np.add.reduceat(cdist(wanted, members, metric), starts, axis=1))
    parts = [
        np.add.reduceat(cdist(wanted[first : first + block], members, metric), starts, axis=1)
        for first in range(0, len(wanted), block)
    ]
    return np.concatenate(parts)
