"""Bisecting k-means over partitions: one segment is split in two at a time, by passes over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.algorithms import NOT_CONVERGED
from mall_app.algorithms.bisecting_kmeans import BisectingKMeans
from mall_app.assigners import CentreTree
from mall_app.geometry.points import FloatArray, count_distinct
from mall_app.kernels.large_lloyd import race_from_sample
from mall_app.kernels.lloyd_step import Rows, lloyd_step
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud
from mall_app.partitions.workers import Parted
from mall_app.progress import step

_TOLERANCE = 1e-4  # scikit-learn's
_MOST_FETCHED = 1_000  # rows of a partition, where the sample shows too little of a segment


@dataclass(frozen=True, eq=False)
class _Leaf:
    """A segment that may be split: its rows in each partition, and those of the sample."""

    node: int
    values: Parted
    sample: FloatArray
    count: int
    inertia: float


def bisecting_kmeans(
    cloud: Cloud, algorithm: BisectingKMeans, n_clusters: int, random_state: int
) -> FoundInParts:
    """Split the customers in two, again and again.

    Parameters
    ----------
    cloud, algorithm, n_clusters, random_state
        As in `mall_app.partitions.kmeans.kmeans`. The starts of each split run on the sample.
    """
    sample = np.asarray(cloud.sample.values)
    middle = sample.mean(axis=0, keepdims=True)
    leaves = [_leaf(cloud, 0, cloud.values, sample, middle)]
    centres, children, notes = [middle[0]], [[-1, -1]], set()
    while len(leaves) < n_clusters:
        leaf = max(leaves, key=lambda own: _worth(own, algorithm.bisecting_strategy))
        if leaf.inertia <= 0:
            break
        pair, converged = _halves(cloud, leaf, algorithm, random_state + len(leaves))
        notes |= set() if converged else {NOT_CONVERGED}
        children[leaf.node] = [len(centres), len(centres) + 1]
        leaves.remove(leaf)
        for side in (0, 1):
            leaves.append(_half(cloud, leaf, len(centres), pair, side))
            centres.append(pair[side])
            children.append([-1, -1])
        step(len(leaves), n_clusters, "Splits of the customers")
    labels = np.full(len(centres), -1, dtype=np.int64)
    labels[[own.node for own in leaves]] = np.arange(len(leaves))
    return FoundInParts(CentreTree(np.array(centres), np.array(children), labels), tuple(notes))


def _worth(leaf: _Leaf, strategy: str) -> float:
    """Say how much a leaf wants to be split; one whose rows are equal never."""
    if leaf.inertia <= 0:
        return -1.0
    return leaf.inertia if strategy == "biggest_inertia" else float(leaf.count)


def _halves(
    cloud: Cloud, leaf: _Leaf, algorithm: BisectingKMeans, random_state: int
) -> tuple[FloatArray, bool]:
    sample = leaf.sample
    if count_distinct(sample) < 2:
        sample = np.concatenate(cloud.workers.collect(_some_distinct, leaf.values))
    found = race_from_sample(
        cloud.race(leaf.values, leaf.count),
        sample,
        2,
        n_init=algorithm.n_init,
        init="k-means++",
        max_iter=algorithm.max_iter,
        tol=_TOLERANCE,
        random_state=random_state % 2**32,
    )
    return found.centres, found.converged


def _half(cloud: Cloud, leaf: _Leaf, node: int, pair: FloatArray, side: int) -> _Leaf:
    values = cloud.workers.alike(leaf.values, _nearer, leaf.values, pair, side)
    sample = np.asarray(_nearer(leaf.sample, pair, side), dtype=np.float64)
    return _leaf(cloud, node, values, sample, pair[side][None])


def _leaf(cloud: Cloud, node: int, values: Parted, sample: FloatArray, centre: FloatArray) -> _Leaf:
    about = cloud.step(centre, values)
    if about.counts[0] == 0:
        return _Leaf(node, values, sample, 0, 0.0)
    mean = about.means(centre)
    exact = cloud.step(mean, values)
    rounding = float(np.finfo(np.float64).eps * np.abs(mean).max()) ** 2 * about.counts[0]
    inertia = exact.inertia if exact.inertia > rounding else 0.0
    return _Leaf(node, values, sample, int(about.counts[0]), inertia)


def _nearer(values: Rows, pair: FloatArray, side: int) -> Rows:
    nearest = np.empty(len(values), dtype=np.int32)
    lloyd_step(values, pair, nearest)
    return np.ascontiguousarray(values[nearest == side])


def _some_distinct(values: Rows) -> FloatArray:
    return np.unique(np.asarray(values, dtype=np.float64), axis=0)[:_MOST_FETCHED]
