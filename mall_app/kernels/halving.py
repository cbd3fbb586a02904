"""Bisecting k-means: one segment is split in two at a time, wherever its rows are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray, count_distinct
from mall_app.kernels.large_lloyd import race_from_sample
from mall_app.kernels.lloyd_step import LloydStep, Rows, lloyd_step
from mall_app.kernels.settling import Rest, race_over
from mall_app.progress import step

_TOLERANCE = 1e-4  # scikit-learn's
MOST_DISTINCT = 1_000  # rows to start from, where the sample shows too little of a segment


class Portion(Protocol):
    """Some rows of a table."""

    @property
    def n_rows(self) -> int:
        """How many they are."""

    def step(self, centres: FloatArray) -> LloydStep:
        """Pass over them."""

    def race(self, starts: list[FloatArray], max_iter: int, rest: float) -> Rest:
        """Bring the best of several starts to rest; see `mall_app.kernels.settling.race`."""

    def nearer(self, pair: FloatArray, side: int) -> Portion:
        """Give those that are nearer to one of two centres than to the other."""

    def distinct(self) -> FloatArray:
        """Give some of them that differ."""


@dataclass(frozen=True, eq=False)
class HeldPortion:
    """Rows that are at hand.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        C-contiguous.
    """

    values: Rows

    @property
    def n_rows(self) -> int:
        """See `Portion`."""
        return len(self.values)

    def step(self, centres: FloatArray) -> LloydStep:
        """See `Portion`."""
        return lloyd_step(self.values, centres)

    def race(self, starts: list[FloatArray], max_iter: int, rest: float) -> Rest:
        """See `Portion`."""
        return race_over([self.values], starts, max_iter, rest)

    def nearer(self, pair: FloatArray, side: int) -> HeldPortion:
        """See `Portion`."""
        return HeldPortion(nearer(self.values, pair, side))

    def distinct(self) -> FloatArray:
        """See `Portion`."""
        return some_distinct(self.values)


@dataclass(frozen=True, eq=False)
class Tree:
    """The splits: as `mall_app.assigners.CentreTree` takes them.

    Parameters
    ----------
    centres : ndarray of shape (n_nodes, n_dimensions)
        Of each node; the root is the first.
    children : ndarray of shape (n_nodes, 2)
        Nodes below each; -1 below a leaf.
    labels : ndarray of shape (n_nodes,)
        Label of each leaf; -1 of a fork.
    converged : bool
        Whether every split came to rest.
    """

    centres: FloatArray
    children: IntArray
    labels: IntArray
    converged: bool


@dataclass(frozen=True, eq=False)
class _Leaf:
    """A segment that may be split: its rows, and those of the sample."""

    node: int
    portion: Portion
    sample: FloatArray
    inertia: float


def halve(
    table: Portion,
    sample: FloatArray,
    n_clusters: int,
    *,
    n_init: int,
    max_iter: int,
    bisecting_strategy: str,
    random_state: int,
) -> Tree:
    """Split the rows of a table in two, again and again.

    Parameters
    ----------
    table : Portion
        All rows.
    sample : ndarray of shape (n_sampled, n_dimensions)
        Some of them, or all, on which the starts of each split run.
    n_clusters : int
        How many leaves; fewer where the rows of every leaf are equal.
    n_init, max_iter, random_state
        As in `mall_app.kernels.large_lloyd.race_from_sample`, for each split.
    bisecting_strategy : {"biggest_inertia", "largest_cluster"}
        Which leaf is split next: the most scattered, or the one with most rows.

    Returns
    -------
    Tree

    References
    ----------
    Steinbach, M., Karypis, G. and Kumar, V. (2000). A comparison of document clustering
    techniques. KDD Workshop on Text Mining.

    Examples
    --------
    >>> values = np.array([[0.0], [1.0], [10.0], [11.0], [30.0]])
    >>> tree = halve(HeldPortion(values), values, 3, n_init=2, max_iter=99,
    ...              bisecting_strategy="biggest_inertia", random_state=0)
    >>> sorted(tree.centres[tree.labels >= 0].ravel().tolist())
    [0.5, 10.5, 30.0]
    """
    leaves = [_leaf(0, table, sample, sample.mean(axis=0))]
    centres, children, converged = [sample.mean(axis=0)], [[-1, -1]], True
    while len(leaves) < n_clusters:
        leaf = max(leaves, key=lambda own: _worth(own, bisecting_strategy))
        if leaf.inertia <= 0:
            break
        found = _pair(leaf, n_init, max_iter, (random_state + len(leaves)) % 2**32)
        converged &= found.converged
        children[leaf.node] = [len(centres), len(centres) + 1]
        leaves.remove(leaf)
        for side, centre in enumerate(found.centres):
            portion = leaf.portion.nearer(found.centres, side)
            own = nearer(leaf.sample, found.centres, side)
            leaves.append(_leaf(len(centres), portion, np.asarray(own), centre))
            centres.append(centre)
            children.append([-1, -1])
        step(len(leaves), n_clusters, "Splits of the customers")
    labels = np.full(len(centres), -1, dtype=np.int64)
    labels[[own.node for own in leaves]] = np.arange(len(leaves))
    return Tree(np.array(centres), np.array(children), labels, converged)


def _worth(leaf: _Leaf, strategy: str) -> float:
    """Say how much a leaf wants to be split; one whose rows are equal never."""
    if leaf.inertia <= 0:
        return -1.0
    return leaf.inertia if strategy == "biggest_inertia" else float(leaf.portion.n_rows)


def _pair(leaf: _Leaf, n_init: int, max_iter: int, random_state: int) -> Rest:
    sample, run = leaf.sample, leaf.portion.race
    if len(sample) == leaf.portion.n_rows:  # they need not be asked for
        run = partial(race_over, [sample])
    if count_distinct(sample) < 2:
        sample = leaf.portion.distinct()
    return race_from_sample(
        run,
        sample,
        2,
        n_init=n_init,
        init="k-means++",
        max_iter=max_iter,
        tol=_TOLERANCE,
        random_state=random_state,
    )


def _leaf(node: int, portion: Portion, sample: FloatArray, centre: FloatArray) -> _Leaf:
    """Take the squares about the mean from those about a centre that is near it."""
    about = portion.step(centre[None])
    n_rows = int(about.counts[0])
    mean = about.means(centre[None])[0]
    inertia = about.inertia - n_rows * float(((mean - centre) ** 2).sum())
    rounding = n_rows * float(np.finfo(np.float64).eps * np.abs(centre).max()) ** 2
    return _Leaf(node, portion, sample, inertia if inertia > 4 * rounding else 0.0)


def nearer(values: Rows, pair: FloatArray, side: int) -> Rows:
    """Give the rows that are nearer to one of two centres; equally near ones are the first's."""
    nearest = np.empty(len(values), dtype=np.int32)
    lloyd_step(values, pair, nearest)
    return np.ascontiguousarray(values[nearest == side])


def some_distinct(values: Rows) -> FloatArray:
    """Give the first rows that differ, in their order by value."""
    return np.unique(np.asarray(values, dtype=np.float64), axis=0)[:MOST_DISTINCT]
