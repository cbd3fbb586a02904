"""The member of a group that is nearest to all of them."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, Metric

_EXACT_MEMBERS = 5_000
_MOST_DISTANCES = 1_000_000
_FEW_MEMBERS = 300
_BATCH = 64
_BATCH_DISTANCES = 160_000  # that are held at a time
_AT_HAND = 1e-9  # of the farthest distance: a row so near to the middle says not where to go
_STEPS = 10  # towards the middle; what is left of the way hardly changes which rows are near


def medoid_of(values: FloatArray, metric: Metric = "euclidean") -> int:
    """Find the row with the smallest sum of distances to all rows.

    Exact for up to 5 000 rows, and for more in most cases: rows are tried from the point outwards
    that is nearest to all of them, and one is left out when the triangle inequality shows that it
    cannot be better. Where that does not end within a million distances, the best found so far is
    given.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        At least one row.
    metric : {"euclidean", "cityblock"}, default "euclidean"
        How far apart two rows are.

    References
    ----------
    Weiszfeld, E. (1937). Sur le point pour lequel la somme des distances de n points donnés est
    minimum. Tohoku Mathematical Journal 43, 355-386.

    Newling, J. & Fleuret, F. (2017). A sub-quadratic exact medoid algorithm. AISTATS 2017, 185-193.

    Examples
    --------
    >>> medoid_of(np.array([[0.0], [1.0], [2.5], [9.0]]))
    1
    """
    if len(values) <= _FEW_MEMBERS:
        return int(cdist(values, values, metric).sum(axis=1).argmin())
    outwards = np.argsort(cdist(values, _middle(values, metric), metric)[:, 0], kind="stable")
    least = np.zeros(len(values))
    tried = np.zeros(len(values), dtype=bool)
    best, found = np.inf, int(outwards[0])
    batch = int(np.clip(_BATCH_DISTANCES // len(values), 4, _BATCH))
    most = len(values) if len(values) <= _EXACT_MEMBERS else _MOST_DISTANCES // len(values)
    while np.count_nonzero(tried) <= most:
        open_rows = outwards[(least[outwards] < best) & ~tried[outwards]][:batch]
        if not len(open_rows):
            break
        away = cdist(values[open_rows], values, metric)
        means = away.mean(axis=1)
        tried[open_rows] = True
        if means.min() < best:
            best, found = float(means.min()), int(open_rows[means.argmin()])
        away -= means[:, None]
        least = np.maximum(least, np.abs(away, out=away).max(axis=0))
    return found


def _middle(values: FloatArray, metric: Metric) -> FloatArray:
    """Give about the point with the smallest sum of distances to all rows, shape (1, n_dimensions).

    By Weiszfeld's steps from the mean; for the city-block distance it is the median.
    """
    if metric == "cityblock":
        return np.median(values, axis=0, keepdims=True)
    middle = values.mean(axis=0, keepdims=True)
    for _ in range(_STEPS):
        away = cdist(values, middle)[:, 0]
        apart = away > _AT_HAND * away.max()
        if not apart.any():
            break
        weights = away.max() / away[apart]
        middle = (weights @ values[apart] / weights.sum())[None]
    return np.asarray(middle)
