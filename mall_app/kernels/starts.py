"""Where k-means starts on a large table: what several starts on some of its rows come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mall_app.geometry.points import FloatArray, count_distinct
from mall_app.kernels.lloyd_step import lloyd_step
from mall_app.kernels.settling import Rest, settle
from mall_app.progress import listening
from mall_app.progress import step as report

FEW_ROWS = 10_000
_MORE_STARTS = 3  # for each start, on the few rows where starts cost little
_ENOUGH_STARTS = 10  # that all come to the same end: others would as well
_ROWS_A_CENTRE = 100
_ALIKE = 1e-3  # share of inertia that the same end may differ in before it is at rest
_NEAR = 1e-2  # share of the mean squared distance to a centre that its centres may
# Shares of inertia by which a start is beaten: on plain rows, on weighted ones.
_PLAIN, _WEIGHTED = 1e-2, 3e-2


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

    Of those that are alike there is one, and those that are clearly beaten are left out. Three
    times `n_init` are tried on few rows, but no more where the first ten or `n_init` are alike.

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
        at_least = islice(first, max(n_init, _ENOUGH_STARTS))
        tried = [_settled(few, own, max_iter, rest) for own in at_least]
        if len(_distinct(tried, len(few))) > 1:
            tried += [_settled(few, own, max_iter, rest) for own in first]
    found, going_on = [], _distinct(tried, len(few))[:n_init]
    for number, own in enumerate(going_on):
        with listening(None):
            found.append(_settled(centred, own.centres, max_iter, rest))
        report(number + 1, len(going_on), "Starts on a sample of the customers")
    return [own.centres + middle for own in _unbeaten(_distinct(found, len(centred)), _PLAIN)]


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
            ends.append(Rest(found.cluster_centers_, found.inertia_, 0.0, True))
            report(number + 1, n_starts, "Starts on a sample of the customers")
    distinct = _distinct(ends, float(weights.sum()))
    return [own.centres for own in _unbeaten(distinct, _WEIGHTED)][:n_init]


def _settled(rows: FloatArray, centres: FloatArray, max_iter: int, rest: float) -> Rest:
    return settle(lambda at: lloyd_step(rows, at), centres, max_iter, rest)


def _distinct(ends: Sequence[Rest], weight: float) -> list[Rest]:
    """Give the ends, the best first; of those that are the same but for what is left to rest, one.

    Parameters
    ----------
    ends : sequence of Rest
        What starts on some rows came to.
    weight : float
        What these rows weigh together.
    """
    kept: list[Rest] = []
    for own in sorted(ends, key=lambda end: end.inertia):
        near = _NEAR * own.inertia / weight
        if not any(
            own.inertia <= other.inertia * (1 + _ALIKE)
            and _squares_between(own.centres, other.centres) <= near
            for other in kept
        ):
            kept.append(own)
    return kept


def _squares_between(ones: FloatArray, others: FloatArray) -> float:
    """Sum the squared distances of centres to the nearest of others, seen from the farther side."""
    squares = cdist(ones, others, "sqeuclidean")
    return float(max(squares.min(axis=1).sum(), squares.min(axis=0).sum()))


def _unbeaten(rising: Sequence[Rest], apart: float) -> list[Rest]:
    """Leave out what is clearly worse than the best."""
    return [own for own in rising if own.inertia <= rising[0].inertia * (1 + apart)]


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
