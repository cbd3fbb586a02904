"""k-means over all partitions: starts on a sample, then exact passes.

Seeding is that of k-means on a large table held in memory: k-means++ from several starts on a
sample of the rows, or, where few rows make much of the scatter, on one that has the far ones.
k-means|| (Bahmani et al. 2012) would draw its candidates from all rows in five or more passes, to
end where the starts on a sample end in none: the passes that follow are over all rows either way,
and move the centres of every start that is worth having to the same place.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mall_app.algorithms import NOT_CONVERGED
from mall_app.algorithms.kmeans import KMeans
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import FloatArray
from mall_app.kernels.drawing import START_ROWS
from mall_app.kernels.far_rows import (
    Spread,
    best_of_starts,
    far_sample,
    spread_of,
    weighted_starts,
)
from mall_app.kernels.large_lloyd import race_from_sample
from mall_app.kernels.settling import Rest
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud
from mall_app.partitions.statistics import summed

_FAR = 300.0  # so far, rows make much of the scatter even where a sample is likely to miss them


def kmeans(cloud: Cloud, algorithm: KMeans, n_clusters: int, random_state: int) -> FoundInParts:
    """Partition the customers by k-means.

    Parameters
    ----------
    cloud : Cloud
        The customers.
    algorithm : KMeans
        Its parameters; `max_iter` counts on the sample, over some of the rows, and over all.
    n_clusters : int
        Wanted number of segments.
    random_state : int
        Seed of the starts.
    """
    sample = np.asarray(cloud.sample.values)
    found = _with_far_rows(cloud, algorithm, n_clusters, random_state) or race_from_sample(
        cloud.race(cloud.values, cloud.lengths),
        sample,
        n_clusters,
        random_state=random_state,
        **algorithm.params(),
    )
    notes = () if found.converged else (NOT_CONVERGED,)
    return FoundInParts(NearestCentre.of(found.centres), notes)


def _with_far_rows(
    cloud: Cloud, algorithm: KMeans, n_clusters: int, random_state: int
) -> Rest | None:
    """Start on rows drawn the more readily the farther they lie; None where any will do."""
    sample = np.asarray(cloud.sample.values)
    middle = sample.mean(axis=0)
    whole = _uneven(cloud, sample, middle)
    if whole is None:
        return None
    parts = cloud.workers.collect(
        far_sample, cloud.values, middle, whole, START_ROWS, random_state, cloud.firsts
    )
    starts = weighted_starts(
        np.concatenate([own[0] for own in parts]),
        np.concatenate([own[1] for own in parts]),
        n_clusters,
        random_state=random_state,
        **algorithm.params(),
    )
    loose = algorithm.tol * whole.squares / (whole.n_rows * sample.shape[1])
    best = best_of_starts(cloud.settle, starts, algorithm.max_iter, loose)
    return best and replace(best, converged=best.converged or best.away <= loose)


def _uneven(cloud: Cloud, sample: FloatArray, middle: FloatArray) -> Spread | None:
    """Give the spread of all rows where few of them make much of it, looking only if they may."""
    known = spread_of(sample, middle)
    share = cloud.n_rows / len(sample)
    likely = Spread(cloud.n_rows, known.squares * share, known.fourths * share)
    if cloud.reach < _FAR and not likely.is_uneven(START_ROWS):
        return None
    whole: Spread = summed(cloud.workers.collect(spread_of, cloud.values, middle))
    return whole if whole.is_uneven(START_ROWS) else None
