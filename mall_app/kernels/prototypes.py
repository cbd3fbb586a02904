"""k-prototypes on coordinates: the middle of a category is one of its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, IntArray, Points
from mall_app.labels import group_means

Measure = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Prototypes:
    """The best of several starts.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        The nearest prototype of each row, every prototype used.
    centres : ndarray of shape (n_clusters, n_dimensions)
        The prototypes, as coordinates.
    cost : float
        Sum of the distances (Euclidean: squared) of the rows to their prototypes.
    converged : bool
        Whether it came to rest within `max_iter` passes.
    """

    labels: IntArray
    centres: FloatArray
    cost: float
    converged: bool


def k_prototypes(
    points: Points,
    n_clusters: int,
    *,
    n_init: int = 10,
    max_iter: int = 100,
    random_state: int = 0,
) -> Prototypes:
    """Partition rows around prototypes, keeping the best of `n_init` starts.

    Squared Euclidean distance is least to means, city-block distance to medians; both to the most
    frequent value of a category.

    Parameters
    ----------
    points : Points
        At least `n_clusters` distinct rows; `blocks` say which coordinates make a category.
    n_clusters : int
        Number of prototypes, at least 1.
    n_init : int
        Number of starts, each drawn as k-means++ draws its centres.
    max_iter : int
        Most passes of a start.
    random_state : int
        Seed.

    Returns
    -------
    Prototypes

    References
    ----------
    Huang, Z. (1998). Extensions to the k-means algorithm for clustering large data sets with
    categorical values. Data Mining and Knowledge Discovery 2, 283-304.

    Examples
    --------
    >>> k_prototypes(Points(np.array([[0.0], [1.0], [10.0], [11.0]])), 2).cost
    1.0
    """
    generator = np.random.default_rng(random_state)
    starts = [_one_start(points, n_clusters, max_iter, generator) for _ in range(n_init)]
    return min(starts, key=lambda own: own.cost)


def prototypes_of(points: Points, labels: IntArray, n_clusters: int) -> FloatArray:
    """Give the prototype of each group: mean or median of a number, one value of a category.

    Parameters
    ----------
    points : Points
        The rows.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1, each used.
    n_clusters : int
        Number of groups.

    Returns
    -------
    ndarray of shape (n_clusters, n_dimensions)

    Examples
    --------
    >>> rows = Points(np.array([[0.0], [1.0], [5.0]]), "cityblock")
    >>> prototypes_of(rows, np.array([0, 0, 0]), 1).tolist()
    [[1.0]]
    """
    centres = group_means(points.values, labels, n_clusters)
    categories = [block for block in points.blocks if block.categorical]
    if points.metric == "cityblock":
        for column in _numbers(points):
            centres[:, column] = _medians(points.values[:, column], labels, n_clusters)
    for block in categories:
        span = slice(block.start, block.stop)
        commonest = centres[:, span].round(12).argmax(axis=1)
        full = points.values[:, span].max()
        centres[:, span] = full * (np.arange(block.stop - block.start) == commonest[:, None])
    return centres


def _numbers(points: Points) -> list[int]:
    taken = {
        column
        for block in points.blocks
        if block.categorical
        for column in range(block.start, block.stop)
    }
    return [column for column in range(points.values.shape[1]) if column not in taken]


def _medians(column: FloatArray, labels: IntArray, n_clusters: int) -> FloatArray:
    """Median of a column in each group, all groups by one sort."""
    order = np.lexsort((column, labels))
    sizes = np.bincount(labels, minlength=n_clusters)
    starts = np.cumsum(sizes) - sizes
    low, high = order[starts + (sizes - 1) // 2], order[starts + sizes // 2]
    return np.asarray((column[low] + column[high]) / 2)


def _one_start(
    points: Points, n_clusters: int, max_iter: int, generator: np.random.Generator
) -> Prototypes:
    apart = _measure(points)
    centres = _spread_centres(points.values, n_clusters, apart, generator)
    labels, centres, cost = _nearest(points.values, centres, apart)
    for _ in range(max_iter):
        moved = prototypes_of(points, labels, len(centres))
        again, moved, lower = _nearest(points.values, moved, apart)
        if not lower < cost:
            return Prototypes(labels, centres, cost, True)
        labels, centres, cost = again, moved, lower
    return Prototypes(labels, centres, cost, False)


def _measure(points: Points) -> Measure:
    metric = "sqeuclidean" if points.metric == "euclidean" else "cityblock"
    return lambda rows, centres: np.asarray(cdist(rows, centres, metric))


def _spread_centres(
    values: FloatArray, n_clusters: int, apart: Measure, generator: np.random.Generator
) -> FloatArray:
    """Draw distinct rows far from each other, as k-means++ does."""
    chosen = [int(generator.integers(len(values)))]
    nearest = apart(values, values[chosen])[:, 0]
    while len(chosen) < n_clusters:
        reach = nearest.cumsum()
        drawn = int(np.searchsorted(reach, generator.random() * reach[-1], side="right"))
        row = drawn if drawn < len(values) and nearest[drawn] > 0 else int(nearest.argmax())
        chosen.append(row)
        nearest = np.minimum(nearest, apart(values, values[[row]])[:, 0])
    return values[chosen].copy()


def _nearest(
    values: FloatArray, centres: FloatArray, apart: Measure
) -> tuple[IntArray, FloatArray, float]:
    """Give the nearest centre of each row; a centre nobody is near moves to the farthest row."""
    while True:
        distances = apart(values, centres)
        labels = distances.argmin(axis=1)
        own = distances[np.arange(len(labels)), labels]
        used = np.unique(labels)
        if len(used) == len(centres):
            return labels, centres, float(own.sum())
        if own.max() == 0:  # too few rows that floating point can tell apart
            centres = centres[used]
        else:
            centres[np.setdiff1d(np.arange(len(centres)), used)[0]] = values[own.argmax()]
