"""Dividing one segment into parts, under the distance the segments were found with."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, IntArray, Metric, count_distinct
from mall_app.kernels.lloyd import is_small, lloyd
from mall_app.labels import canonical_labels

_STARTS = 10
_MOST_PASSES = 100
_SAMPLE = 10_000


def split_points(values: FloatArray, metric: Metric, n_parts: int, random_state: int) -> IntArray:
    """Divide points into parts around centres.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        At least `n_parts` distinct rows.
    metric : {"euclidean", "cityblock"}
        Euclidean: k-means, whose centres are means. Cityblock, which Gower's distance becomes:
        k-medians, whose centres are medians, because these have the least sum of such distances;
        it needs no matrix of all pairs, and unlike average linkage it does not part one far
        customer from all the others.
    n_parts : int
        Number of parts.
    random_state : int
        Seed.

    Returns
    -------
    ndarray of shape (n_rows,)
        0 for the largest part and so on, see `mall_app.labels.canonical_labels`; every part is
        used.

    Examples
    --------
    >>> split_points(np.array([[0.0], [1.0], [9.0]]), "euclidean", 2, 0).tolist()
    [0, 0, 1]
    """
    if metric == "cityblock":
        parts = k_medians(values, n_parts, random_state)
    elif is_small(len(values), n_parts, _STARTS):
        parts = lloyd(values, n_parts, n_init=_STARTS, random_state=random_state).labels
    else:
        from sklearn.cluster import KMeans

        fitted = KMeans(n_parts, n_init=_STARTS, random_state=random_state).fit(values)
        parts = fitted.labels_.astype(np.int64)
    return canonical_labels(values, parts)


def k_medians(values: FloatArray, n_parts: int, random_state: int) -> IntArray:
    """Partition rows around medians, keeping the best of ten starts.

    Of more than 10,000 rows the starts see a sample of that many, and the best of them goes on
    with all rows.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        At least `n_parts` distinct rows.
    n_parts : int
        Number of parts.
    random_state : int
        Seed.

    Returns
    -------
    ndarray of shape (n_rows,)
        Part of each row, every part used.

    References
    ----------
    Bradley, P. S., Mangasarian, O. L. and Street, W. N. (1996). Clustering via concave
    minimization. NIPS 9, 368-374.

    Examples
    --------
    >>> k_medians(np.array([[0.0], [1.0], [9.0]]), 2, 0).tolist() in ([0, 0, 1], [1, 1, 0])
    True
    """
    generator = np.random.default_rng(random_state)
    some = values
    if len(values) > _SAMPLE:
        drawn = values[np.sort(generator.choice(len(values), _SAMPLE, replace=False))]
        some = drawn if count_distinct(drawn) >= n_parts else values
    tries = [_rested(some, _spread(some, n_parts, generator)) for _ in range(_STARTS)]
    labels, centres, _ = min(tries, key=lambda own: own[2])
    return labels if some is values else _rested(values, centres)[0]


def _rested(values: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray, float]:
    """Move centres to the medians of their rows until no row changes its part."""
    labels, cost = _nearest(values, centres)
    for _ in range(_MOST_PASSES):
        centres = np.stack(
            [np.median(values[labels == own], axis=0) for own in range(len(centres))]
        )
        moved, cost = _nearest(values, centres)
        if (moved == labels).all():
            break
        labels = moved
    return labels, centres, cost


def _nearest(values: FloatArray, centres: FloatArray) -> tuple[IntArray, float]:
    distances = cdist(values, centres, "cityblock")
    labels = distances.argmin(axis=1).astype(np.int64)
    own = distances.min(axis=1)
    for empty in np.setdiff1d(np.arange(len(centres)), labels).tolist():
        _fill(empty, values, labels, own)
    return labels, float(own.sum())


def _fill(empty: int, values: FloatArray, labels: IntArray, own: FloatArray) -> None:
    """Give an empty part the farthest row, and its equals, of a part that has others."""
    for row in np.argsort(-own, kind="stable"):
        equals = (values == values[row]).all(axis=1) & (labels == labels[row])
        if equals.sum() < (labels == labels[row]).sum():
            labels[equals] = empty
            own[equals] = 0.0
            return


def _spread(values: FloatArray, n_parts: int, generator: np.random.Generator) -> FloatArray:
    """Draw distinct rows as first centres, a far one more likely than a near one."""
    rows = [int(generator.integers(len(values)))]
    while len(rows) < n_parts:
        nearest = cdist(values, values[rows], "cityblock").min(axis=1)
        reach = nearest.cumsum()
        drawn = int(np.searchsorted(reach, generator.random() * reach[-1], side="right"))
        rows.append(min(drawn, int(np.flatnonzero(nearest)[-1])))
    return np.asarray(values[rows])
