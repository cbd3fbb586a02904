"""The nearest centre, medoid or prototype."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from mall_app.assigners.base import (
    FEW_ROWS,
    ORDERS,
    Assigner,
    Assignment,
    Method,
    blocks,
    joined,
    margins,
)
from mall_app.geometry.points import FloatArray, IntArray, Metric, Points
from mall_app.kernels.nearest import nearest_centres

if TYPE_CHECKING:
    from sklearn.cluster import BisectingKMeans

_MANY = 50  # centres a label from which trees are quicker than all distances


@dataclass(frozen=True, eq=False)
class NearestCentre(Assigner):
    """The label of the nearest of some centres; several may share a label.

    Parameters
    ----------
    centres : ndarray of shape (n_centres, n_dimensions)
        In the coordinates of the points.
    labels : ndarray of shape (n_centres,)
        Label of each.
    metric : {"euclidean", "cityblock"}
        How near is measured.
    method : str, default "native"
        Native when the algorithm itself puts a customer to its nearest centre.

    Examples
    --------
    >>> assigner = NearestCentre(np.array([[0.0], [10.0]]), np.array([0, 1]))
    >>> given = assigner.assign(Points(np.array([[2.0], [10.0]])))
    >>> given.labels.tolist(), given.confidence.tolist()
    ([0, 1], [0.75, 1.0])
    """

    centres: FloatArray
    labels: IntArray
    metric: Metric = "euclidean"
    method: Method = "native"

    @classmethod
    def of(cls, centres: FloatArray, metric: Metric = "euclidean") -> NearestCentre:
        """Give each centre its position as its label."""
        return cls(centres, np.arange(len(centres), dtype=np.int64), metric)

    @property
    def aligned(self) -> tuple[str, ...]:
        """Names of the fields that have one entry a part."""
        return ("centres",)

    def assign(self, points: Points) -> Assignment:
        """Give each of the points a label; confidence as in `mall_app.assigners.base.margins`."""
        own = np.unique(self.labels)
        if len(own) * _MANY < len(self.centres):
            return margins(self._nearest_of_each(points.values, own), own)
        cuts = blocks(len(points), len(self.centres))
        rows = (points.values[cut] for cut in cuts)
        return joined([margins(cdist(own, self.centres, self.metric), self.labels) for own in rows])

    def place(self, points: Points) -> IntArray:
        """Give each of the points a label; for many of them no distances are kept."""
        if self.metric != "euclidean" or len(points) <= FEW_ROWS:
            return self.assign(points).labels
        return np.asarray(self.labels[nearest_centres(points.values, self.centres)])

    def _nearest_of_each(self, values: FloatArray, labels: IntArray) -> FloatArray:
        """Distance of each row to the nearest centre of each label, by a tree for each label."""
        return np.stack(
            [
                KDTree(self.centres[self.labels == own]).query(values, p=ORDERS[self.metric])[0]
                for own in labels
            ],
            axis=1,
        )


@dataclass(frozen=True, eq=False)
class CentreTree(Assigner):
    """The label at the end of a way down a tree, to the nearer of two centres at each fork.

    Parameters
    ----------
    centres : ndarray of shape (n_nodes, n_dimensions)
        Of each node, Euclidean; the root is the first.
    children : ndarray of shape (n_nodes, 2)
        Nodes below each; -1 below a leaf.
    labels : ndarray of shape (n_nodes,)
        Label of each leaf; -1 of a fork.

    Examples
    --------
    >>> tree = CentreTree(np.array([[5.0], [0.0], [10.0]]), np.array([[1, 2], [-1, -1], [-1, -1]]),
    ...                   np.array([-1, 4, 9]))
    >>> tree.assign(Points(np.array([[2.0], [7.0]]))).labels.tolist()
    [4, 9]
    """

    centres: FloatArray
    children: IntArray
    labels: IntArray
    method: Method = "native"

    @classmethod
    def of(cls, fitted: BisectingKMeans) -> CentreTree:
        """Take over the tree of scikit-learn's bisecting k-means."""
        nodes, children = [fitted._bisecting_tree], []
        for node in nodes:  # it grows on the way
            inner = node.left is not None
            children.append([len(nodes), len(nodes) + 1] if inner else [-1, -1])
            nodes += [node.left, node.right] if inner else []
        centres = np.array([node.center for node in nodes]) + fitted._X_mean
        labels = [getattr(node, "label", -1) for node in nodes]
        return cls(centres, np.array(children), np.array(labels, dtype=np.int64))

    def assign(self, points: Points) -> Assignment:
        """Give each of the points a label.

        Confidence is the least margin on the way: 1 less the distance to the nearer centre over
        that to the other.
        """
        nodes = np.zeros(len(points), dtype=np.int64)
        confidence = np.ones(len(points))
        for node in range(len(self.children)):  # a child always stands after its parent
            left, right = self.children[node]
            here = np.flatnonzero(nodes == node)
            if left < 0 or not len(here):
                continue
            pair = self.centres[[left, right]]
            given = margins(cdist(points.values[here], pair), np.array([left, right]))
            nodes[here] = given.labels
            confidence[here] = np.minimum(confidence[here], given.confidence)
        return Assignment(self.labels[nodes], confidence)

    def place(self, points: Points) -> IntArray:
        """Give each of the points a label; no distances are kept."""
        nodes = np.zeros(len(points), dtype=np.int64)
        for node, pair in enumerate(self.children):
            here = np.flatnonzero(nodes == node)
            if pair[0] >= 0 and len(here):
                nodes[here] = pair[nearest_centres(points.values[here], self.centres[pair])]
        return self.labels[nodes]

    def renumbered(self, numbers: Mapping[int, int]) -> Assigner:
        """Give the same with other labels; every leaf has some customer, and so a number."""
        labels = [numbers.get(own, -1) for own in self.labels.tolist()]
        return replace(self, labels=np.array(labels, dtype=np.int64))
