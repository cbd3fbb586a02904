"""Where k-means starts on a large table: what several starts on some of its rows come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mall_app.geometry.points import FloatArray, count_distinct
from mall_app.kernels.lloyd_step import lloyd_step
from mall_app.kernels.settling import settle
from mall_app.progress import listening
from mall_app.progress import step as report

FEW_ROWS = 10_000
_MORE_STARTS = 3  # for each start, on the few rows where starts cost little
_ROWS_A_CENTRE = 100
# Shares of inertia at which starts are the same, or beaten: on plain rows, on weighted ones.
_PLAIN, _WEIGHTED = (1e-6, 1e-2), (1e-4, 3e-2)


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
    few = centred[:: max(1, len(centred) // few_rows(n_clusters))].copy()
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
    ends = [(own.inertia, own.centres + middle) for own in found]
    return _unbeaten(ends, *_PLAIN)


def few_rows(n_clusters: int) -> int:
    """Give how many rows tell starts apart.

    Examples
    --------
    >>> few_rows(5), few_rows(200)
    (10000, 20000)
    """
    return max(FEW_ROWS, _ROWS_A_CENTRE * n_clusters)


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
    """Give the same for rows that stand for more or fewer of a table.

    Parameters
    ----------
    rows, weights
        As of `mall_app.kernels.far_rows.far_sample`.
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
    ends, n_starts = [], n_init * _MORE_STARTS
    with threadpool_limits(1):  # on few rows, threads wait for each other longer than they work
        for number in range(n_starts):
            found = KMeans(
                n_clusters, init=init, n_init=1, max_iter=max_iter, tol=tol, random_state=generator
            ).fit(rows, sample_weight=weights)
            ends.append((found.inertia_, found.cluster_centers_))
            report(number + 1, n_starts, "Starts on a sample of the customers")
    return _unbeaten(ends, *_WEIGHTED)[:n_init]


def _unbeaten(
    ends: Sequence[tuple[float, FloatArray]], alike: float, apart: float
) -> list[FloatArray]:
    """Leave out what is the same as a better one, and what is clearly worse than the best."""
    rising = sorted(ends, key=lambda own: own[0])
    kept = [rising[0]]
    for own in rising[1:]:
        if kept[-1][0] * (1 + alike) < own[0] < kept[0][0] * (1 + apart):
            kept.append(own)
    return [centres for _, centres in kept]


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
