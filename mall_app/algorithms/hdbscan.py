"""Density-based clustering over all densities at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import param

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.errors import SettingsError
from mall_app.geometry.points import Metric, Points

FAST_LIBRARY_FROM = 5_000


class HDBSCAN(Algorithm):
    """HDBSCAN: the segments that persist longest while the density threshold rises."""

    key = "hdbscan"
    title = "HDBSCAN"
    summary = "Segments of different density; finds their number and leaves outliers as noise."
    citation = (
        "Campello, R. J. G. B., Moulavi, D. and Sander, J. (2013). Density-based clustering based "
        "on hierarchical density estimates. PAKDD 2013, 160-172."
    )
    order = 60
    needs_n_clusters = False
    gives_noise = True
    largest_n = 500_000
    quick_n = 100_000
    distances = ("euclidean", "gower")

    min_cluster_size = param.Integer(
        default=10, bounds=(2, 100_000), doc="Fewest customers that count as a segment."
    )
    min_samples = param.Integer(
        default=None,
        bounds=(1, 10_000),
        allow_None=True,
        doc="Neighbours that define the density; more gives more noise. Empty: min_cluster_size.",
    )
    cluster_selection_method: param.Selector[str] = param.Selector(
        default="eom",
        objects=["eom", "leaf"],
        doc="Keep the most persistent segments (eom), or the smallest and most alike (leaf).",
    )
    cluster_selection_epsilon = param.Number(
        default=0.0,
        bounds=(0.0, 1e9),
        doc="Segments nearer than this, in units of the scaled features, are not split further.",
    )

    def row_limit(self, metric: Metric = "euclidean") -> int:
        """Give the rows served; without the fast library the time grows with their square."""
        return self.largest_n if self._is_fast(self.largest_n, metric) else 50_000

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: a tree, the nearest neighbours and the hierarchy."""
        return 8 * n_rows * (2 * n_dimensions + 10 + min(self._neighbours, n_rows))

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`. Nothing in it is random.

        Raises
        ------
        SettingsError
            `min_cluster_size` or `min_samples` is more than there are rows, or
            `cluster_selection_epsilon` is too wide for this distance.
        """
        for name in ("min_cluster_size", "min_samples"):
            wanted = getattr(self, name)
            if wanted is not None and wanted > len(points):
                raise SettingsError(
                    f"{name} must be at most the {len(points)} customers there are, not {wanted}.",
                    ("params", name),
                )
        if self._is_fast(len(points), points.metric):
            return Grouping(self._fast().fit(points.values).labels_)
        try:
            return Grouping(self._plain(points.metric).fit(points.values).labels_)
        except TypeError as error:
            # scikit-learn 1.9 on NumPy 2.4 cannot join segments nearer than a wide epsilon.
            if self.cluster_selection_epsilon == 0:
                raise
            return self._joined_by_the_fast_library(points, error)

    def _joined_by_the_fast_library(self, points: Points, error: TypeError) -> Grouping:
        if self._neighbours > 1 and points.metric == "euclidean":
            return Grouping(self._fast().fit(np.ascontiguousarray(points.values)).labels_)
        raise SettingsError(
            f"cluster_selection_epsilon must be less than {self.cluster_selection_epsilon:g} for "
            "this table, distance and min_samples: segments that near cannot be joined here.",
            ("params", "cluster_selection_epsilon"),
        ) from error

    def _is_fast(self, n_rows: int, metric: Metric) -> bool:
        return n_rows >= FAST_LIBRARY_FROM and self._neighbours > 1 and metric == "euclidean"

    @property
    def _neighbours(self) -> int:
        return self.min_samples or self.min_cluster_size

    def _plain(self, metric: Metric) -> Any:
        """Serve small tables at once: the fast library compiles for seconds when first used."""
        from sklearn.cluster import HDBSCAN as SklearnHDBSCAN

        return SklearnHDBSCAN(copy=True, metric=metric, **self.params())

    def _fast(self) -> Any:
        from fast_hdbscan import HDBSCAN as FastHDBSCAN

        # It does not count a customer among its own neighbours, as scikit-learn does.
        return FastHDBSCAN(
            reproducible=True, **self.params() | {"min_samples": self._neighbours - 1}
        )
