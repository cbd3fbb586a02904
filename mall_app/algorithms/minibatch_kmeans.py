"""k-means on small random batches, for tables too large for whole passes."""

from __future__ import annotations

import numpy as np
import param
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import Metric, Points
from mall_app.geometry.scale import centred

MOST_A_PASS = 50_000


class MiniBatchKMeans(Algorithm):
    """k-means whose centres follow random batches of customers instead of all of them."""

    key = "minibatch_kmeans"
    title = "Mini-batch k-means"
    summary = "Nearly the segments of k-means for less work, on very large tables."
    citation = "Sculley, D. (2010). Web-scale k-means clustering. WWW 2010, 1177-1178."
    order = 25
    native_predict = True
    largest_n = 10_000_000

    batch_size = param.Integer(
        default=1024, bounds=(10, 1_000_000), doc="Customers in one random batch."
    )
    n_init = param.Integer(
        default=3, bounds=(1, 100), doc="Starts tried on a first sample; the best goes on."
    )
    max_iter = param.Integer(
        default=100,
        bounds=(1, 10_000),
        doc="Most passes, counted in customers drawn; a pass is 50,000 at most.",
    )

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: one copy of the table, labels and weights."""
        return 8 * n_rows * (n_dimensions + 3)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        from sklearn.cluster import KMeans
        from sklearn.cluster import MiniBatchKMeans as SklearnMiniBatchKMeans

        own = centred(points)  # the library loses digits far from zero
        passes = max(1, self.max_iter * MOST_A_PASS // max(MOST_A_PASS, len(points)))
        batches = SklearnMiniBatchKMeans(
            n_clusters,
            init_size=3 * max(self.batch_size, n_clusters),
            random_state=random_state,
            **self.params() | {"max_iter": passes},
        )
        with threadpool_limits(1):  # on a batch, threads wait for each other longer than they work
            fitted = batches.fit(own.values)
        if len(np.unique(fitted.labels_)) < n_clusters:
            # Batches left a centre without customers; whole passes move it where there are some.
            fitted = KMeans(n_clusters, init=fitted.cluster_centers_, n_init=1).fit(own.values)
        centres = own.original(fitted.cluster_centers_)
        return Grouping(fitted.labels_, assigner=NearestCentre.of(centres))
