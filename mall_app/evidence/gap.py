"""The gap statistic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray, Points


@dataclass(frozen=True)
class Gap:
    """How much tighter the segments are than those of a uniform table.

    Parameters
    ----------
    values : mapping of int to float
        Mean over the references of log inertia, less the log inertia of the customers, by k.
    standard_errors : mapping of int to float
        With the factor for a finite number of references.
    best_k : int or None
        Smallest k with a gap of at least the next gap less its standard error; None when there is
        none, as when the gap still rises at the last k.
    """

    values: Mapping[int, float]
    standard_errors: Mapping[int, float]
    best_k: int | None


def gap(inertias: Mapping[int, float], references: Mapping[int, FloatArray]) -> Gap:
    """Compute the gap statistic.

    Parameters
    ----------
    inertias : mapping of int to float
        Of the customers, by number of segments.
    references : mapping of int to ndarray of shape (n_references,)
        Of uniform tables, by number of segments.

    Returns
    -------
    Gap
        At the numbers of segments where every inertia is more than 0.

    References
    ----------
    Tibshirani, R., Walther, G. and Hastie, T. (2001). Estimating the number of clusters in a data
    set via the gap statistic. Journal of the Royal Statistical Society B 63(2), 411-423.

    Examples
    --------
    >>> found = gap({1: 8.0, 2: 1.0, 3: 0.8}, {1: np.full(4, 8.0), 2: np.full(4, 4.0),
    ...             3: np.full(4, 3.0)})
    >>> found.best_k, round(found.values[2], 4)
    (2, 1.3863)
    """
    ks = [k for k in sorted(inertias) if inertias[k] > 0 and (references[k] > 0).all()]
    values, errors = {}, {}
    for k in ks:
        logs = np.log(references[k])
        values[k] = float(logs.mean() - np.log(inertias[k]))
        errors[k] = float(logs.std() * np.sqrt(1 + 1 / len(logs)))
    rule = (
        k
        for k, after in zip(ks, ks[1:], strict=False)
        if values[k] >= values[after] - errors[after]
    )
    return Gap(values, errors, next(rule, None))


def inertia_of(points: Points, labels: IntArray) -> float:
    """Sum of squared distances to the segment's mean; for Gower, of distances to its median.

    Noise, labelled -1, takes no part.

    Examples
    --------
    >>> inertia_of(Points(np.array([[0.0], [2.0], [9.0]])), np.array([0, 0, 1]))
    2.0
    """
    euclidean = points.metric == "euclidean"
    total = 0.0
    for own in np.unique(labels[labels >= 0]):
        values = points.values[labels == own]
        if euclidean:
            total += float(((values - values.mean(axis=0)) ** 2).sum())
        else:
            total += float(np.abs(values - np.median(values, axis=0)).sum())
    return total
