"""Where the small k-means starts from, for all starts at once."""

from __future__ import annotations

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray


def first_centres(
    values: FloatArray, n_clusters: int, random_state: int, n_init: int, init: str
) -> FloatArray:
    """Draw the first centres of each start for k-means.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        At least `n_clusters` distinct rows.
    n_clusters : int
        Number of clusters.
    random_state : int
        Seed.
    n_init : int
        Number of starts.
    init : {"k-means++", "random"}
        Spread out, or plain rows at random.

    Returns
    -------
    ndarray of shape (n_init, n_clusters, n_dimensions)

    References
    ----------
    Arthur, D. and Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding. SODA
    2007, 1027-1035.

    Examples
    --------
    >>> drawn = first_centres(np.array([[1.0], [9.0]]), 2, 0, 1, "k-means++")
    >>> sorted(drawn.ravel().tolist())
    [1.0, 9.0]
    """
    generator = np.random.default_rng(random_state)
    if init != "k-means++":
        return values[plain_rows(generator, len(values), n_clusters, n_init)]
    columns = np.ascontiguousarray(values.T)
    return _spread_centres(columns, *spread_chances(generator, len(values), n_clusters, n_init))


def plain_rows(
    generator: np.random.Generator, n_rows: int, n_clusters: int, n_init: int
) -> IntArray:
    """Draw rows for each start, shape (n_init, n_clusters); none twice in a start."""
    drawn = [generator.choice(n_rows, n_clusters, replace=False) for _ in range(n_init)]
    return np.array(drawn)


def spread_chances(
    generator: np.random.Generator, n_rows: int, n_clusters: int, n_init: int
) -> tuple[IntArray, FloatArray]:
    """Draw what greedy k-means++ is left to chance.

    Returns
    -------
    first : ndarray of shape (n_init,)
        Row of the first centre of each start.
    chances : ndarray of shape (n_clusters - 1, n_init, n_trials)
        From 0 to 1, what the candidates for every further centre are drawn by.
    """
    first = generator.integers(n_rows, size=n_init)
    trials = 2 + int(np.log(n_clusters))
    return first, generator.random((n_clusters - 1, n_init, trials))


def _spread_centres(columns: FloatArray, first: IntArray, chances: FloatArray) -> FloatArray:
    """Choose centres far from each other: greedy k-means++.

    Parameters
    ----------
    columns : ndarray of shape (n_dimensions, n_rows)
    first, chances
        From `spread_chances`.
    """
    starts = np.arange(len(first))
    chosen = [first]
    nearest = _apart(columns, first[:, None])[:, 0]
    for chance in chances:
        reach = nearest.cumsum(axis=1)
        drawn = chance * reach[:, -1:]
        below = (reach[:, None, :] <= drawn[:, :, None]).sum(axis=-1)
        candidates = below.clip(max=columns.shape[1] - 1)
        apart = np.minimum(_apart(columns, candidates), nearest[:, None])
        best = apart.sum(axis=-1).argmin(axis=1)
        nearest = apart[starts, best]
        chosen.append(candidates[starts, best])
    return columns[:, np.stack(chosen, axis=1)].transpose(1, 2, 0)


def _apart(columns: FloatArray, candidates: IntArray) -> FloatArray:
    """Squared distance of each row to each candidate: shape (n_starts, n_trials, n_rows)."""
    total = np.zeros((*candidates.shape, columns.shape[1]))
    for column in columns:
        step = column - column[candidates][:, :, None]
        step *= step
        total += step
    return total
