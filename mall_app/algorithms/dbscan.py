"""Density-based clustering with one density for all segments."""

from __future__ import annotations

import param
from sklearn.cluster import DBSCAN as SklearnDBSCAN

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.points import Points


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
    largest_n = 50_000  # of dense groups, neighbours take gigabytes beyond

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

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`. Nothing in it is random."""
        fitted = SklearnDBSCAN(eps=self.eps, min_samples=self.min_samples).fit(points.values)
        return Grouping(fitted.labels_)
