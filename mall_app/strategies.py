"""What an algorithm sees of a table that is too large for it, and how all customers follow.

A sample is drawn by the seed; the others get their segment as new customers would, by the
algorithm's assigner. A summary is small groups of near customers with their weights; each customer
goes where its group goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mall_app.algorithms import Algorithm, Grouping
from mall_app.assigners import NearestCentre, NearestNeighbours
from mall_app.geometry.points import FloatArray, IntArray, Points
from mall_app.geometry.scale import distinct_rows
from mall_app.kernels.drawing import drawn_rows
from mall_app.kernels.lloyd_step import LloydStep, lloyd_step
from mall_app.kernels.settling import settle
from mall_app.progress import step as report

GROUPS = 1_500
_GROUPS_A_SEGMENT = 4
_SEED_ROWS = 20_000
_PASSES = 5
_COUNTS = ("min_samples", "min_cluster_size", "n_neighbors")  # of customers, so of those seen
Run = Callable[[Points, FloatArray | None], Grouping]


@dataclass(frozen=True, eq=False)
class Summary:
    """Small groups of near customers.

    Parameters
    ----------
    centres : ndarray of shape (n_groups, n_dimensions)
        Mean of each group.
    weights : ndarray of shape (n_groups,)
        Customers in each, at least one.
    groups : ndarray of shape (n_rows,)
        Group of each customer.
    """

    centres: FloatArray
    weights: FloatArray
    groups: IntArray


def on_sample(
    points: Points, algorithm: Algorithm, n_clusters: int, random_state: int, run: Run
) -> tuple[Grouping, int]:
    """Find segments on a sample, and give each customer one of them.

    Parameters
    ----------
    points : Points
        All customers.
    algorithm : Algorithm
        Says how many rows are quick.
    n_clusters : int
        Segments wanted; 0 when the algorithm finds the number.
    random_state : int
        Seed of the sample.
    run : callable
        Takes points, and None for their weights, and runs the algorithm.

    Returns
    -------
    grouping : Grouping
        Of all customers, with an assigner and a sentence about the sample.
    seen : int
        Rows in the sample.
    """
    most = min(algorithm.sample_rows, algorithm.row_limit(points.metric))
    rows = drawn_rows(len(points), random_state, most)
    some = points.take(rows)
    if n_clusters > some.n_distinct:  # nearly all are equal: have the others among them
        rows = np.union1d(rows, distinct_rows(points.values)[0][: 2 * n_clusters])
        some = points.take(rows)
    report(0, 2, "Segments of a sample of the customers")
    found = run(some, None)
    own = np.asarray(found.labels, dtype=np.int64)
    assigner = found.assigner or NearestNeighbours.of(some, own, algorithm.gives_noise)
    report(1, 2, "A segment for each customer")
    labels = assigner.place(points) if len(rows) < len(points) else own
    note = (
        f"The segments were found on a sample of {len(rows):,} of the {len(points):,} customers; "
        f"the others were given them as new customers are.{_counting(algorithm, 'sample')}"
    )
    return replace(found, labels=labels, notes=(*found.notes, note), assigner=assigner), len(rows)


def on_summary(
    points: Points, algorithm: Algorithm, n_clusters: int, random_state: int, run: Run
) -> tuple[Grouping, int]:
    """Find segments of small groups, and give each customer that of its group.

    Parameters
    ----------
    points, algorithm, n_clusters, random_state
        As in `on_sample`.
    run : callable
        Takes the middles of the groups, and their weights, and runs the algorithm.

    Returns
    -------
    grouping : Grouping
        Of all customers, with an assigner and a sentence about the groups.
    seen : int
        Number of groups.
    """
    wanted = min(max(GROUPS, _GROUPS_A_SEGMENT * n_clusters), algorithm.row_limit(points.metric))
    report(0, 2, "Small groups of near customers")
    summary = summarized(points.values, wanted, random_state)
    report(1, 2, "Segments of the groups")
    middles = Points(summary.centres, points.metric, points.blocks)
    found = run(middles, summary.weights)
    own = np.asarray(found.labels, dtype=np.int64)
    weighted = "by their weights" if algorithm.uses_weights else "each counted once"
    note = (
        f"The segments are made of {len(own):,} small groups of the {len(points):,} customers, "
        f"{weighted}; each customer follows its group.{_counting(algorithm, 'groups')}"
    )
    assigner = NearestCentre(summary.centres, own, method="nearest_centre")
    labels = own[summary.groups]
    return replace(found, labels=labels, notes=(*found.notes, note), assigner=assigner), len(own)


def seen_by(
    points: Points, algorithm: Algorithm, strategy: str, random_state: int
) -> tuple[Points, FloatArray | None, Callable[[IntArray], IntArray]]:
    """Give what an algorithm sees of points, for a look at how it joins them.

    Parameters
    ----------
    points, algorithm, random_state
        As in `on_sample`.
    strategy : {"full", "sample", "summary"}
        Of the settings, resolved.

    Returns
    -------
    seen : Points
        All points, some of them, or the middles of groups.
    weights : ndarray or None
        Customers in each group; None when each stands for itself.
    follow : callable
        Takes a label for each of those seen, and gives one for each of all points.
    """
    if strategy == "summary":
        summary = summarized(points.values, GROUPS, random_state)
        middles = Points(summary.centres, points.metric, points.blocks)
        return middles, summary.weights, lambda labels: labels[summary.groups]
    most = min(algorithm.sample_rows, algorithm.row_limit(points.metric))
    if strategy == "full" or len(points) <= most:
        return points, None, lambda labels: labels
    some = points.take(drawn_rows(len(points), random_state, most))
    return some, None, lambda labels: NearestNeighbours.of(some, labels, False).place(points)


def summarized(values: FloatArray, n_groups: int, random_state: int) -> Summary:
    """Sum rows up in small groups: the nearest of many centres, or the distinct rows when few.

    Examples
    --------
    >>> few = summarized(np.array([[1.0], [4.0], [1.0]]), 5, 0)
    >>> few.centres.tolist(), few.weights.tolist(), few.groups.tolist()
    ([[1.0], [4.0]], [2.0, 1.0], [0, 1, 0])
    """
    sample = np.array(values[drawn_rows(len(values), random_state, _SEED_ROWS)])
    first, which = distinct_rows(sample)
    if len(first) <= n_groups:
        first, which = distinct_rows(values)
        if len(first) <= n_groups:
            weights = np.bincount(which).astype(np.float64)
            return Summary(np.array(values[first]), weights, which)
        sample = values
    chosen = np.random.default_rng(random_state).choice(first, n_groups, replace=False)

    def over_sample(centres: FloatArray) -> LloydStep:
        return lloyd_step(sample, centres)

    centres = settle(over_sample, sample[np.sort(chosen)], _PASSES, 0.0).centres
    nearest = np.empty(len(values), dtype=np.int32)
    whole = lloyd_step(values, centres, nearest)
    used = whole.counts > 0
    groups = (np.cumsum(used) - 1)[nearest]
    return Summary(whole.means(centres)[used], whole.counts[used].astype(np.float64), groups)


def _counting(algorithm: Algorithm, seen: str) -> str:
    """Say which parameters count what the algorithm sees."""
    names = [name for name in _COUNTS if name in algorithm.own_parameters()]
    if not names or (seen == "groups" and algorithm.uses_weights):
        return ""
    verb = "counts" if len(names) == 1 else "count"
    of = "customers of the sample" if seen == "sample" else "groups"
    return f" {' and '.join(names)} {verb} {of}."
