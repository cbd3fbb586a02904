"""The member of a group that is nearest to all of them."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, Metric

_EXACT_MEMBERS = 5_000
_MOST_DISTANCES = 5_000_000
_FEW_MEMBERS = 300
_BATCH = 64
_BATCH_DISTANCES = 160_000  # that are held at a time


def medoid_of(values: FloatArray, metric: Metric = "euclidean") -> int:
    """Find the row with the smallest sum of distances to all rows.

    Exact for up to 5 000 rows, and for more in most cases: rows are tried from the mean outwards,
    and one is left out when the triangle inequality shows that it cannot be better. Where that does
    not end within 5 million distances, the best found so far is given.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        At least one row.
    metric : {"euclidean", "cityblock"}, default "euclidean"
        How far apart two rows are.

    References
    ----------
    Newling, J. & Fleuret, F. (2017). A sub-quadratic exact medoid algorithm. AISTATS 2017, 185-193.

    Examples
    --------
    >>> medoid_of(np.array([[0.0], [1.0], [2.5], [9.0]]))
    1
    """
    if len(values) <= _FEW_MEMBERS:
        return int(cdist(values, values, metric).sum(axis=1).argmin())
    outwards = np.argsort(cdist(values, values.mean(axis=0)[None], metric)[:, 0], kind="stable")
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
