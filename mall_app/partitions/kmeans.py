"""k-means over all partitions: starts on a sample, then exact passes.

Seeding is that of k-means on a large table held in memory: k-means++ from several starts on a
sample of the rows, or, where few rows make much of the scatter, on one that has the far ones.
k-means|| (Bahmani et al. 2012) would draw its candidates from all rows in five or more passes, to
end where the starts on a sample end in none: the passes that follow are over all rows either way,
and move the centres of every start that is worth having to the same place.
"""

from __future__ import annotations

import numpy as np

from mall_app.algorithms import NOT_CONVERGED
from mall_app.algorithms.kmeans import KMeans
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import FloatArray
from mall_app.kernels.large_lloyd import settled
from mall_app.kernels.lloyd_step import lloyd_step
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud
from mall_app.partitions.portion import PartedPortion


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
    found = settled(
        PartedPortion.of(cloud),
        sample,
        n_clusters,
        random_state=random_state,
        **algorithm.params(),
    )
    notes = () if found.converged else (NOT_CONVERGED,)
    return FoundInParts(NearestCentre.of(_largest_first(found.centres, sample)), notes)


def _largest_first(centres: FloatArray, sample: FloatArray) -> FloatArray:
    """Order centres by their rows of the sample: most likely they then keep their numbers."""
    counts = lloyd_step(sample, centres).counts
    return np.asarray(centres[np.argsort(-counts, kind="stable")])
