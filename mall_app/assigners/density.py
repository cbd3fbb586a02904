"""Near enough to the core of a dense segment, or noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from mall_app.assigners.base import ORDERS, Assigner, Assignment, Method, query_threads
from mall_app.geometry.points import FloatArray, IntArray, Metric, Points


@dataclass(frozen=True, eq=False)
class CoreDistance(Assigner):
    """The label of the nearest core customer within reach, else noise.

    It is the rule of DBSCAN for a customer that is added alone. Approximate, because a customer
    may also make cores of others, and join two segments, when everything is clustered anew.

    Parameters
    ----------
    cores : ndarray of shape (n_cores, n_dimensions)
        The core customers.
    labels : ndarray of shape (n_cores,)
        Label of each.
    eps : float
        Reach, in units of the coordinates.
    metric : {"euclidean", "cityblock"}
        How near is measured.

    Examples
    --------
    >>> dense = CoreDistance(np.array([[0.0], [1.0]]), np.array([0, 0]), 1.0)
    >>> given = dense.assign(Points(np.array([[1.5], [3.0]])))
    >>> given.labels.tolist(), given.confidence.tolist()
    ([0, -1], [0.5, 0.5])
    """

    cores: FloatArray
    labels: IntArray
    eps: float
    metric: Metric = "euclidean"
    method: Method = "approximate"

    @property
    def aligned(self) -> tuple[str, ...]:
        """Names of the fields that have one entry a part."""
        return ("cores",)

    def assign(self, points: Points) -> Assignment:
        """Give each of the points a label.

        Confidence is 1 at a core and falls to 0 at the edge of its reach; of noise it is 0 at the
        edge and nears 1 far out.
        """
        if not len(self.cores):
            return Assignment(np.full(len(points), -1, dtype=np.int64), np.ones(len(points)))
        distances, nearest = self._tree.query(
            points.values, p=ORDERS[self.metric], workers=query_threads(len(points))
        )
        inside = distances <= self.eps
        labels = np.where(inside, self.labels[nearest], -1)
        farther = np.maximum(distances, self.eps)
        return Assignment(labels, 1.0 - np.minimum(distances, self.eps) / farther)

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.cores)
