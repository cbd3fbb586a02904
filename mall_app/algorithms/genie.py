"""Hierarchical clustering that keeps segments from becoming too unequal."""

from __future__ import annotations

import numpy as np
import param
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.geometry.points import Metric, Points
from mall_app.geometry.scale import distinct_rows


class Genie(Algorithm):
    """Single linkage that joins the smallest segment first when sizes grow too unequal."""

    key = "genie"
    title = "Genie"
    summary = "Segments of any shape, and none of them tiny unless they stand far apart."
    citation = (
        "Gagolewski, M. (2021). genieclust: fast and robust hierarchical clustering. SoftwareX 15, "
        "100722."
    )
    order = 43
    largest_n = 500_000
    quick_n = 250_000
    sample_rows = 200_000
    distances = ("euclidean", "gower")

    gini_threshold = param.Number(
        default=0.3,
        bounds=(0.0, 1.0),
        inclusive_bounds=(False, True),
        doc="How unequal the sizes may become before the smallest is joined; 1 is single linkage.",
    )

    def row_limit(self, metric: Metric = "euclidean") -> int:
        """Give the rows served: Gower's distance takes time with the square of their number."""
        return self.largest_n if metric == "euclidean" else 50_000

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: copies of the table, a tree, and a list of merges."""
        return 8 * n_rows * (2 * n_dimensions + 20)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`. Nothing in it is random."""
        if n_clusters == points.n_distinct:
            return Grouping(distinct_rows(points.values)[1])
        from genieclust import Genie as GenieclustGenie

        # The library takes no table of one column; a column of zeros changes no distance.
        alone = points.values.shape[1] == 1
        values = np.pad(points.values, ((0, 0), (0, 1))) if alone else points.values.copy()
        method = GenieclustGenie(
            n_clusters,
            gini_threshold=self.gini_threshold,
            metric="l2" if points.metric == "euclidean" else "l1",
        )
        with threadpool_limits(1):  # its threads wait for each other far longer than they work
            return Grouping(method.fit_predict(values).astype(np.int64))
