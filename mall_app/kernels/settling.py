"""Centres of k-means moved by passes over rows until they rest, wherever the rows are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add

import numpy as np

from mall_app.geometry.points import FloatArray
from mall_app.kernels.drawing import first_rows
from mall_app.kernels.lloyd_step import LloydStep, Rows
from mall_app.kernels.thinning import Far, Thinned, passed, thinned
from mall_app.progress import step as report

_RACE = ((3, 3), (20, 1))  # passes over all rows, and how many of the best starts go on
_LEAST_GAIN = 1e-12  # share of inertia that a pass must save
_LEAPS = 5
_ALIKE_MOVES = 1e-2  # what moves differ less in is noise, which a leap must not magnify
_GRID = 1e-3  # share of the move at which centres rest
# For the passes before those over all rows: one row of so many, and at most so many rows.
_SOME_ROWS = ((20, 1_000_000), (4, 4_000_000))
_LEAST_ROWS = 200_000  # that tell more than the sample of the starts
ANY_REST = float(np.finfo(np.float64).tiny)
ALL, _SOME = "Passes over all customers", "Passes over some of the customers"
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


# Centres, most passes, the move at which they rest, and what a pass is: as `settle` without rows.
Settle = Callable[[FloatArray, int, float, str], Rest]


def stages(n_rows: int, whole: Settle, some: Callable[[int], Settle | None]) -> list[Settle]:
    """Give ways to rest over ever more rows of a large table, the last over all of them.

    Parameters
    ----------
    n_rows : int
        Rows of the table.
    whole : callable
        Does what `settle` does by passes over all rows.
    some : callable
        Takes a number and gives the same for one row of so many; None where it cannot be had.
    """
    spaced = [max(every, n_rows // most) for every, most in _SOME_ROWS]
    parts = [some(every) for every in spaced if n_rows // every >= _LEAST_ROWS]
    return [*(own for own in parts if own is not None), whole]


def race(rests: Sequence[Settle], starts: list[FloatArray], max_iter: int, rest: float) -> Rest:
    """Bring the best of several starts to rest over all rows; which is best shows on the way.

    Centres rest over some of the rows first, as they do over all of them but for a little; where
    they come to in the end is up to all rows.

    Parameters
    ----------
    rests : sequence of callable
        From `stages`; the last is over all rows.
    starts : list of ndarray of shape (n_clusters, n_dimensions)
        At least one.
    max_iter, rest
        As in `settle`; over each of the stages.
    """
    *parts, whole = rests
    for number, (passes, kept) in enumerate(_RACE):
        if len(starts) <= kept:
            continue
        parts = parts[min(number, max(len(parts) - 1, 0)) :]
        over, what = (parts[0], _SOME) if parts else (whole, ALL)
        runs = [over(own, min(passes, max_iter), rest, what) for own in starts]
        starts = [own.centres for own in sorted(runs, key=lambda own: own.inertia)[:kept]]
    centres = starts[0]
    for part in parts:
        centres = part(centres, max_iter, max(rest, ANY_REST), _SOME).centres
    return whole(centres, max_iter, rest, ALL)


def race_over(
    parts: Sequence[Rows],
    starts: list[FloatArray],
    max_iter: int,
    rest: float,
    far: Far | None = None,
) -> Rest:
    """Bring the best of several starts to rest over rows that are at hand; see `race`.

    Parameters
    ----------
    parts : sequence of ndarray of shape (n_rows, n_dimensions)
        Of one table, in its order. Where they begin and end makes no difference but to rounding.
    starts, max_iter, rest
        As in `race`.
    far : Far, optional
        Rows that are always passed over.
    """
    n_rows, firsts = sum(map(len, parts)), first_rows(map(len, parts))

    def some(every: int) -> Settle:
        placed = zip(parts, firsts, strict=True)
        return partial(settle_over, [thinned(own, every, at, n_rows, far) for own, at in placed])

    return race(stages(n_rows, partial(settle_over, parts), some), starts, max_iter, rest)


def settle_over(
    parts: Sequence[Rows | Thinned],
    centres: FloatArray,
    max_iter: int,
    rest: float,
    what: str = ALL,
) -> Rest:
    """Move centres by passes over rows that are at hand until they rest; see `settle`."""
    return settle(partial(_step_over, parts), centres, max_iter, rest, what)


def _step_over(parts: Sequence[Rows | Thinned], centres: FloatArray) -> LloydStep:
    return reduce(add, [passed(own, centres) for own in parts])


def settle(whole: Whole, centres: FloatArray, max_iter: int, rest: float, what: str = ALL) -> Rest:
    """Move centres by passes over rows until they rest.

    Where centres creep, as in a cloud without gaps, they leap ahead (Anderson acceleration); a
    leap that does not pay is taken back.

    Parameters
    ----------
    whole : callable
        Takes centres and gives the `LloydStep` of the rows.
    centres : ndarray of shape (n_clusters, n_dimensions)
        Where they start.
    max_iter : int
        Most passes.
    rest : float
        Sum of the squared moves at which they rest; above 0 also when a pass that is no leap saves
        less than a million-millionth.
    what : str
        What a pass is, as progress.

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
        report(number + 1, 0, what)
        moved = done.means(centres)
        move = (moved - centres).ravel()
        away = float(move @ move)
        gain, least = best.inertia - done.inertia, _LEAST_GAIN * done.inertia
        if len(moves) > 1 and (gain <= least and away > rest or gain < -least):
            centres, moves, ends = best.centres, [], []
            continue
        best = Rest(moved, done.inertia, away, away <= rest or (rest > 0 and gain <= least))
        if best.converged:
            break
        moves, ends = [*moves[-_LEAPS:], move], [*ends[-_LEAPS:], moved.ravel()]
        centres = _leap(moves, ends, rest).reshape(centres.shape)
    return best


def _leap(moves: list[FloatArray], ends: list[FloatArray], rest: float) -> FloatArray:
    """Give where moves that shrink as the last ones did would end.

    It is rounded, to far less than the move at which centres rest: a leap magnifies what sums of
    rows in another order differ in, and the next would do so again.
    """
    if len(moves) == 1:
        return ends[-1]
    weights = np.linalg.lstsq(np.diff(moves, axis=0).T, moves[-1], rcond=_ALIKE_MOVES)[0]
    place = np.asarray(ends[-1] - weights @ np.diff(ends, axis=0))
    if rest < ANY_REST:
        return place
    grid = 2.0 ** np.floor(np.log2(_GRID * np.sqrt(rest)))
    return np.asarray(np.round(place / grid) * grid)
