"""Density-based clustering with one density for all segments."""

from __future__ import annotations

import numpy as np
import param

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.assigners import CoreDistance
from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray, Metric, Points
from mall_app.wording import size_in_words

MOST_BYTES = 4_000_000_000
SAMPLE_ROWS = 200


class DBSCAN(Algorithm):
    """DBSCAN: segments are regions where customers lie close; the rest is noise."""

    key = "dbscan"
    title = "DBSCAN"
    summary = "Dense regions of any shape; finds their number and leaves outliers as noise."
    citation = (
        "Ester, M., Kriegel, H.-P., Sander, J. and Xu, X. (1996). A density-based algorithm for "
        "discovering clusters in large spatial databases with noise. KDD 1996, 226-231."
    )
    order = 50
    needs_n_clusters = False
    gives_noise = True
    largest_n = 100_000
    quick_n = 30_000
    distances = ("euclidean", "gower")
    sample_rows = 10_000
    uses_weights = True

    eps = param.Number(
        default=0.5,
        bounds=(0.0, 1e9),
        inclusive_bounds=(False, True),
        doc="Reach of a neighbourhood, in units of the scaled features.",
    )
    min_samples = param.Integer(
        default=5,
        bounds=(1, 10_000),
        doc="Customers within reach, itself included, that make a customer a core of a segment.",
    )

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit with a fiftieth of all in reach; `cluster` counts them."""
        return _bytes_of_neighbours(n_rows, n_rows / 50) + 8 * n_rows * 2 * n_dimensions

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`. Nothing in it is random.

        Raises
        ------
        SettingsError
            `eps` reaches so many customers that their list would not fit in memory.
        """
        return self._grouped(points, None)

    def cluster_weighted(
        self, points: Points, weights: FloatArray, n_clusters: int, random_state: int
    ) -> Grouping:
        """Group small groups, whose weights count as customers in reach; see `Algorithm`."""
        return self._grouped(points, weights)

    def _grouped(self, points: Points, weights: FloatArray | None) -> Grouping:
        from sklearn.cluster import DBSCAN as SklearnDBSCAN

        self._check_reach(points)
        fitted = SklearnDBSCAN(
            eps=self.eps, min_samples=self.min_samples, metric=points.metric, algorithm="kd_tree"
        ).fit(points.values, sample_weight=weights)
        cores = fitted.core_sample_indices_
        own = fitted.labels_[cores].astype(np.int64)
        return Grouping(
            fitted.labels_,
            assigner=CoreDistance(points.values[cores], own, self.eps, points.metric),
        )

    def _check_reach(self, points: Points) -> None:
        if _bytes_of_neighbours(len(points), len(points)) <= MOST_BYTES:
            return
        some = points.take(slice(None, None, -(-len(points) // SAMPLE_ROWS)))
        mean = float((some.distances(points.values) <= self.eps).sum(axis=1).mean())
        needed = _bytes_of_neighbours(len(points), mean)
        if needed > MOST_BYTES:
            raise SettingsError(
                f"eps must be less than {self.eps:g} for this table: it reaches {mean:,.0f} "
                f"customers from each, and their list would take about {size_in_words(needed)}.",
                ("params", "eps"),
            )


def _bytes_of_neighbours(n_rows: int, mean: float) -> int:
    """Bytes of the lists of neighbours while they are made."""
    return int(8 * n_rows * mean * 1.5)
