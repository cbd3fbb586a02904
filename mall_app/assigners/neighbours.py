"""The nearest customers there are, for methods that have no rule of their own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from mall_app.assigners.base import ORDERS, Assigner, Assignment, Method, query_threads
from mall_app.geometry.points import FloatArray, IntArray, Metric, Points

VOTERS = 10


@dataclass(frozen=True, eq=False)
class NearestNeighbours(Assigner):
    """The label of the nearest customer, or noise when even that one is far.

    Parameters
    ----------
    values : ndarray of shape (n_distinct, n_dimensions)
        Coordinates that differ from each other.
    labels : ndarray of shape (n_distinct,)
        Label of each.
    reach : ndarray of shape (n_distinct,)
        Farthest that a new customer may be from each to get its label; infinite for methods that
        leave nobody out.
    metric : {"euclidean", "cityblock"}
        How near is measured.
    method : {"nearest_neighbours", "approximate"}
        Approximate when there is a reach, which is a rule of ours and not of the algorithm.
    """

    values: FloatArray
    labels: IntArray
    reach: FloatArray
    metric: Metric
    method: Method

    @classmethod
    def of(cls, points: Points, labels: IntArray, gives_noise: bool) -> NearestNeighbours:
        """Learn from clustered customers.

        Parameters
        ----------
        points : Points
            The customers.
        labels : ndarray of shape (n_rows,)
            Their segments. Of equal customers with different segments the most frequent decides.
        gives_noise : bool
            Whether a customer far from all may be noise. The reach of a segment is then the largest
            distance in it from a customer to the nearest other one.

        Examples
        --------
        >>> points = Points(np.array([[0.0], [1.0], [3.0], [9.0]]))
        >>> learned = NearestNeighbours.of(points, np.array([0, 0, 0, -1]), gives_noise=True)
        >>> learned.assign(Points(np.array([[4.9], [5.1], [8.0]]))).labels.tolist()
        [0, -1, -1]
        """
        values, own, _ = distinct(points.values, labels)
        reach = np.full(len(values), np.inf)
        if gives_noise:
            reach = _reach(values, own, points.metric)
        how: Method = "approximate" if gives_noise else "nearest_neighbours"
        return cls(values, own, reach, points.metric, how)

    def assign(self, points: Points) -> Assignment:
        """Give each of the points a label.

        Confidence is the share of the ten nearest distinct customers with that label; of noise out
        of reach, 1 less the reach over the distance.
        """
        voters = min(VOTERS, len(self.values))
        distances, nearest = self._tree.query(
            points.values,
            k=np.arange(1, voters + 1),
            p=ORDERS[self.metric],
            workers=query_threads(len(points)),
        )
        first, reach = distances[:, 0], self.reach[nearest[:, 0]]
        labels = self.labels[nearest[:, 0]]
        confidence = (self.labels[nearest] == labels[:, None]).mean(axis=1)
        out = (first > reach) & (labels >= 0)
        confidence[out] = 1.0 - reach[out] / first[out]
        return Assignment(np.where(out, -1, labels), confidence)

    @property
    def aligned(self) -> tuple[str, ...]:
        """Names of the fields that have one entry a part."""
        return ("values", "reach")

    def place(self, points: Points) -> IntArray:
        """Give each of the points a label: the others of the ten nearest are of no interest."""
        first, nearest = self._tree.query(
            points.values, p=ORDERS[self.metric], workers=query_threads(len(points))
        )
        return np.where(first > self.reach[nearest], -1, self.labels[nearest])

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.values)


def distinct(values: FloatArray, labels: IntArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Give the distinct rows, the most frequent label of each, and which of them each row is.

    Examples
    --------
    >>> given = distinct(np.array([[2.0], [1.0], [2.0], [2.0]]), np.array([3, 0, 4, 4]))
    >>> [own.ravel().tolist() for own in given]
    [[2.0, 1.0], [4, 0], [0, 1, 0, 0]]
    """
    rows = np.ascontiguousarray(values + 0.0)
    whole = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, first, codes = np.unique(whole, return_index=True, return_inverse=True)
    order = np.argsort(first)  # as they stand in the table, whatever their bytes are
    own = labels[first]
    for code in np.unique(codes[labels != own[codes]]):
        votes = Counter(labels[codes == code].tolist())
        own[code] = min(votes, key=lambda label: (-votes[label], label))
    return rows[first][order], own[order], np.argsort(order)[codes]


def _reach(values: FloatArray, labels: IntArray, metric: Metric) -> FloatArray:
    reach = np.zeros(len(values))
    for label in np.unique(labels):
        members = labels == label
        if members.sum() > 1:
            tree = KDTree(values[members])
            reach[members] = tree.query(values[members], k=[2], p=ORDERS[metric])[0].max()
    return reach
