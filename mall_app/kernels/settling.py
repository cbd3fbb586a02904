"""Centres of k-means moved by passes over all rows until they rest, wherever the rows are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray
from mall_app.kernels.lloyd_step import LloydStep
from mall_app.progress import step as report

_RACE = ((3, 3), (20, 1))  # passes over all rows, and how many of the best starts go on
_LEAST_GAIN = 1e-8  # share of inertia that a pass must save
_LEAPS = 5
Whole = Callable[[FloatArray], LloydStep]


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
