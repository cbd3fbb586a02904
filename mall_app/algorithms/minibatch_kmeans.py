"""k-means on small random batches, for tables too large for whole passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import param
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import FloatArray, IntArray, Metric, Points, count_distinct
from mall_app.geometry.scale import centred
from mall_app.kernels.drawing import START_ROWS, drawn_rows
from mall_app.kernels.large_lloyd import settled
from mall_app.kernels.lloyd_step import lloyd_step
from mall_app.kernels.mini_batches import (
    START_PASSES,
    START_TOLERANCE,
    TOGETHER,
    Follow,
    Following,
    follow_batches,
    mini_batches,
)
from mall_app.kernels.portions import HeldPortion, Portion

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
        default=3,
        bounds=(1, 100),
        doc="Starts tried on a first sample, of more than 50,000 customers on one of as many; the "
        "best goes on.",
    )
    max_iter = param.Integer(
        default=100,
        bounds=(1, 10_000),
        doc="Most passes, counted in customers drawn; a pass is 50,000 at most.",
    )

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: two copies of what it starts on, and labels of all."""
        few = min(n_rows, START_ROWS)
        return 8 * few * (2 * n_dimensions + 3) + 12 * (n_rows - few)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        if len(points) <= START_ROWS:
            return self._of_small(points, n_clusters, random_state)
        values = np.ascontiguousarray(points.values)
        sample = np.asarray(values[drawn_rows(len(values), random_state)], dtype=np.float64)

        def follow(rows: IntArray, *batches: Any) -> Following:
            return follow_batches([values[rows]], *batches)

        table = HeldPortion(values)
        centres = self.centres_of_large(table, follow, sample, n_clusters, random_state)
        labels = np.empty(len(values), dtype=np.int32)
        lloyd_step(values, centres, labels)
        return Grouping(labels.astype(np.int64), assigner=NearestCentre.of(centres))

    def centres_of_large(
        self,
        table: Portion,
        follow: Follow,
        sample: FloatArray,
        n_clusters: int,
        random_state: int,
        together: int = TOGETHER,
    ) -> FloatArray:
        """Find centres of a table of any size, each with some customers.

        Parameters
        ----------
        table : Portion
            All customers. k-means passes over them where the sample does not show enough that
            differ, or batches left a centre without any.
        follow, sample, n_clusters, random_state, together
            As in `mall_app.kernels.mini_batches.mini_batches`.

        Returns
        -------
        ndarray of shape (n_clusters, n_dimensions)
        """
        if count_distinct(sample) >= n_clusters:
            centres = mini_batches(
                follow,
                sample,
                table.n_rows,
                n_clusters,
                batch_size=self.batch_size,
                n_init=self.n_init,
                most=self.max_iter * MOST_A_PASS,
                random_state=random_state,
                together=together,
            )
            if table.step(centres).counts.all():
                return centres
        return settled(
            table,
            sample,
            n_clusters,
            n_init=self.n_init,
            init="k-means++",
            max_iter=START_PASSES,
            tol=START_TOLERANCE,
            random_state=random_state,
        ).centres

    def _of_small(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Have scikit-learn do it, whose first sample is small as well."""
        from sklearn.cluster import KMeans as SklearnKMeans
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
            whole = SklearnKMeans(n_clusters, init=fitted.cluster_centers_, n_init=1)
            fitted = whole.fit(own.values)
        centres = own.original(fitted.cluster_centers_)
        return Grouping(fitted.labels_, assigner=NearestCentre.of(centres))
