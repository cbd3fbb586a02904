"""Segments around the peaks of the density."""

from __future__ import annotations

import numpy as np
import param
from scipy.spatial import KDTree

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import FloatArray, Metric, Points
from mall_app.geometry.scale import centred

SAMPLE_ROWS = 1_000
LEAST_REACH = 1e-12


class MeanShift(Algorithm):
    """Mean shift: each customer climbs to the nearest peak of the density."""

    key = "mean_shift"
    title = "Mean shift"
    summary = "One segment around each peak of the density; finds their number."
    citation = (
        "Comaniciu, D. and Meer, P. (2002). Mean shift: a robust approach toward feature space "
        "analysis. IEEE Transactions on Pattern Analysis and Machine Intelligence 24(5), 603-619."
    )
    order = 80
    needs_n_clusters = False
    native_predict = True
    largest_n = 20_000
    sample_rows = 10_000

    bandwidth = param.Number(
        default=None,
        bounds=(0.0, 1e9),
        inclusive_bounds=(False, True),
        allow_None=True,
        doc="Reach over which the density is averaged, in units of the scaled features. "
        "Empty: estimated from quantile.",
    )
    quantile = param.Number(
        default=0.2,
        bounds=(0.0, 1.0),
        inclusive_bounds=(False, True),
        doc="Share of the customers within the bandwidth of one, when bandwidth is empty.",
    )
    max_iter = param.Integer(default=300, bounds=(1, 10_000), doc="Most steps of one climb.")

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: a tree and copies of the table."""
        return 8 * n_rows * (2 * n_dimensions + 4)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        from sklearn.cluster import MeanShift as SklearnMeanShift

        own = centred(points)
        notes: tuple[str, ...] = ()
        if self.bandwidth is None:
            reach = estimated_reach(own.values, self.quantile, random_state)
            notes = (f"The bandwidth was estimated as {reach * own.unit:.4g}.",)
        else:
            reach = max(self.bandwidth / own.unit, LEAST_REACH)
        fitted = SklearnMeanShift(
            bandwidth=reach, seeds=_seeds(own.values, reach), max_iter=self.max_iter
        ).fit(own.values)
        centres = NearestCentre.of(own.original(fitted.cluster_centers_))
        return Grouping(fitted.labels_.astype(np.int64), notes, centres)


def estimated_reach(values: FloatArray, quantile: float, random_state: int) -> float:
    """Give the mean distance to the neighbour that a share of the rows is nearer than.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        At least two distinct rows; of more than 1,000 a sample is drawn.
    quantile : float
        The share.
    random_state : int
        Seed of the sample.

    Examples
    --------
    >>> estimated_reach(np.array([[0.0], [1.0], [2.0], [3.0]]), 0.5, 0)
    1.0
    """
    if len(values) > SAMPLE_ROWS:
        rows = np.random.default_rng(random_state).choice(len(values), SAMPLE_ROWS, replace=False)
        values = values[rows]
    neighbours = max(2, round(quantile * len(values)))  # a row is the first neighbour of itself
    reach = float(KDTree(values).query(values, k=[neighbours])[0].mean())
    # Where most rows are equal, their neighbours are at no distance at all.
    return reach if reach > 0 else float(np.linalg.norm(values.std(axis=0))) or 1.0


def _seeds(values: FloatArray, reach: float) -> FloatArray:
    """Give one row of each cell of a grid as wide as the reach: where climbs begin."""
    cells = np.floor(values / reach).astype(np.int64) if reach > LEAST_REACH else values
    _, which = np.unique(cells, axis=0, return_inverse=True)
    order = np.lexsort((*values.T[::-1], which.ravel()))
    # The middle row of a cell, in an order that does not depend on that of the table.
    sizes = np.bincount(which.ravel())
    starts = np.cumsum(sizes) - sizes
    return np.asarray(values[order[starts + sizes // 2]])
