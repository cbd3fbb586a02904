"""Density-based clustering read from an ordering of the customers."""

from __future__ import annotations

import warnings

import numpy as np
import param

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.geometry.points import Metric, Points
from mall_app.geometry.scale import centred, distinct_rows


class OPTICS(Algorithm):
    """OPTICS: customers in an order where neighbours follow each other; valleys are segments."""

    key = "optics"
    title = "OPTICS"
    summary = "Dense regions of different density, cut where the density changes steeply."
    citation = (
        "Ankerst, M., Breunig, M. M., Kriegel, H.-P. and Sander, J. (1999). OPTICS: ordering "
        "points to identify the clustering structure. SIGMOD 1999, 49-60."
    )
    order = 70
    needs_n_clusters = False
    gives_noise = True
    largest_n = 10_000
    quick_n = 7_000
    sample_rows = 5_000
    distances = ("euclidean", "gower")

    min_samples = param.Integer(
        default=10,
        bounds=(2, 10_000),
        doc="Customers within reach, itself included, that make a customer a core of a segment.",
    )
    xi = param.Number(
        default=0.2,
        bounds=(0.0, 1.0),
        inclusive_bounds=(False, False),
        doc="Least relative change of density at the border of a segment.",
    )
    min_cluster_size = param.Integer(
        default=None,
        bounds=(2, 100_000),
        allow_None=True,
        doc="Fewest customers that count as a segment. Empty: min_samples.",
    )

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: a tree, and the neighbours of one block of customers."""
        return 8 * n_rows * (3 * n_dimensions + 10 + min(self.min_samples, n_rows))

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`. Nothing in it is random."""
        from sklearn.cluster import OPTICS as SklearnOPTICS

        fewest = max(self.min_samples, self.min_cluster_size or 2)
        if fewest > len(points):
            return Grouping(np.full(len(points), -1, dtype=np.int64))
        with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
            # Equal customers have reachability 0, whose ratios the library divides by.
            warnings.simplefilter("ignore", RuntimeWarning)
            fitted = SklearnOPTICS(metric=points.metric, **self.params())
            labels = fitted.fit(centred(points).values).labels_
        # Equal customers at the border of a valley may fall on both sides of it.
        _, which = distinct_rows(points.values)
        shared = np.full(len(points), -1, dtype=np.int64)
        np.maximum.at(shared, which, labels)
        return Grouping(shared[which])
