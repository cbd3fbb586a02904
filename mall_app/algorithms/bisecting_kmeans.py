"""k-means that splits one segment in two until there are enough."""

from __future__ import annotations

import param

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.assigners import CentreTree
from mall_app.geometry.points import Metric, Points


class BisectingKMeans(Algorithm):
    """Divisive k-means: segments for k + 1 come from splitting one segment for k."""

    key = "bisecting_kmeans"
    title = "Bisecting k-means"
    summary = "Splits one segment in two at a time, so that a larger k refines a smaller one."
    citation = (
        "Steinbach, M., Karypis, G. and Kumar, V. (2000). A comparison of document clustering "
        "techniques. KDD Workshop on Text Mining."
    )
    order = 20
    native_predict = True
    largest_n = 5_000_000
    quick_n = 1_500_000

    bisecting_strategy: param.Selector[str] = param.Selector(
        default="biggest_inertia",
        objects=["biggest_inertia", "largest_cluster"],
        doc="Which segment is split next: the most scattered, or the one with most customers.",
    )
    n_init = param.Integer(
        default=5, bounds=(1, 100), doc="Starts of each split; the best is kept."
    )
    max_iter = param.Integer(default=300, bounds=(1, 10_000), doc="Most passes of one split.")

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: a copy of the table, and one of the part being split."""
        return 8 * n_rows * (2 * n_dimensions + 5)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        from sklearn.cluster import BisectingKMeans as SklearnBisectingKMeans

        fitted = SklearnBisectingKMeans(
            n_clusters,
            init="k-means++",
            n_init=self.n_init,
            max_iter=self.max_iter,
            bisecting_strategy=self.bisecting_strategy,
            random_state=random_state,
        ).fit(points.values)
        return Grouping(fitted.labels_, assigner=CentreTree.of(fitted))
