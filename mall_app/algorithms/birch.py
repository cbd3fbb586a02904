"""BIRCH: a table summed up in small groups, which are then joined."""

from __future__ import annotations

import fastcluster
import numpy as np
import param
from scipy.spatial import KDTree

from mall_app.algorithms.agglomerative import cut
from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.assigners import NearestCentre
from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray, Metric, Points
from mall_app.geometry.scale import centred, distinct_rows
from mall_app.kernels.nearest import nearest_centres

MOST_GROUPS = 20_000
_WANTED_GROUPS = 1_000
_MOST_HALVINGS = 10
_THRESHOLDS = (1e-150, 1e9)  # of points within -1 and 1; squares keep their digits


class Birch(Algorithm):
    """BIRCH: one pass sums the customers up in small groups; Ward's method joins the groups."""

    key = "birch"
    title = "BIRCH"
    summary = "Hierarchical segments of a large table in one pass over it."
    citation = (
        "Zhang, T., Ramakrishnan, R. and Livny, M. (1996). BIRCH: an efficient data clustering "
        "method for very large databases. SIGMOD 1996, 103-114."
    )
    order = 35
    native_predict = True
    largest_n = 200_000
    quick_n = 100_000
    sample_rows = 50_000

    threshold = param.Number(
        default=None,
        bounds=(0.0, 1e9),
        inclusive_bounds=(False, True),
        allow_None=True,
        doc="Largest radius of a small group, in units of the scaled features. "
        "Empty: about 1,000 groups are made.",
    )
    branching_factor = param.Integer(
        default=50, bounds=(2, 1_000), doc="Most groups in one node of the tree."
    )

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: copies of the table, and a tree of small groups."""
        return 8 * n_rows * (4 * n_dimensions + 16)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`.

        Raises
        ------
        SettingsError
            The threshold leaves too many small groups to join, or too few to choose from.
        """
        own = centred(points)
        if self.threshold is None:
            groups = self._enough_groups(own.values, n_clusters, random_state)
        else:
            groups = self._groups(
                own.values, float(np.clip(self.threshold / own.unit, *_THRESHOLDS))
            )
            self._check(len(groups), n_clusters)
        merges = fastcluster.linkage_vector(groups, method="ward")
        nearest = nearest_centres(own.values, groups)
        segments = cut(merges, n_clusters)
        return Grouping(segments[nearest], assigner=NearestCentre(own.original(groups), segments))

    def _enough_groups(self, values: FloatArray, n_clusters: int, random_state: int) -> FloatArray:
        """Make about a thousand groups, or one for each distinct row of a small table."""
        first, _ = distinct_rows(values)
        if len(first) <= _WANTED_GROUPS:
            return np.asarray(values[first])
        drawn = np.random.default_rng(random_state).choice(first, _WANTED_GROUPS, replace=False)
        sample = values[drawn]
        # The distance between neighbours in a sample of that many is the size of that many groups.
        threshold = float(np.median(KDTree(sample).query(sample, k=2)[0][:, 1])) / 2
        for halving in range(_MOST_HALVINGS):
            groups = self._groups(values, threshold / 2**halving)
            if len(groups) >= n_clusters:
                return groups
        return np.unique(np.vstack([groups, sample]), axis=0)

    def _groups(self, values: FloatArray, threshold: float) -> FloatArray:
        from sklearn.cluster import Birch as SklearnBirch

        fitted = SklearnBirch(
            threshold=threshold,
            branching_factor=self.branching_factor,
            n_clusters=None,
            compute_labels=False,
        ).fit(values)
        return np.unique(fitted.subcluster_centers_, axis=0)

    def _check(self, n_groups: int, n_clusters: int) -> None:
        if n_groups < n_clusters:
            raise SettingsError(
                f"threshold must be less than {self.threshold:g}: it leaves {n_groups} small "
                f"groups, and {n_clusters} segments are to be made of them.",
                ("params", "threshold"),
            )
        if n_groups > MOST_GROUPS:
            raise SettingsError(
                f"threshold must be more than {self.threshold:g}: it leaves {n_groups:,} small "
                f"groups, and at most {MOST_GROUPS:,} can be joined.",
                ("params", "threshold"),
            )
