"""Silhouette of each customer, in memory that grows with their number and not its square."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, IntArray, Metric

EXACT_ROWS = 20_000
SAMPLE_ROWS = 2_000
_BLOCK_DISTANCES = 2_000_000


def silhouette_samples(
    values: FloatArray,
    labels: IntArray,
    rows: IntArray | None = None,
    metric: Metric = "euclidean",
) -> FloatArray:
    """Silhouette of each row: how much nearer its own segment is than the next one.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        No noise among them.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1, at least two clusters, each used.
    rows : ndarray, optional
        Positions of the rows to score; all by default. Each is compared with every row.
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
    >>> silhouette_samples(np.array([[0.0], [1.0], [5.0]]), np.array([0, 0, 1])).tolist()
    [0.8, 0.75, 0.0]
    """
    order = np.argsort(labels, kind="stable")
    sorted_values = values[order]
    sizes = np.bincount(labels)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    rows = np.arange(len(labels)) if rows is None else rows
    block = max(1, _BLOCK_DISTANCES // len(labels))
    parts = [
        _silhouette_block(cdist(values[chunk], sorted_values, metric), labels[chunk], starts, sizes)
        for chunk in np.split(rows, range(block, len(rows), block))
    ]
    return np.concatenate(parts)


def _silhouette_block(
    distances: FloatArray,
    labels: IntArray,
    starts: IntArray,
    sizes: IntArray,
) -> FloatArray:
    """Score one block; distances to a cluster lie side by side, so a sum each is one pass."""
    sums = np.add.reduceat(distances, starts, axis=1)
    here = np.arange(len(labels))
    own_size = sizes[labels]
    within = sums[here, labels] / np.maximum(own_size - 1, 1)
    means = sums / sizes
    means[here, labels] = np.inf
    nearest = means.min(axis=1)
    larger = np.maximum(within, nearest)
    width = np.divide(nearest - within, larger, out=np.zeros_like(larger), where=larger > 0)
    return np.asarray(np.where(own_size > 1, width, 0.0))


def stratified_sample(labels: IntArray, random_state: int) -> IntArray:
    """Draw rows from each segment in proportion, two of each at least (or all it has)."""
    generator = np.random.default_rng(random_state)
    sizes = np.bincount(labels)
    wanted = np.minimum(sizes, np.maximum(2, np.round(SAMPLE_ROWS * sizes / len(labels))))
    return np.sort(
        np.concatenate(
            [
                generator.choice(np.flatnonzero(labels == own), int(count), replace=False)
                for own, count in enumerate(wanted)
            ]
        )
    )
