"""k-means for large tables: starts on some of the rows, then passes over all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mall_app.geometry.points import FloatArray, count_distinct
from mall_app.kernels.drawing import drawn_rows
from mall_app.kernels.far_rows import Spread, spread_of
from mall_app.kernels.lloyd_step import Labels, Rows, lloyd_step
from mall_app.kernels.portions import HeldPortion, Portion
from mall_app.kernels.settling import Rest
from mall_app.kernels.starts import FEW_ROWS, best_starts, few_rows, weighted_starts

_FINER = 1e-6  # centres end where they would from other starts, to five digits
_REACH = 300.0  # so far, rows make much of the scatter even where a sample is likely to miss them


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

    All starts run on a sample. Those that came to different ends go on over ever more rows, fewer
    and fewer of them, until the centres of the best rest over all rows.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        C-contiguous.
    n_clusters, n_init, init, max_iter, tol, random_state
        As in `mall_app.kernels.lloyd.lloyd`; `max_iter` counts on the sample and over all rows.

    Returns
    -------
    LargePartition or None
        None where a centre lost all of its rows on the way.

    Examples
    --------
    >>> found = lloyd_large(np.repeat([[0.0], [1.0], [9.0]], 4, axis=0), 2)
    >>> sorted(found.centres.ravel().tolist()), found.inertia
    ([0.5, 9.0], 2.0)
    """
    best = settled(
        HeldPortion(values),
        np.asarray(values[drawn_rows(len(values), random_state)], dtype=np.float64),
        n_clusters,
        n_init=n_init,
        init=init,
        max_iter=max_iter,
        tol=tol,
        random_state=random_state,
    )
    labels = np.empty(len(values), dtype=np.int32)
    last = lloyd_step(values, best.centres, labels)
    if not last.counts.all():
        return None
    return LargePartition(labels, best.centres, last.inertia, best.converged)


def settled(
    table: Portion,
    sample: FloatArray,
    n_clusters: int,
    *,
    max_iter: int,
    tol: float,
    random_state: int,
    **choices: Any,
) -> Rest:
    """Run several starts on some rows, and bring the best to rest over all of them.

    Parameters
    ----------
    table : Portion
        All rows, of which `n_clusters` differ.
    sample : ndarray of shape (n_sampled, n_dimensions)
        Some of them, drawn evenly, or none. Where that tells little of the scatter, as few rows
        make much of it, others are drawn for the starts.
    n_clusters, max_iter, tol, random_state
        As in `mall_app.kernels.lloyd.lloyd`; `max_iter` counts on the sample and over all rows.
    **choices
        `n_init` and `init` as there.
    """
    wanted = {"max_iter": max_iter, "tol": tol, "random_state": random_state} | choices
    if not len(sample):
        sample = table.distinct()
    middle = sample.mean(axis=0)
    whole = _uneven(table, sample, middle)
    if whole is not None:
        drawn = table.far_sample(middle, whole, few_rows(n_clusters), random_state)
        starts, far = weighted_starts(*drawn, n_clusters, **wanted), whole.far_from(middle)
        variance = whole.squares / (whole.n_rows * len(middle))
    else:
        starts, far, variance = [], None, float(sample.var(axis=0).mean())
    if not starts:
        own = sample if count_distinct(sample) >= n_clusters else table.distinct()
        starts = best_starts(own, n_clusters, **wanted)
    found = table.race(starts, max_iter, _FINER * tol * variance, far)
    return replace(found, converged=found.converged or found.away <= tol * variance)


def _uneven(table: Portion, sample: FloatArray, middle: FloatArray) -> Spread | None:
    """Give the spread of all rows where the sample tells little of it, looking only if it may."""
    n_rows, n_sampled = table.n_rows, len(sample)
    if n_sampled >= n_rows:
        return None
    is_small = n_sampled < FEW_ROWS
    known, share = spread_of(sample, middle), n_rows / n_sampled
    likely = Spread(n_rows, known.squares * share, known.fourths * share)
    if not is_small and table.reach < _REACH and not likely.is_uneven(n_sampled):
        return None
    whole = table.spread(middle)
    return whole if whole.squares > 0 and (is_small or whole.is_uneven(n_sampled)) else None
