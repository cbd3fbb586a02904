"""Shallow classification trees for several targets at once, on few rows.

The trees grow together, level by level: every split of every column in every node of a level is
weighed in a handful of array operations. For five targets on 200 rows that is a fifth of what five
trees of scikit-learn take, and gives the same splits.

References
----------
Breiman, L., Friedman, J., Olshen, R. & Stone, C. (1984). Classification and Regression Trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
_BLOCK = 250_000  # values worked on side by side
_NO_GAIN = 1e-9
_NO_ROWS = 1e-300


@dataclass(frozen=True)
class Step:
    """One side of a split.

    Parameters
    ----------
    column : int
        Which column is split.
    upper : bool
        Whether it is the side with the larger values.
    below, above : float
        The largest value of the lower side, and the smallest of the upper one; any limit from
        `below` up to, but not at, `above` splits the rows of the node alike.
    """

    column: int
    upper: bool
    below: float
    above: float


@dataclass(frozen=True, eq=False)
class Node:
    """Some rows, and the steps that lead to them.

    Parameters
    ----------
    path : tuple of Step
        From the root, which has none.
    rows : ndarray of bool, shape (n_rows,)
        Which rows they are.
    """

    path: tuple[Step, ...]
    rows: BoolArray


def grow(
    values: FloatArray,
    targets: BoolArray,
    weights: FloatArray,
    smallest: FloatArray,
    deepest: int,
) -> list[list[Node]]:
    """Grow one tree for each target by the Gini impurity.

    Parameters
    ----------
    values : ndarray of shape (n_columns, n_rows)
        Missing ones are nan; their rows go to neither side of a split.
    targets : ndarray of bool, shape (n_targets, n_rows)
        The rows each tree is to find.
    weights : ndarray of shape (n_rows,)
        What each row counts for.
    smallest : ndarray of shape (n_targets,)
        Least weight on a side of a split, for each tree.
    deepest : int
        Most steps from the root.

    Returns
    -------
    list of list of Node
        For each tree all its nodes, the root left out, in the order they were made.

    Examples
    --------
    >>> ages = np.array([[20.0, 21.0, 60.0, 61.0]])
    >>> (tree,) = grow(ages, np.array([[0, 0, 1, 1]], bool), np.ones(4), np.ones(1), 3)
    >>> [(own.path[0].upper, own.path[0].below, own.path[0].above) for own in tree]
    [(False, 21.0, 60.0), (True, 21.0, 60.0)]
    """
    ranking = _Ranking.of(values)
    trees: list[list[Node]] = [[] for _ in targets]
    level = [(tree, Node((), np.ones(values.shape[1], bool))) for tree in range(len(targets))]
    block = max(1, _BLOCK // max(1, values.size))
    for _ in range(deepest):
        parts = [level[first : first + block] for first in range(0, len(level), block)]
        level = [
            child
            for part in parts
            for child in _children(part, values, ranking, targets, weights, smallest)
        ]
        for tree, node in level:
            trees[tree].append(node)
    return trees


@dataclass(frozen=True, eq=False)
class _Ranking:
    """The rows in the order of each column, missing ones last.

    Where a column can be split, after the last row of a value, is worked out once.
    """

    order: IntArray
    ranked: FloatArray
    splittable: BoolArray
    last_known: IntArray
    complete: bool

    @classmethod
    def of(cls, values: FloatArray) -> _Ranking:
        order = np.argsort(values, axis=1, kind="stable")
        ranked = np.take_along_axis(values, order, axis=1)
        splittable = np.zeros(values.shape, dtype=bool)
        splittable[:, :-1] = ranked[:, :-1] < ranked[:, 1:]
        last_known = np.maximum((~np.isnan(ranked)).sum(axis=1) - 1, 0)
        return cls(order, ranked, splittable, last_known, not np.isnan(ranked[:, -1]).any())


def _children(
    level: Sequence[tuple[int, Node]],
    values: FloatArray,
    ranking: _Ranking,
    targets: BoolArray,
    weights: FloatArray,
    smallest: FloatArray,
) -> list[tuple[int, Node]]:
    """Split each node of a level where that is best; a node that gains nothing has no children."""
    owners = np.array([tree for tree, _ in level], dtype=np.int64)
    rows = np.array([node.rows for _, node in level], dtype=bool).reshape(len(level), -1)
    wanted = rows & targets[owners]
    mixed = np.flatnonzero(wanted.any(axis=1) & (rows != wanted).any(axis=1))
    if not len(mixed):
        return []
    rows, owners = rows[mixed], owners[mixed]
    column, limit = _best_splits(rows, wanted[mixed], ranking, weights, smallest[owners])
    split = values[column]
    lower = rows & (split <= limit[:, None])
    upper = rows & (split > limit[:, None])
    below = np.where(lower, split, -np.inf).max(axis=1).tolist()
    above = np.where(upper, split, np.inf).min(axis=1).tolist()
    children = []
    for own in np.flatnonzero(~np.isnan(limit)).tolist():
        tree, node = level[mixed[own]]
        for is_upper, side in ((False, lower), (True, upper)):
            step = Step(int(column[own]), is_upper, below[own], above[own])
            children.append((tree, Node((*node.path, step), side[own])))
    return children


def _best_splits(
    rows: BoolArray,
    wanted: BoolArray,
    ranking: _Ranking,
    weights: FloatArray,
    smallest: FloatArray,
) -> tuple[IntArray, FloatArray]:
    """Give the column and the largest value of the lower side for each node; nan for no split.

    Gini impurity times weight, halved, is wanted less wanted squared over all, summed over the
    sides; rows without a value are a third side.
    """
    hits, counts = (np.cumsum((own * weights)[:, ranking.order], axis=2) for own in (wanted, rows))
    all_hits, all_counts = hits[:, :1, -1:], counts[:, :1, -1:]
    known_hits, known_counts, gaps = all_hits, all_counts, np.zeros(1)
    if not ranking.complete:
        last = ranking.last_known[None, :, None]
        known_hits, known_counts = (np.take_along_axis(own, last, 2) for own in (hits, counts))
        gaps = _purity(all_hits - known_hits, all_counts - known_counts)
    purity = _purity(hits, counts) + _purity(known_hits - hits, known_counts - counts) + gaps
    fewest = smallest[:, None, None]
    allowed = ranking.splittable & (counts >= fewest) & (known_counts - counts >= fewest)
    flat = np.where(allowed, purity, -np.inf).reshape(len(rows), -1)
    best = flat.argmax(axis=1)
    gain = flat[np.arange(len(rows)), best] - _purity(all_hits, all_counts)[:, 0, 0]
    column, place = np.divmod(best, ranking.order.shape[1])
    gains = gain > _NO_GAIN * all_hits[:, 0, 0]
    return column, np.where(gains, ranking.ranked[column, place], np.nan)


def _purity(hits: FloatArray, counts: FloatArray) -> FloatArray:
    return hits * hits / np.maximum(counts, _NO_ROWS)
