"""How much of a clustering comes back when the customers are drawn anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from mall_app.algorithms import Algorithm, Grouping
from mall_app.errors import InputError
from mall_app.evidence.refit import grouped, regrouped_each
from mall_app.evidence.seeds import BOOTSTRAP, REFIT, generator_of, seed_of
from mall_app.geometry.points import FloatArray, IntArray, Points
from mall_app.labels import compact_labels, group_sizes

STABLE, UNSTABLE = 0.75, 0.6
_POWERS = {"euclidean": 2.0, "cityblock": 1.0}


@dataclass(frozen=True)
class SegmentStability:
    """How well one segment comes back.

    Parameters
    ----------
    segment : int
        Its canonical number, 0 for the largest.
    size : int
        Customers in it, of those looked at.
    jaccard : float
        Mean over the bootstraps of its best overlap: shared customers over customers of either.
    spread : float
        Standard deviation of that.
    """

    segment: int
    size: int
    jaccard: float
    spread: float

    @property
    def verdict(self) -> str:
        """``"stable"`` above 0.75, ``"unstable"`` below 0.6, else ``"doubtful"``."""
        if self.jaccard > STABLE:
            return "stable"
        return "unstable" if self.jaccard < UNSTABLE else "doubtful"

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready values."""
        return dict(vars(self)) | {"verdict": self.verdict}


@dataclass(frozen=True)
class Stability:
    """How well a clustering comes back.

    Parameters
    ----------
    adjusted_rand : float or None
        Mean agreement with the bootstraps, 1 for the same segments, about 0 for chance; None when
        none could be clustered, or there are no segments.
    spread : float or None
        Standard deviation of that.
    segments : tuple of SegmentStability
        In canonical order.
    n_bootstraps : int
        Those that could be clustered.
    n_failed : int
        Those that could not, for too few distinct customers or a segment that collapsed.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193-218.
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and
    Data Analysis 52, 258-271.
    """

    adjusted_rand: float | None
    spread: float | None
    segments: tuple[SegmentStability, ...]
    n_bootstraps: int
    n_failed: int

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready values."""
        return dict(vars(self)) | {"segments": [own.to_dict() for own in self.segments]}


def adjusted_rand(first: IntArray, second: IntArray) -> float:
    """Agreement of two clusterings of the same customers, corrected for chance.

    Noise, -1, counts as a segment. Two clusterings that are the same have 1.

    Parameters
    ----------
    first, second : ndarray of shape (n_rows,)
        Labels from 0, -1 for noise; few more than there are segments, or it takes much memory.

    Examples
    --------
    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([5, 5, 3, 3]))
    1.0
    >>> round(adjusted_rand(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])), 6)
    -0.5
    """
    return _rand_of(overlaps(first, second))


def _rand_of(table: IntArray) -> float:
    pairs = _pairs(table).sum()
    rows, columns = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    everything = _pairs(table.sum())
    expected = rows * columns / everything if everything else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else float((pairs - expected) / (most - expected))


def _pairs(counts: Any) -> Any:
    return counts * (counts - 1.0) / 2


def overlaps(first: IntArray, second: IntArray) -> IntArray:
    """Count customers by both clusterings: one row and column a label, noise (-1) the first.

    Examples
    --------
    >>> overlaps(np.array([0, 0, 1]), np.array([-1, 1, 1])).tolist()
    [[0, 0, 0], [1, 0, 1], [0, 0, 1]]
    """
    rows, columns = int(first.max()) + 2, int(second.max()) + 2
    counts = np.bincount((first + 1) * columns + second + 1, minlength=rows * columns)
    return counts.reshape(rows, columns)


def best_jaccards(first: IntArray, second: IntArray) -> FloatArray:
    """Give the best overlap of each segment of `first`, noise left out, with one of `second`.

    Examples
    --------
    >>> best_jaccards(np.array([0, 0, 0, 1]), np.array([4, 4, 2, 2])).round(4).tolist()
    [0.6667, 0.5]
    """
    return _jaccards_of(overlaps(first, second))


def _jaccards_of(table: IntArray) -> FloatArray:
    both = table[1:, 1:]  # noise is no segment, and none to be found again
    either = table[1:].sum(axis=1)[:, None] + table[:, 1:].sum(axis=0) - both
    return np.asarray((both / np.maximum(either, 1)).max(axis=1, initial=0.0))


def bootstraps(
    points: Points,
    algorithm: Algorithm,
    n_clusters: int,
    random_state: int,
    numbers: Sequence[int],
) -> tuple[FloatArray, IntArray]:
    """Cluster resampled customers, place all of them, and compare with the clustering of all.

    Parameters
    ----------
    points : Points
        The customers.
    algorithm : Algorithm
        How they are clustered.
    n_clusters : int
        Number of segments.
    random_state : int
        Seed.
    numbers : sequence of int
        Which bootstraps; each has a seed of its own.

    Returns
    -------
    found : ndarray of shape (len(numbers), 1 + n_segments)
        Adjusted Rand index, then the Jaccard overlap of each segment; nan for a bootstrap that
        could not be clustered.
    sizes : ndarray of shape (n_segments,)
        Customers in each segment; empty when these customers cannot be clustered at all, as may
        happen to a sample of many.
    """
    try:
        labels = grouped(points, algorithm, n_clusters, random_state).labels
    except InputError:
        return np.full((len(numbers), 1), np.nan), np.empty(0, dtype=np.int64)
    sizes = group_sizes(labels)
    _, whose = np.unique(points.values + 0.0, axis=0, return_inverse=True)
    found = np.full((len(numbers), 1 + len(sizes)), np.nan)
    # The same customers for each number of segments.
    generators = [generator_of(random_state, BOOTSTRAP, number) for number in numbers]
    rows = [own.integers(len(points), size=len(points)) for own in generators]
    drawn = [points.take(own) for own in rows]
    seeds = [seed_of(random_state, REFIT, n_clusters, number) for number in numbers]
    n_distinct = [int(np.count_nonzero(np.bincount(whose[own]))) for own in rows]
    again = regrouped_each(drawn, algorithm, n_clusters, seeds, n_distinct)
    for place, (table, grouping) in enumerate(zip(drawn, again, strict=True)):
        if grouping is not None:
            counts = overlaps(labels, place_all(points, table, grouping))
            found[place] = _rand_of(counts), *_jaccards_of(counts)
    return found, sizes


def place_all(points: Points, drawn: Points, grouping: Grouping) -> IntArray:
    """Give every customer a segment of a clustering of some of them.

    It is the algorithm's own way to place new customers, or else the segment of the nearest.
    """
    if grouping.assigner is not None:
        return compact_labels(grouping.assigner.assign(points).labels)
    _, nearest = KDTree(drawn.values).query(points.values, p=_POWERS[points.metric])
    return compact_labels(np.asarray(grouping.labels)[nearest])


def summarise(found: FloatArray, sizes: IntArray) -> Stability:
    """Summarise bootstraps.

    Parameters
    ----------
    found : ndarray of shape (n_bootstraps, 1 + n_segments)
        From `bootstraps`.
    sizes : ndarray of shape (n_segments,)
        Customers in each segment.
    """
    done = found[~np.isnan(found[:, 0])]
    failed = len(found) - len(done)
    if not len(done) or not len(sizes):  # all noise: that it comes back says nothing
        return Stability(None, None, (), len(done), failed)
    means, spreads = done.mean(axis=0).tolist(), done.std(axis=0).tolist()
    segments = tuple(
        SegmentStability(own, int(size), means[own + 1], spreads[own + 1])
        for own, size in enumerate(sizes)
    )
    return Stability(means[0], spreads[0], segments, len(done), failed)


def most_stable(stability: Mapping[int, Stability]) -> int | None:
    """Give the largest k that is as stable as the stablest, within the spread of that one.

    Few segments come back more easily than many, so the stablest alone would favour two; Tibshirani
    and Walther (2005) take the largest number that is stable for the same reason.

    Examples
    --------
    >>> def own(mean): return Stability(mean, 0.03, (), 100, 0)
    >>> most_stable({2: own(0.97), 3: own(0.95), 4: own(0.7)})
    3
    """
    known = {k: own for k, own in stability.items() if own.adjusted_rand is not None}
    if not known:
        return None
    top = max(known.values(), key=lambda own: own.adjusted_rand or -1.0)
    least = (top.adjusted_rand or 0.0) - (top.spread or 0.0)
    return max(k for k, own in known.items() if (own.adjusted_rand or -1.0) >= least)
