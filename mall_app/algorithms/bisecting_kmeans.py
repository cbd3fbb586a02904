"""k-means that splits one segment in two until there are enough."""

from __future__ import annotations

import numpy as np
import param

from mall_app.algorithms.base import NOT_CONVERGED, Algorithm, Grouping
from mall_app.assigners import CentreTree
from mall_app.geometry.points import Metric, Points
from mall_app.kernels.drawing import drawn_rows
from mall_app.kernels.halving import halve
from mall_app.kernels.portions import HeldPortion
from mall_app.silhouette import SMALL_ROWS


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
    largest_n = 10_000_000

    bisecting_strategy: param.Selector[str] = param.Selector(
        default="biggest_inertia",
        objects=["biggest_inertia", "largest_cluster"],
        doc="Which segment is split next: the most scattered, or the one with most customers.",
    )
    n_init = param.Integer(
        default=5,
        bounds=(1, 100),
        doc="Starts of each split; the best is kept. From 5,000 customers on they run on a sample, "
        "of 50,000 at most, and the best of them go on over all.",
    )
    max_iter = param.Integer(default=300, bounds=(1, 10_000), doc="Most passes of one split.")

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: a copy of each segment, and one of that being split."""
        return 8 * n_rows * (2 * n_dimensions + 5)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        if len(points) < SMALL_ROWS:
            return self._of_small(points, n_clusters, random_state)
        values = np.ascontiguousarray(points.values)
        sample = np.asarray(values[drawn_rows(len(values), random_state)], dtype=np.float64)
        tree = halve(
            HeldPortion(values), sample, n_clusters, random_state=random_state, **self.params()
        )
        assigner = CentreTree(tree.centres, tree.children, tree.labels)
        notes = () if tree.converged else (NOT_CONVERGED,)
        return Grouping(assigner.place(points), notes, assigner)

    def _of_small(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Have scikit-learn do it, which is done before a kernel is loaded."""
        from sklearn.cluster import BisectingKMeans as SklearnBisectingKMeans

        fitted = SklearnBisectingKMeans(
            n_clusters, init="k-means++", random_state=random_state, **self.params()
        ).fit(points.values)
        return Grouping(fitted.labels_, assigner=CentreTree.of(fitted))
