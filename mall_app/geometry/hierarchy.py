"""The top of a hierarchy of segments: what a dendrogram shows, and where to cut it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.cluster.hierarchy import leaves_list

from mall_app.algorithms import build_algorithm
from mall_app.algorithms.agglomerative import Agglomerative, cut, merges_of
from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.weighted_linkage import weighted_linkage
from mall_app.places import resolve_strategy
from mall_app.settings import Settings
from mall_app.strategies import seen_by

MOST_LEAVES = 60


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The last joins of a hierarchy, of some tens of groups however many customers there are.

    Parameters
    ----------
    joins : ndarray of shape (n_leaves - 1, 4)
        A linkage matrix as scipy defines it, of the groups ("leaves") instead of the customers,
        heights rising, in the units of the scaled features. The leaves stand from left to right.
    leaves : ndarray of shape (n_rows,)
        Leaf of each customer that was clustered.
    floor: float
        Height of the highest join within a leaf, 0 when there is none.
    """

    joins: FloatArray
    leaves: IntArray
    floor: float

    def __post_init__(self) -> None:
        """Make everything read-only."""
        for array in (self.joins, self.leaves):
            array.setflags(write=False)

    @property
    def n_leaves(self) -> int:
        """Number of groups at the bottom."""
        return len(self.joins) + 1

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return self.joins.nbytes + self.leaves.nbytes

    @cached_property
    def sizes(self) -> IntArray:
        """Customers in each leaf."""
        return np.bincount(self.leaves, minlength=self.n_leaves)

    @property
    def heights(self) -> FloatArray:
        """Heights of the joins, rising."""
        return self.joins[:, 2]

    def n_clusters_at(self, height: float) -> int:
        """Give the number of segments when the hierarchy is cut at a height.

        Examples
        --------
        >>> two = condensed(np.array([[0, 1, 1.0, 2], [2, 3, 5.0, 3]]))
        >>> two.n_clusters_at(3.0), two.n_clusters_at(6.0), two.n_clusters_at(0.5)
        (2, 1, 3)
        """
        return 1 + int((self.heights > height).sum())

    def height_of(self, n_clusters: int) -> float:
        """Give the height in the middle of those where a cut leaves `n_clusters` segments.

        Above the last join it is a twentieth above it; for more segments than leaves, the floor.

        Examples
        --------
        >>> two = condensed(np.array([[0, 1, 1.0, 2], [2, 3, 5.0, 3]]))
        >>> two.height_of(1), two.height_of(2), two.height_of(3), two.height_of(9)
        (5.25, 3.0, 0.5, 0.0)
        """
        if n_clusters > self.n_leaves:
            return self.floor
        low, high = self.interval_of(n_clusters)
        return low * 1.05 if np.isinf(high) else (low + high) / 2

    def interval_of(self, n_clusters: int) -> tuple[float, float]:
        """Give the heights between which a cut leaves `n_clusters` segments, at most `n_leaves`.

        They are equal when two joins are at the same height: then no cut leaves that number.
        """
        edges = [self.floor, *self.heights.tolist(), np.inf]
        place = self.n_leaves - n_clusters
        return edges[place], edges[place + 1]

    @cached_property
    def places(self) -> FloatArray:
        """Place of each node from left to right: leaves at 0, 1, 2 ..., joins between theirs.

        Returns
        -------
        ndarray of shape (2 * n_leaves - 1,)
        """
        places = list(map(float, range(self.n_leaves)))
        for left, right in self.joins[:, :2].astype(np.int64).tolist():
            places.append((places[left] + places[right]) / 2)
        return np.array(places)


def hierarchy(table: Table, settings: Settings, most_leaves: int = MOST_LEAVES) -> Hierarchy:
    """Build the hierarchy of an agglomerative clustering, of what its strategy lets it see.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        Of an agglomerative clustering; `n_clusters` is not read.
    most_leaves : int, default 60
        Most groups at the bottom.

    Raises
    ------
    SettingsError, DataError
        As in `mall_app.features.build_features`.
    TypeError
        The settings are those of another algorithm.
    """
    points = build_features(table, settings).points
    method = build_algorithm(settings.algorithm, settings.params)
    if not isinstance(method, Agglomerative):
        raise TypeError(f"{method.title} joins no segments to larger ones.")
    strategy = resolve_strategy(method, table, settings)
    seen, weights, follow = seen_by(points, method, strategy, settings.random_state)
    linkage = method.method(points.metric)
    if weights is None:
        found = condensed(merges_of(seen, linkage), most_leaves)
    else:
        found = condensed(weighted_linkage(seen, weights, linkage), most_leaves)
    return replace(found, leaves=follow(found.leaves))


def condensed(merges: FloatArray, most_leaves: int = MOST_LEAVES) -> Hierarchy:
    """Keep the last joins of a hierarchy, and number what is below them from left to right.

    Parameters
    ----------
    merges : ndarray of shape (n_rows - 1, 4)
        A linkage matrix as scipy defines it, heights rising.
    most_leaves : int, default 60
        Most groups at the bottom, at least 2.
    """
    n_rows = len(merges) + 1
    n_leaves = min(n_rows, most_leaves)
    base = n_rows + len(merges) - (n_leaves - 1)  # nodes below it are in a leaf
    top = merges[base - n_rows :].copy()
    group_of = cut(merges, n_leaves)
    first = list(range(n_rows))  # a customer of each node
    for left in merges[:, 0].astype(np.int64).tolist():
        first.append(first[left])
    nodes = top[:, :2].astype(np.int64)
    inside = nodes < base
    top[:, :2] = np.where(
        inside, group_of[np.array(first)[np.where(inside, nodes, 0)]], nodes - base + n_leaves
    )
    sizes = [1] * n_leaves
    for left, right in top[:, :2].astype(np.int64).tolist():
        sizes.append(sizes[left] + sizes[right])
    top[:, 3] = sizes[n_leaves:]
    order = np.argsort(leaves_list(top))
    below = top[:, :2] < n_leaves
    top[:, :2] = np.where(below, order[np.where(below, top[:, :2], 0).astype(np.int64)], top[:, :2])
    floor = float(merges[base - n_rows - 1, 2]) if n_leaves < n_rows else 0.0
    return Hierarchy(top, order[group_of], floor)
