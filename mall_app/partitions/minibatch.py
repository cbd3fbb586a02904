"""Mini-batch k-means over partitions: one worker follows the batches, the others send theirs."""

from __future__ import annotations

import numpy as np

from mall_app.algorithms.minibatch_kmeans import MiniBatchKMeans
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import IntArray
from mall_app.kernels.drawing import by_part
from mall_app.kernels.mini_batches import TOGETHER, Following, follow_batches
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud, take
from mall_app.partitions.portion import PartedPortion
from mall_app.partitions.workers import Parted

_MORE = 10  # times as many rows at once, where files are read for each of them


def minibatch_kmeans(
    cloud: Cloud, algorithm: MiniBatchKMeans, n_clusters: int, random_state: int
) -> FoundInParts:
    """Partition the customers by k-means on batches, the same that a table held in memory has.

    Parameters
    ----------
    cloud, algorithm, n_clusters, random_state
        As in `mall_app.partitions.kmeans.kmeans`. The starts run on the sample.
    """

    def follow(
        rows: IntArray, order: IntArray, size: int, begun: Following, share: float
    ) -> Following:
        places = Parted(by_part(rows, cloud.lengths))
        drawn = cloud.workers.hold(take, cloud.values, places)
        done: Following = cloud.workers.ask(follow_batches, drawn, order, size, begun, share)
        return done

    centres = algorithm.centres_of_large(
        PartedPortion.of(cloud),
        follow,
        np.asarray(cloud.sample.values),
        n_clusters,
        random_state,
        TOGETHER if cloud.values.is_held else _MORE * TOGETHER,
    )
    return FoundInParts(NearestCentre.of(centres))
