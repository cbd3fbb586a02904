"""Mini-batch k-means over partitions: a batch of each of them at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.algorithms.minibatch_kmeans import MiniBatchKMeans
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.large_lloyd import best_starts
from mall_app.kernels.lloyd_step import LloydStep, Rows, lloyd_step
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud
from mall_app.partitions.statistics import summed
from mall_app.partitions.workers import Parted
from mall_app.progress import step

_START_PASSES = 300
_START_TOLERANCE = 1e-4
_PATIENCE = 10  # batches that may pass without gain, as scikit-learn has it
_MOST_BATCHES = 200


@dataclass
class _Run:
    """Centres that follow batches, each moved less the more rows it has seen."""

    centres: FloatArray
    seen: IntArray
    smooth: float = np.inf
    least: float = np.inf
    without_gain: int = 0

    def follow(self, batch: LloydStep, share: float) -> None:
        self.seen += batch.counts
        moves = batch.sums - batch.counts[:, None] * self.centres
        self.centres = self.centres + moves / np.maximum(self.seen, 1)[:, None]
        cost = batch.inertia / max(1, int(batch.counts.sum()))
        first = not np.isfinite(self.smooth)
        self.smooth = cost if first else self.smooth + (cost - self.smooth) * share
        self.without_gain = 0 if self.smooth < self.least else self.without_gain + 1
        self.least = min(self.least, self.smooth)


def minibatch_kmeans(
    cloud: Cloud, algorithm: MiniBatchKMeans, n_clusters: int, random_state: int
) -> FoundInParts:
    """Partition the customers by k-means on batches.

    The starts run on the sample. A batch then has `batch_size` rows of each partition, and batches
    end when ten of them in a row bring no gain, after as many rows as `max_iter` passes have, or
    after 200: a table of many partitions draws many rows in each.

    Parameters
    ----------
    cloud, algorithm, n_clusters, random_state
        As in `mall_app.partitions.kmeans.kmeans`.

    References
    ----------
    Sculley, D. (2010). Web-scale k-means clustering. WWW 2010, 1177-1178.
    """
    sample = np.asarray(cloud.sample.values)
    first = best_starts(
        sample,
        n_clusters,
        n_init=algorithm.n_init,
        init="k-means++",
        max_iter=_START_PASSES,
        tol=_START_TOLERANCE,
        random_state=random_state,
    )[0]
    run = _Run(first, lloyd_step(sample, first).counts)
    n_drawn = algorithm.batch_size * len(cloud.values)
    most = min(_MOST_BATCHES, max(1, algorithm.max_iter * cloud.n_rows // n_drawn))
    share = min(1.0, 2.0 * n_drawn / (cloud.n_rows + 1))
    places = Parted(range(len(cloud.values)))
    for number in range(most):
        seeds = (random_state, number)
        parts = cloud.workers.collect(
            _batch_step, cloud.values, run.centres, places, seeds, algorithm.batch_size
        )
        run.follow(summed(parts), share)
        step(number + 1, 0, "Batches of the customers")
        if run.without_gain >= _PATIENCE:
            break
    return FoundInParts(NearestCentre.of(run.centres))


def _batch_step(
    values: Rows, centres: FloatArray, place: int, seeds: tuple[int, int], size: int
) -> LloydStep:
    generator = np.random.default_rng((*seeds, place))
    if not len(values):
        return lloyd_step(values, centres)
    rows = np.sort(generator.integers(0, len(values), min(size, len(values))))
    return lloyd_step(values.take(rows, axis=0), centres)
