"""Bisecting k-means over partitions: the rows of a segment stay with the workers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mall_app.algorithms import NOT_CONVERGED
from mall_app.algorithms.bisecting_kmeans import BisectingKMeans
from mall_app.assigners import CentreTree
from mall_app.geometry.points import FloatArray
from mall_app.kernels.halving import halve, nearer, some_distinct
from mall_app.kernels.lloyd_step import LloydStep, lloyd_step
from mall_app.kernels.settling import Rest
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud
from mall_app.partitions.statistics import summed
from mall_app.partitions.workers import Parted


@dataclass(frozen=True, eq=False)
class _Portion:
    """Some rows of each partition; see `mall_app.kernels.halving.Portion`."""

    cloud: Cloud
    values: Parted

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        return tuple(self.cloud.workers.collect(len, self.values))

    @property
    def n_rows(self) -> int:
        return sum(self.lengths)

    def step(self, centres: FloatArray) -> LloydStep:
        done: LloydStep = summed(self.cloud.workers.collect(lloyd_step, self.values, centres))
        return done

    def race(self, starts: list[FloatArray], max_iter: int, rest: float) -> Rest:
        return self.cloud.race(self.values, self.lengths)(starts, max_iter, rest)

    def nearer(self, pair: FloatArray, side: int) -> _Portion:
        values = self.cloud.workers.alike(self.values, nearer, self.values, pair, side)
        return _Portion(self.cloud, values)

    def distinct(self) -> FloatArray:
        parts = self.cloud.workers.collect(some_distinct, self.values)
        return some_distinct(np.concatenate(parts))


def bisecting_kmeans(
    cloud: Cloud, algorithm: BisectingKMeans, n_clusters: int, random_state: int
) -> FoundInParts:
    """Split the customers in two, again and again.

    Parameters
    ----------
    cloud, algorithm, n_clusters, random_state
        As in `mall_app.partitions.kmeans.kmeans`. The starts of each split run on the sample.
    """
    table = _Portion(cloud, cloud.values)
    sample = np.asarray(cloud.sample.values)
    tree = halve(table, sample, n_clusters, random_state=random_state, **algorithm.params())
    notes = () if tree.converged else (NOT_CONVERGED,)
    return FoundInParts(CentreTree(tree.centres, tree.children, tree.labels), notes)
