"""k-means for large tables: starts on a sample of the rows, then passes over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from mall_app.geometry.points import FloatArray, count_distinct
from mall_app.kernels.drawing import drawn_rows
from mall_app.kernels.lloyd_step import Labels, Rows, lloyd_step
from mall_app.kernels.settling import Race, Rest, race_over, settle
from mall_app.progress import listening
from mall_app.progress import step as report

_FINER = 1e-6  # centres end where they would from other starts, to five digits
_ALIKE, _APART = 1e-6, 1e-2  # shares of inertia at which starts are the same, or beaten
_MORE_STARTS = 3  # for each start, on the few rows where starts cost little
FEW_ROWS = 10_000
_ROWS_A_CENTRE = 100


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

    All starts run on a sample of 50 000 rows. Those that came to different ends go on over ever
    more rows, fewer and fewer of them, until the centres of the best rest over all rows.

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
    best = race_from_sample(
        partial(race_over, [values]),
        sample,
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
    loose = tol * float(sample.var(axis=0).mean())
    return LargePartition(labels, best.centres, last.inertia, best.converged or best.away <= loose)


def race_from_sample(
    run: Race,
    sample: FloatArray,
    n_clusters: int,
    *,
    n_init: int,
    init: str,
    max_iter: int,
    tol: float,
    random_state: int,
) -> Rest:
    """Run all starts on a sample, and bring the best to rest over all rows.

    Parameters
    ----------
    run : callable
        As `mall_app.kernels.settling.race_over` of some rows.
    sample, n_clusters, n_init, init, max_iter, tol, random_state
        As in `best_starts`; `max_iter` counts on the sample and over all rows.
    """
    starts = best_starts(
        sample,
        n_clusters,
        n_init=n_init,
        init=init,
        max_iter=max_iter,
        tol=tol,
        random_state=random_state,
    )
    return run(starts, max_iter, _FINER * tol * float(sample.var(axis=0).mean()))


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
    few = centred[:: max(1, len(centred) // max(FEW_ROWS, _ROWS_A_CENTRE * n_clusters))].copy()
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
    from sklearn.cluster import kmeans_plusplus

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
