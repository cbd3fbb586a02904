"""k-means for large tables: starts on a sample of the rows, then passes over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import kmeans_plusplus

from mall_app.geometry.points import FloatArray, IntArray, count_distinct
from mall_app.kernels.lloyd_step import Labels, LloydStep, Rows, lloyd_step
from mall_app.progress import listening
from mall_app.progress import step as report

LARGE_ROWS = 100_000
START_ROWS = 50_000
_RACE = ((3, 3), (20, 1))  # passes over all rows, and how many of the best starts go on
_FINER = 0.01  # centres from a sample already lie within the tolerance of a start
_ALIKE, _APART = 1e-6, 1e-2  # shares of inertia at which starts are the same, or beaten
_LEAST_GAIN = 1e-8  # share of inertia that a pass must save
_LEAPS = 5
_MORE_STARTS = 3  # for each start, on the few rows where starts cost little
_FEW_ROWS = 10_000
_ROWS_A_CENTRE = 100
Whole = Callable[[FloatArray], LloydStep]


@dataclass(frozen=True, eq=False)
class LargePartition:
    """The best of several starts.

    Parameters
    ----------
    labels : ndarray of int32, shape (n_rows,)
        The nearest centre of each row.
    centres : ndarray of shape (n_clusters, n_dimensions)
        Means of the rows that were nearest, one pass before the last.
    inertia : float
        Sum of squared distances of the rows to `centres`.
    converged : bool
        Whether it came to rest within `max_iter` passes.
    """

    labels: Labels
    centres: FloatArray
    inertia: float
    converged: bool


def drawn_rows(n_rows: int, random_state: int, most: int = START_ROWS) -> IntArray:
    """Draw rows of a large table, in their order; all of one that is not large.

    Examples
    --------
    >>> drawn_rows(4, 0).tolist(), len(drawn_rows(10, 0, most=3))
    ([0, 1, 2, 3], 3)
    """
    if n_rows <= most:
        return np.arange(n_rows)
    generator = np.random.default_rng(random_state)
    return np.sort(generator.choice(n_rows, most, replace=False, shuffle=False))


def lloyd_large(
    values: Rows,
    n_clusters: int,
    *,
    n_init: int = 10,
    init: str = "k-means++",
    max_iter: int = 300,
    tol: float = 1e-4,
    random_state: int = 0,
) -> LargePartition | None:
    """Partition the rows of a large table by k-means.

    All starts run on a sample of 50 000 rows. Those that came to different ends go on over all
    rows, fewer and fewer of them, until the centres of the best rest.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        C-contiguous.
    n_clusters, n_init, init, max_iter, tol, random_state
        As in `mall_app.kernels.lloyd.lloyd`; `max_iter` counts on the sample and over all rows.

    Returns
    -------
    LargePartition or None
        None where a sample will not do: it has too few distinct rows, or a centre lost all of its
        rows on the way.

    Examples
    --------
    >>> found = lloyd_large(np.repeat([[0.0], [1.0], [9.0]], 4, axis=0), 2)
    >>> sorted(found.centres.ravel().tolist()), found.inertia
    ([0.5, 9.0], 2.0)
    """
    sample = np.asarray(values[drawn_rows(len(values), random_state)], dtype=np.float64)
    if count_distinct(sample) < n_clusters:
        return None
    starts = best_starts(
        sample,
        n_clusters,
        n_init=n_init,
        init=init,
        max_iter=max_iter,
        tol=tol,
        random_state=random_state,
    )
    loose = tol * float(sample.var(axis=0).mean())
    best = race(lambda centres: lloyd_step(values, centres), starts, max_iter, _FINER * loose)
    labels = np.empty(len(values), dtype=np.int32)
    last = lloyd_step(values, best.centres, labels)
    if not last.counts.all():
        return None
    return LargePartition(labels, best.centres, last.inertia, best.converged or best.away <= loose)


def best_starts(
    sample: FloatArray,
    n_clusters: int,
    *,
    n_init: int,
    init: str,
    max_iter: int,
    tol: float,
    random_state: int,
) -> list[FloatArray]:
    """Give the centres that several starts of k-means come to, the best first.

    Of those that are alike there is one, and those that are clearly beaten are left out.

    Parameters
    ----------
    sample : ndarray of shape (n_rows, n_dimensions)
        At least `n_clusters` distinct rows.
    n_clusters, n_init, init, max_iter, tol, random_state
        As in `mall_app.kernels.lloyd.lloyd`.

    Returns
    -------
    list of ndarray of shape (n_clusters, n_dimensions)
    """
    rest = tol * float(sample.var(axis=0).mean())
    middle = sample.mean(axis=0)
    centred = sample - middle
    few = centred[:: max(1, len(centred) // max(_FEW_ROWS, _ROWS_A_CENTRE * n_clusters))].copy()
    if count_distinct(few) < n_clusters:
        few = centred
    first = _first_centres(few, n_clusters, n_init * _MORE_STARTS, init, random_state)
    with listening(None):  # their passes are not over all customers
        tried = [settle(lambda at: lloyd_step(few, at), own, max_iter, rest) for own in first]
    tried.sort(key=lambda own: own.inertia)
    found = []
    for number, own in enumerate(tried[:n_init]):
        with listening(None):
            found.append(settle(lambda at: lloyd_step(centred, at), own.centres, max_iter, rest))
        report(number + 1, n_init, "Starts on a sample of the customers")
    found.sort(key=lambda own: own.inertia)
    kept = [found[0]]
    for own in found[1:]:
        if kept[-1].inertia * (1 + _ALIKE) < own.inertia < kept[0].inertia * (1 + _APART):
            kept.append(own)
    return [own.centres + middle for own in kept]


def _first_centres(
    sample: FloatArray, n_clusters: int, n_init: int, init: str, random_state: int
) -> Iterator[FloatArray]:
    """Draw the first centres of each start: far from each other, or any rows that differ."""
    generator = np.random.RandomState(random_state)
    if init == "k-means++":
        squares = np.einsum("ij,ij->i", sample, sample)
        for _ in range(n_init):
            yield kmeans_plusplus(
                sample, n_clusters, x_squared_norms=squares, random_state=generator
            )[0]
        return
    rows = np.unique(sample, axis=0)
    for _ in range(n_init):
        yield rows[generator.choice(len(rows), n_clusters, replace=False)]


@dataclass(frozen=True, eq=False)
class Rest:
    """Where centres came to rest.

    Parameters
    ----------
    centres : ndarray of shape (n_clusters, n_dimensions)
        The means of what was nearest in the last pass.
    inertia : float
        Of that pass, with the centres before.
    away : float
        Sum of the squared moves of that pass.
    converged : bool
        Whether they moved no more than they may.
    """

    centres: FloatArray
    inertia: float
    away: float
    converged: bool


def race(whole: Whole, starts: list[FloatArray], max_iter: int, rest: float) -> Rest:
    """Bring the best of several starts to rest; which is best shows on the way.

    Parameters
    ----------
    whole : callable
        Takes centres and gives the `LloydStep` of all rows.
    starts : list of ndarray of shape (n_clusters, n_dimensions)
        At least one.
    max_iter, rest
        As in `settle`.
    """
    for passes, kept in _RACE:
        if len(starts) > kept:
            runs = [settle(whole, own, min(passes, max_iter), rest) for own in starts]
            starts = [own.centres for own in sorted(runs, key=lambda own: own.inertia)[:kept]]
    return settle(whole, starts[0], max_iter, rest)


def settle(whole: Whole, centres: FloatArray, max_iter: int, rest: float) -> Rest:
    """Move centres by passes over all rows until they rest.

    Where centres creep, as in a cloud without gaps, they leap ahead (Anderson acceleration); a
    leap that does not pay is taken back.

    Parameters
    ----------
    whole : callable
        Takes centres and gives the `LloydStep` of all rows.
    centres : ndarray of shape (n_clusters, n_dimensions)
        Where they start.
    max_iter : int
        Most passes.
    rest : float
        Sum of the squared moves at which they rest; above 0 also when a pass saves less than a
        hundred-millionth.

    Returns
    -------
    Rest

    References
    ----------
    Zhang, J. et al. (2018). Fast k-means clustering with Anderson acceleration. arXiv:1805.10638.
    """
    best = Rest(centres, np.inf, np.inf, False)
    moves: list[FloatArray] = []
    ends: list[FloatArray] = []
    for number in range(max_iter):
        done = whole(centres)
        report(number + 1, 0, "Passes over all customers")
        if done.inertia > best.inertia and moves:
            centres, moves, ends = best.centres, [], []
            continue
        moved = done.means(centres)
        move = (moved - centres).ravel()
        away = float(move @ move)
        slow = rest > 0 and best.inertia - done.inertia <= _LEAST_GAIN * done.inertia
        best = Rest(moved, done.inertia, away, slow or away <= rest)
        if best.converged:
            break
        moves, ends = [*moves[-_LEAPS:], move], [*ends[-_LEAPS:], moved.ravel()]
        centres = _leap(moves, ends).reshape(centres.shape)
    return best


def _leap(moves: list[FloatArray], ends: list[FloatArray]) -> FloatArray:
    """Give where moves that shrink as the last ones did would end."""
    if len(moves) == 1:
        return ends[-1]
    weights = np.linalg.lstsq(np.diff(moves, axis=0).T, moves[-1], rcond=None)[0]
    return np.asarray(ends[-1] - weights @ np.diff(ends, axis=0))
