"""k-prototypes: k-means for tables that hold numbers and categories."""

from __future__ import annotations

import param

from mall_app.algorithms.base import NOT_CONVERGED, Algorithm, Grouping
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import Metric, Points
from mall_app.kernels.prototypes import k_prototypes


class KPrototypes(Algorithm):
    """Segments around a prototype: a mean or median of each quantity, a value of each category."""

    key = "kprototypes"
    title = "k-prototypes"
    summary = "k-means for quantities and categories together; the middle is a possible customer."
    citation = (
        "Huang, Z. (1998). Extensions to the k-means algorithm for clustering large data sets with "
        "categorical values. Data Mining and Knowledge Discovery 2, 283-304."
    )
    order = 28
    native_predict = True
    largest_n = 500_000
    quick_n = 250_000
    sample_rows = 50_000
    distances = ("euclidean", "gower")

    n_init = param.Integer(default=10, bounds=(1, 100), doc="Starts; the best of them is kept.")
    max_iter = param.Integer(default=100, bounds=(1, 10_000), doc="Most passes of one start.")

    def row_limit(self, metric: Metric = "euclidean") -> int:
        """Give the rows served: medians take longer than means."""
        return self.largest_n if metric == "euclidean" else 200_000

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: distances to some prototypes and a sorted copy."""
        return 8 * n_rows * (2 * n_dimensions + 10)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        best = k_prototypes(
            points,
            n_clusters,
            n_init=self.n_init,
            max_iter=self.max_iter,
            random_state=random_state,
        )
        notes = () if best.converged else (NOT_CONVERGED,)
        return Grouping(best.labels, notes, NearestCentre.of(best.centres, points.metric))
