"""Where the small k-means starts from, for all starts of many tables at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray

_BLOCK = 40_000  # distances worked out at a time: they stay in the processor's cache


def blocks(number: int, size: int) -> list[slice]:
    """Cut `number` starts of `size` distances each into blocks that stay in the cache.

    Examples
    --------
    >>> blocks(3, 20_000)
    [slice(0, 2, None), slice(2, 4, None)]
    """
    step = max(1, _BLOCK // size)
    return [slice(start, start + step) for start in range(0, number, step)]


def first_centres(
    tables: FloatArray, n_clusters: int, random_states: Sequence[int], n_init: int, init: str
) -> FloatArray:
    """Draw the first centres of each start for k-means.

    Parameters
    ----------
    tables : ndarray of shape (n_tables, n_rows, n_dimensions)
        At least `n_clusters` distinct rows in each.
    n_clusters : int
        Number of clusters.
    random_states : sequence of int
        Seed of each table.
    n_init : int
        Starts of each table.
    init : {"k-means++", "random"}
        Spread out, or plain rows at random.

    Returns
    -------
    ndarray of shape (n_tables * n_init, n_clusters, n_dimensions)
        The starts of the first table first.

    References
    ----------
    Arthur, D. and Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding. SODA
    2007, 1027-1035.

    Examples
    --------
    >>> drawn = first_centres(np.array([[[1.0], [9.0]]]), 2, [0], 1, "k-means++")
    >>> sorted(drawn.ravel().tolist())
    [1.0, 9.0]
    """
    n_tables, n_rows, n_dimensions = tables.shape
    generators = [np.random.default_rng(own) for own in random_states]
    if init != "k-means++":
        drawn = [
            values[generator.choice(n_rows, n_clusters, replace=False)]
            for values, generator in zip(tables, generators, strict=True)
            for _ in range(n_init)
        ]
        return np.stack(drawn)
    trials = 2 + int(np.log(n_clusters))
    first = np.concatenate([own.integers(n_rows, size=n_init) for own in generators])
    chances = np.concatenate(
        [own.random((n_clusters - 1, n_init, trials)) for own in generators], axis=1
    )
    whose = np.repeat(np.arange(n_tables), n_init)
    centres = np.empty((len(whose), n_clusters, n_dimensions))
    for part in blocks(len(whose), n_rows * trials):
        columns = np.ascontiguousarray(tables[whose[part]].transpose(2, 0, 1))
        centres[part] = _spread_centres(columns, first[part], chances[:, part])
    return centres


def _spread_centres(columns: FloatArray, first: IntArray, chances: FloatArray) -> FloatArray:
    """Choose centres far from each other: greedy k-means++.

    Parameters
    ----------
    columns : ndarray of shape (n_dimensions, n_starts, n_rows)
        The table of each start.
    first : ndarray of shape (n_starts,)
        Row of the first centre.
    chances : ndarray of shape (n_clusters - 1, n_starts, n_trials)
        From 0 to 1, what the candidates for every further centre are drawn by.
    """
    n_dimensions, n_starts, n_rows = columns.shape
    starts = np.arange(n_starts)
    chosen = [first]
    nearest = _apart(columns, first[:, None])[:, 0]
    for chance in chances:
        reach = nearest.cumsum(axis=1)
        drawn = chance * reach[:, -1:]
        candidates = (reach[:, None, :] <= drawn[:, :, None]).sum(axis=-1).clip(max=n_rows - 1)
        apart = np.minimum(_apart(columns, candidates), nearest[:, None])
        best = apart.sum(axis=-1).argmin(axis=1)
        nearest = apart[starts, best]
        chosen.append(candidates[starts, best])
    return columns[:, starts[:, None], np.stack(chosen, axis=1)].transpose(1, 2, 0)


def _apart(columns: FloatArray, candidates: IntArray) -> FloatArray:
    """Squared distance of each row to each candidate: shape (n_starts, n_trials, n_rows)."""
    starts = np.arange(len(candidates))[:, None]
    total = np.zeros((*candidates.shape, columns.shape[2]))
    for column in columns:
        step = column[:, None, :] - column[starts, candidates][:, :, None]
        step *= step
        total += step
    return total
