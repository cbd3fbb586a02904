"""Bisecting k-means over partitions: the rows of a segment stay with the workers."""

from __future__ import annotations

import numpy as np

from mall_app.algorithms import NOT_CONVERGED
from mall_app.algorithms.bisecting_kmeans import BisectingKMeans
from mall_app.assigners import CentreTree
from mall_app.kernels.halving import halve
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud
from mall_app.partitions.portion import PartedPortion


def bisecting_kmeans(
    cloud: Cloud, algorithm: BisectingKMeans, n_clusters: int, random_state: int
) -> FoundInParts:
    """Split the customers in two, again and again.

    Parameters
    ----------
    cloud, algorithm, n_clusters, random_state
        As in `mall_app.partitions.kmeans.kmeans`. The starts of each split run on the sample.
    """
    table, sample = PartedPortion.of(cloud), np.asarray(cloud.sample.values)
    tree = halve(table, sample, n_clusters, random_state=random_state, **algorithm.params())
    notes = () if tree.converged else (NOT_CONVERGED,)
    return FoundInParts(CentreTree(tree.centres, tree.children, tree.labels), notes)
