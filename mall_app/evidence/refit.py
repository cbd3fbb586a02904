"""One more clustering of points, as often as evidence needs it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from mall_app.algorithms import NOT_CONVERGED, Algorithm, Grouping
from mall_app.algorithms.kmeans import KMeans
from mall_app.assigners import NearestCentre, relabelled
from mall_app.errors import InputError, SettingsError
from mall_app.geometry.points import Points
from mall_app.kernels.lloyd_each import lloyd_each
from mall_app.labels import canonical_labels, group_means


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


def regrouped_each(
    tables: Sequence[Points],
    algorithm: Algorithm,
    n_clusters: int,
    random_states: Sequence[int],
    n_distinct: Sequence[int],
) -> list[Grouping | None]:
    """Cluster several tables of one shape, each as `regrouped` does it alone.

    Returns
    -------
    list of Grouping or None
        None for a table that cannot be clustered: for too few distinct customers, or for a
        segment that collapsed.
    """
    steps = list(zip(tables, random_states, n_distinct, strict=True))
    together = isinstance(algorithm, KMeans) and algorithm.is_quick(len(tables[0]), n_clusters)
    if not together or n_clusters == 1:
        return [_tried(points, algorithm, n_clusters, *own) for points, *own in steps]
    able = [place for place, most in enumerate(n_distinct) if n_clusters <= most]
    found: list[Grouping | None] = [None] * len(tables)
    if able:
        values = [tables[place].values for place in able]
        seeds = [random_states[place] for place in able]
        best = lloyd_each(values, n_clusters, seeds, **algorithm.params())
        for place, own in zip(able, best, strict=True):
            centres = group_means(tables[place].values, own.labels, n_clusters)
            notes = () if own.converged else (NOT_CONVERGED,)
            found[place] = Grouping(own.labels, notes, NearestCentre.of(centres))
    return found


def _tried(
    points: Points, algorithm: Algorithm, n_clusters: int, random_state: int, n_distinct: int
) -> Grouping | None:
    try:
        return regrouped(points, algorithm, n_clusters, random_state, n_distinct)
    except InputError:
        return None
