"""Lloyd's k-means."""

from __future__ import annotations

import numpy as np
import param

from mall_app.algorithms.base import NOT_CONVERGED, Algorithm, Grouping
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import FloatArray, Metric, Points
from mall_app.kernels.drawing import START_ROWS
from mall_app.kernels.far_rows import spread_of
from mall_app.kernels.large_lloyd import LargePartition, lloyd_large
from mall_app.kernels.lloyd import is_small, lloyd
from mall_app.kernels.starts import FEW_ROWS
from mall_app.labels import group_means
from mall_app.silhouette import SMALL_ROWS


class KMeans(Algorithm):
    """k-means with several starts: the partition with the least within-segment scatter."""

    key = "kmeans"
    title = "k-means"
    summary = "Round segments of similar spread around their centres; the usual first choice."
    citation = (
        "Arthur, D. and Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding. "
        "SODA 2007, 1027-1035."
    )
    order = 10
    native_predict = True
    largest_n = 10_000_000
    uses_weights = True

    n_init = param.Integer(
        default=10,
        bounds=(1, 100),
        doc="Starts; the best of them is kept. From 5,000 customers on they run on a sample, of "
        "50,000 at most, and the best of them go on over all.",
    )
    init: param.Selector[str] = param.Selector(
        default="k-means++",
        objects=["k-means++", "random"],
        doc="How the first centres are drawn: spread out, or plain customers at random.",
    )
    max_iter = param.Integer(default=300, bounds=(1, 10_000), doc="Most passes of one start.")
    tol = param.Number(
        default=1e-4,
        bounds=(0.0, 1.0),
        doc="A start ends when the centres move less than this share of the variance.",
    )

    def cluster_weighted(
        self, points: Points, weights: FloatArray, n_clusters: int, random_state: int
    ) -> Grouping:
        """Group small groups by their weights; see `Algorithm.cluster_weighted`."""
        return self._of_medium(points.values, weights, n_clusters, random_state)

    def is_quick(self, n_rows: int, n_clusters: int) -> bool:
        """Whether all starts can run side by side; see `mall_app.kernels.lloyd.is_small`."""
        return is_small(n_rows, n_clusters, self.n_init)

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: as for a small table, which takes most of it.

        That is a centred copy of the table, and sums by row; a large one takes labels alone.
        """
        return 8 * n_rows * (n_dimensions + 9)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        if self.is_quick(len(points), n_clusters):
            best = lloyd(points.values, n_clusters, random_state=random_state, **self.params())
            centres = NearestCentre.of(group_means(points.values, best.labels, n_clusters))
            return Grouping(best.labels, () if best.converged else (NOT_CONVERGED,), centres)
        if len(points) >= SMALL_ROWS:
            found = self._of_large(np.ascontiguousarray(points.values), n_clusters, random_state)
            if found is not None:
                notes = () if found.converged else (NOT_CONVERGED,)
                labels = found.labels.astype(np.int64)
                return Grouping(labels, notes, NearestCentre.of(found.centres))
        return self._of_medium(points.values, None, n_clusters, random_state)

    def _of_medium(
        self, values: FloatArray, weights: FloatArray | None, n_clusters: int, random_state: int
    ) -> Grouping:
        """Have scikit-learn do it, whose starts run one after another, each on all cores."""
        from sklearn.cluster import KMeans as SklearnKMeans

        fitted = SklearnKMeans(n_clusters, random_state=random_state, **self.params()).fit(
            values, sample_weight=weights
        )
        return Grouping(fitted.labels_, assigner=NearestCentre.of(fitted.cluster_centers_))

    def _of_large(
        self, values: FloatArray, n_clusters: int, random_state: int
    ) -> LargePartition | None:
        """Start on some of the rows; None where too few of them make much of the scatter."""
        if len(values) <= START_ROWS and spread_of(values, values.mean(axis=0)).is_uneven(FEW_ROWS):
            return None
        return lloyd_large(values, n_clusters, random_state=random_state, **self.params())
