"""One more clustering of points, as often as evidence needs it."""

from __future__ import annotations

import warnings

import numpy as np

from mall_app.algorithms import Algorithm, Grouping
from mall_app.assigners import relabelled
from mall_app.errors import SettingsError
from mall_app.labels import canonical_labels
from mall_app.points import Points


def grouped(points: Points, algorithm: Algorithm, n_clusters: int, random_state: int) -> Grouping:
    """Cluster points, with labels in canonical order.

    Raises
    ------
    SettingsError
        There are fewer distinct points than segments.
    """
    grouping = regrouped(points, algorithm, n_clusters, random_state, points.n_distinct)
    raw = np.asarray(grouping.labels, dtype=np.int64)
    labels = canonical_labels(points.values, raw)
    return Grouping(labels, grouping.notes, relabelled(grouping.assigner, raw, labels))


def regrouped(
    points: Points, algorithm: Algorithm, n_clusters: int, random_state: int, n_distinct: int
) -> Grouping:
    """Cluster points of which `n_distinct` differ, with labels in no particular order.

    Warnings are dropped: they are told once, by the fit of all customers.

    Raises
    ------
    SettingsError
        There are fewer distinct points than segments.
    """
    if n_clusters == 1:
        return Grouping(np.zeros(len(points), dtype=np.int64))
    if algorithm.needs_n_clusters and n_clusters > n_distinct:
        raise SettingsError(
            f"n_clusters must be at most the {n_distinct} distinct customers, not {n_clusters}.",
            ("n_clusters",),
        )
    if algorithm.is_quick(len(points), n_clusters):
        return algorithm.cluster(points, n_clusters, random_state)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return algorithm.cluster(points, n_clusters, random_state)
