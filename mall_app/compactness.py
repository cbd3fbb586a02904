"""How tight segments are, and how far apart: inertia and the scores made of means and squares."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.scatter import Scatter, cluster_means, scatter_sums
from mall_app.labels import group_means
from mall_app.silhouette import SMALL_ROWS

_EQUAL_BLOCK = 65_536


def scatter_of(values: FloatArray, labels: IntArray, n_clusters: int) -> tuple[FloatArray, Scatter]:
    """Give the mean of each segment, and how far its rows lie from it.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        What was clustered.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1, each used; -1 is noise and left out.
    n_clusters : int
        Number of segments.

    Returns
    -------
    centres : ndarray of shape (n_clusters, n_dimensions)
    scatter : Scatter

    Examples
    --------
    >>> centres, scatter = scatter_of(np.array([[0.0], [1.0]]), np.array([0, 0]), 1)
    >>> centres.tolist(), scatter.squares.tolist()
    ([[0.5]], [0.5])
    """
    if len(values) >= SMALL_ROWS:
        _, centres = cluster_means(values, labels, n_clusters)
        return centres, scatter_sums(values, labels, centres, n_clusters)
    kept = labels >= 0
    if not kept.all():
        values, labels = values[kept], labels[kept]
    centres = group_means(values, labels, n_clusters)
    apart = values - centres[labels]
    squares: FloatArray = np.einsum("ij,ij->i", apart, apart)
    distances: FloatArray = np.sqrt(squares)
    return centres, Scatter(
        np.bincount(labels, minlength=n_clusters),
        np.bincount(labels, distances, n_clusters).astype(np.float64, copy=False),
        np.bincount(labels, squares, n_clusters).astype(np.float64, copy=False),
    )


def davies_bouldin(scatter: Scatter, centres: FloatArray) -> float:
    """Mean over segments of the worst ratio of scatter to separation (Davies & Bouldin 1979).

    Parameters
    ----------
    scatter : Scatter
        Of at least two segments, each with rows.
    centres : ndarray of shape (n_clusters, n_dimensions)
        Their means.

    Returns
    -------
    float
        0 or more, lower is better.

    Examples
    --------
    >>> centres = np.array([[0.5], [10.5]])
    >>> sums = scatter_sums([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1], centres, 2)
    >>> davies_bouldin(sums, centres)
    0.1
    """
    spread = scatter.distances / scatter.counts
    apart = cdist(centres, centres)
    apart[apart == 0] = np.inf
    return float(((spread[:, None] + spread) / apart).max(axis=1).mean())


def calinski_harabasz(scatter: Scatter, centres: FloatArray) -> float | None:
    """Ratio of between- to within-segment variance (Calinski & Harabasz 1974).

    Parameters
    ----------
    scatter : Scatter
        Of at least two segments, each with rows, fewer than there are rows.
    centres : ndarray of shape (n_clusters, n_dimensions)
        Their means.

    Returns
    -------
    float or None
        0 or more, higher is better; None where segments have no scatter.

    Examples
    --------
    >>> centres = np.array([[0.5], [10.5]])
    >>> sums = scatter_sums([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1], centres, 2)
    >>> calinski_harabasz(sums, centres)
    200.0
    """
    inertia, n_clusters = float(scatter.squares.sum()), len(centres)
    if inertia == 0:
        return None
    n_rows = int(scatter.counts.sum())
    # From one of the centres, so that tables far from zero lose no digits.
    offsets = centres - centres[0]
    middle = scatter.counts @ offsets / n_rows
    between = scatter.counts @ ((offsets - middle) ** 2).sum(axis=1)
    return float(between * (n_rows - n_clusters) / (inertia * (n_clusters - 1)))


def sum_to_medians(values: FloatArray, labels: IntArray) -> float:
    """Sum of city-block distances to the median of each segment, the centre that makes it least."""
    return float(
        sum(
            np.abs(values[labels == own] - np.median(values[labels == own], axis=0)).sum()
            for own in range(int(labels.max()) + 1)
        )
    )


def equal_within(values: FloatArray, labels: IntArray, centres: FloatArray, inertia: float) -> bool:
    """Whether the rows of each segment are equal: rounding of the centre hides it in inertia."""
    rounding = 2 * len(values) * np.finfo(float).eps * np.abs(centres).max()
    if inertia > values.size * rounding**2:
        return False
    kept = np.flatnonzero(labels >= 0)
    _, first = np.unique(labels[kept], return_index=True)
    firsts = values[kept[first]]
    return all(
        bool((values[block] == firsts[labels[block]]).all())
        for block in np.array_split(kept, max(1, len(kept) // _EQUAL_BLOCK))
    )
