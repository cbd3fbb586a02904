"""k-means for large tables where few rows make much of the scatter: a plain sample misses them.

Rows are drawn the more readily the farther they lie from the middle, and count the less for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from mall_app.geometry.points import FloatArray, count_distinct
from mall_app.kernels.compiled import BLOCK_ROWS
from mall_app.kernels.drawing import START_ROWS, drawn_rows, lots
from mall_app.kernels.large_lloyd import LargePartition
from mall_app.kernels.lloyd_step import Rows, lloyd_step
from mall_app.kernels.settling import Rest, settle

_MOST_ERROR = 0.02  # of the scatter of a plain sample; it is less than half of that for normal rows
_FEW_PASSES, _GO_ON = 20, 3  # over all rows, for how many of the best starts
_FINER = 1e-6


def lloyd_uneven(
    values: Rows,
    n_clusters: int,
    *,
    n_init: int = 10,
    init: str = "k-means++",
    max_iter: int = 300,
    tol: float = 1e-4,
    random_state: int = 0,
) -> LargePartition | None:
    """Partition the rows of a large table by k-means, if few of them make much of the scatter.

    Parameters
    ----------
    values, n_clusters, n_init, init, max_iter, tol, random_state
        As in `mall_app.kernels.large_lloyd.lloyd_large`.

    Returns
    -------
    LargePartition or None
        None where a plain sample will do, or this one will not either.

    Examples
    --------
    >>> values = np.random.default_rng(0).standard_t(1.0, size=(60_000, 1))
    >>> lloyd_uneven(values, 3, n_init=1).labels.shape, lloyd_uneven(np.arctan(values), 3)
    ((60000,), None)
    """
    middle = values[drawn_rows(len(values), random_state)].mean(axis=0, dtype=np.float64)
    whole = spread_of(values, middle)
    if not whole.is_uneven(START_ROWS):
        return None
    rows, weights = far_sample(values, middle, whole, START_ROWS, random_state)
    starts = weighted_starts(
        rows,
        weights,
        n_clusters,
        n_init=n_init,
        init=init,
        max_iter=max_iter,
        tol=tol,
        random_state=random_state,
    )
    loose = tol * whole.squares / values.size
    best = best_of_starts(partial(settle, partial(lloyd_step, values)), starts, max_iter, loose)
    if best is None:
        return None
    labels = np.empty(len(values), dtype=np.int32)
    last = lloyd_step(values, best.centres, labels)
    if not last.counts.all():
        return None
    return LargePartition(labels, best.centres, last.inertia, best.converged or best.away <= loose)


def best_of_starts(
    over_all: Callable[[FloatArray, int, float], Rest],
    starts: Sequence[FloatArray],
    max_iter: int,
    loose: float,
) -> Rest | None:
    """Bring the best of several starts to rest over all rows.

    Passes over some of the rows would miss the few that the starts are about.

    Parameters
    ----------
    over_all : callable
        As `mall_app.kernels.settling.settle` of all rows: takes centres, most passes and the move
        at which they rest.
    starts : sequence of ndarray of shape (n_clusters, n_dimensions)
        From `weighted_starts`; the first few of them go on.
    max_iter : int
        Most passes.
    loose : float
        Sum of the squared moves at which centres are near their rest.

    Returns
    -------
    Rest or None
        None without a start.
    """
    few = min(_FEW_PASSES, max_iter)
    runs = [over_all(own, few, _FINER * loose) for own in starts[:_GO_ON]]
    if not runs:
        return None
    ahead = min(runs, key=lambda own: own.inertia)
    return over_all(ahead.centres, max_iter, _FINER * loose)


@dataclass(frozen=True)
class Spread:
    """How far rows lie from a point; those of several parts of a table add up.

    Parameters
    ----------
    n_rows : int
        How many there are.
    squares : float
        Sum of their squared distances.
    fourths : float
        Sum of the squares of these.
    """

    n_rows: int
    squares: float
    fourths: float

    def __add__(self, other: Spread) -> Spread:
        """Give the sums over the rows of both."""
        return Spread(
            self.n_rows + other.n_rows, self.squares + other.squares, self.fourths + other.fourths
        )

    def is_uneven(self, n_sampled: int) -> bool:
        """Whether the scatter of so many rows drawn evenly may be off by more than 2 %.

        Examples
        --------
        >>> Spread(1_000_000, 1e6, 3e6).is_uneven(50_000), Spread(1_000, 10.0, 99.0).is_uneven(500)
        (False, True)
        """
        if self.squares == 0 or self.n_rows <= n_sampled:
            return False
        variance = self.n_rows * self.fourths / self.squares**2 - 1
        return bool(variance > n_sampled * _MOST_ERROR**2)


def spread_of(values: Rows, middle: FloatArray) -> Spread:
    """Sum up how far the rows of a table, or of a part of it, lie from a point.

    Examples
    --------
    >>> spread_of(np.array([[1.0], [3.0]]), np.array([0.0]))
    Spread(n_rows=2, squares=10.0, fourths=82.0)
    """
    sums = np.zeros(2)
    for own in _blocks(values, middle):
        sums += own.sum(), own @ own
    return Spread(len(values), float(sums[0]), float(sums[1]))


def far_sample(
    values: Rows, middle: FloatArray, whole: Spread, most: int, random_state: int, start: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Draw rows of a table, or of a part of it, the far ones more readily.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        The table, or a part.
    middle : ndarray of shape (n_dimensions,)
        What they are far from.
    whole : Spread
        Of the whole table, not 0.
    most : int
        Rows to draw of the whole table, about.
    random_state : int
        Seed.
    start : int
        Which row of the table the first of them is.

    Returns
    -------
    rows : ndarray of shape (n_drawn, n_dimensions)
    weights : ndarray of shape (n_drawn,)
        How many rows each stands for.

    References
    ----------
    Bachem, O., Lucic, M. and Krause, A. (2018). Scalable k-means clustering via lightweight
    coresets. KDD 2018, 1119-1127.
    """
    squares = np.concatenate([np.empty(0), *_blocks(values, middle)])
    chance = np.minimum(1.0, most / 2 * (1 / whole.n_rows + squares / whole.squares))
    drawn = np.flatnonzero(lots(random_state, len(values), start) < chance)
    return np.asarray(values[drawn], dtype=np.float64), 1 / chance[drawn]


def weighted_starts(
    rows: FloatArray,
    weights: FloatArray,
    n_clusters: int,
    *,
    n_init: int,
    init: str,
    max_iter: int,
    tol: float,
    random_state: int,
) -> list[FloatArray]:
    """Give the centres that starts of k-means on weighted rows come to, the best first.

    Parameters
    ----------
    rows, weights
        As of `far_sample`.
    n_clusters, n_init, init, max_iter, tol, random_state
        As in `mall_app.kernels.lloyd.lloyd`.

    Returns
    -------
    list of ndarray of shape (n_clusters, n_dimensions)
        Empty where too few rows differ.
    """
    from sklearn.cluster import KMeans

    if count_distinct(rows) < n_clusters:
        return []
    generator = np.random.RandomState(random_state)
    found = [
        KMeans(
            n_clusters, init=init, n_init=1, max_iter=max_iter, tol=tol, random_state=generator
        ).fit(rows, sample_weight=weights)
        for _ in range(n_init)
    ]
    found.sort(key=lambda own: own.inertia_)
    return [own.cluster_centers_ for own in found]


def _blocks(values: Rows, middle: FloatArray) -> Iterator[FloatArray]:
    """Give squared distances to a point, block by block."""
    for start in range(0, len(values), BLOCK_ROWS):
        apart = values[start : start + BLOCK_ROWS] - middle
        yield np.einsum("ij,ij->i", apart, apart)
