"""Bisecting k-means: one segment is split in two at a time, wherever its rows are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.large_lloyd import settled
from mall_app.kernels.portions import HeldPortion, Portion, nearer
from mall_app.kernels.settling import Rest
from mall_app.progress import step

_TOLERANCE = 1e-4  # scikit-learn's
_MOST_ROUNDING = 1e-11  # share of a coordinate that the sums of many rows may be off by
_LEAST_INERTIA = float(np.finfo(np.float64).tiny)  # of rows that differ


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
        As in `mall_app.kernels.large_lloyd.settled`, for each split.
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
    is_here = len(leaf.sample) == leaf.portion.n_rows  # and need not be asked for
    return settled(
        HeldPortion(leaf.sample) if is_here else leaf.portion,
        leaf.sample,
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
    rounding = _MOST_ROUNDING * float(np.abs(centre).max())
    if inertia <= n_rows * rounding**2:  # rows may be equal, which sums do not tell
        low, high = portion.ends() if n_rows else (centre, centre)
        inertia = 0.0 if (low == high).all() else max(inertia, _LEAST_INERTIA)
    return _Leaf(node, portion, sample, inertia)
