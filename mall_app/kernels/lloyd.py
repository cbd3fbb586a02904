"""Lloyd's k-means for a small table: all starts at once, as a few array operations.

On 200 customers a k-means of ten starts costs scikit-learn about 5 ms, nearly all of it set-up
repeated for each start. Run side by side the ten starts take about 1 ms, to the same inertia; and
a first fit does not wait for numba to load. For many tables there is `mall_app.kernels.lloyd_each`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.first_centres import first_centres

LARGEST_WORK = 50_000


def is_small(n_rows: int, n_clusters: int, n_init: int) -> bool:
    """Whether running all starts side by side pays: their distances fit in the processor's cache.

    Examples
    --------
    >>> is_small(200, 5, 10), is_small(20_000, 5, 10)
    (True, False)
    """
    return n_rows * n_clusters * n_init <= LARGEST_WORK


@dataclass(frozen=True)
class Partition:
    """The best of several starts.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        Cluster of each row, every cluster used.
    inertia : float
        Sum of squared distances to the cluster means.
    converged : bool
        Whether it came to rest within `max_iter` passes.
    """

    labels: IntArray
    inertia: float
    converged: bool


def lloyd(
    values: FloatArray,
    n_clusters: int,
    *,
    n_init: int = 10,
    init: str = "k-means++",
    max_iter: int = 300,
    tol: float = 1e-4,
    random_state: int = 0,
) -> Partition:
    """Partition rows by k-means, keeping the best of `n_init` starts.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        At least `n_clusters` distinct rows.
    n_clusters : int
        Number of clusters, at least 1.
    n_init : int
        Number of starts.
    init : {"k-means++", "random"}
        How first centres are drawn.
    max_iter : int
        Most passes of a start.
    tol : float
        A start ends when its centres move by no more than this share of the mean variance, squared.
    random_state : int
        Seed.

    Returns
    -------
    Partition

    References
    ----------
    Lloyd, S. P. (1982). Least squares quantization in PCM. IEEE Transactions on Information
    Theory 28(2), 129-137.

    Examples
    --------
    >>> lloyd(np.array([[0.0], [1.0], [10.0], [11.0]]), 2).inertia
    1.0
    """
    given = np.ascontiguousarray(values, dtype=np.float64)
    centred = given - given.mean(axis=0)  # which keeps squares exact
    centres = first_centres(centred, n_clusters, random_state, n_init, init)
    labels, still = _come_to_rest(centred, centres, tol * centred.var(axis=0).mean(), max_iter)
    own = centres[np.arange(n_init)[:, None], labels]
    inertia = ((centred - own) ** 2).sum(axis=(1, 2))
    best = int(inertia.argmin())
    return Partition(labels[best], float(inertia[best]), best not in still)


def _come_to_rest(
    values: FloatArray, centres: FloatArray, least_move: float, max_iter: int
) -> tuple[IntArray, IntArray]:
    """Move the centres of every start, in place, until they rest.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
    centres : ndarray of shape (n_starts, n_clusters, n_dimensions)
    least_move : float
        Sum of squares below which centres rest.
    max_iter : int
        Most passes.

    Returns
    -------
    labels : ndarray of shape (n_starts, n_rows)
    still : ndarray of int
        Starts that had not come to rest by then.
    """
    # The ones let a product with a centre add its square.
    rows = np.concatenate([values.T, np.ones((1, len(values)))])
    labels = np.full((len(centres), len(values)), -1, dtype=np.int64)
    still, same = np.arange(len(centres)), np.zeros(len(centres), dtype=bool)
    for _ in range(max_iter):
        nearest, moved = _one_pass(rows, centres[still])
        same[still] = (nearest == labels[still]).all(axis=1)
        close = ((moved - centres[still]) ** 2).sum(axis=(1, 2)) <= least_move
        labels[still], centres[still] = nearest, moved
        still = still[~(close | same[still])]
        if not len(still):
            break
    if not same.all():  # labels are those of the centres before
        labels[~same], centres[~same] = _one_pass(rows, centres[~same])
    return labels, still


def _one_pass(rows: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
    """Give the nearest centre of each row in each start, and the means of the rows of each centre.

    Every centre gets a row at least.

    Parameters
    ----------
    rows : ndarray of shape (n_dimensions + 1, n_rows)
        The last coordinate of each row is 1.
    centres : ndarray of shape (n_starts, n_clusters, n_dimensions)
    """
    n_starts, n_clusters, n_dimensions = centres.shape
    squares = (centres * centres).sum(axis=-1, keepdims=True)
    distances = np.concatenate([-2 * centres, squares], axis=-1) @ rows
    nearest = distances.min(axis=1, keepdims=True)
    # The first of equally near centres: three passes like these take a third of an argmin.
    places = np.arange(n_clusters, 0, -1, dtype=np.uint16)[:, None]
    labels = n_clusters - ((distances == nearest) * places).max(axis=1).astype(np.int64)
    cells = labels + np.arange(n_starts)[:, None] * n_clusters
    counts = np.bincount(cells.ravel(), minlength=n_starts * n_clusters).reshape(n_starts, -1)
    for start in np.flatnonzero(~counts.all(axis=1)):
        lengths = (rows[:-1] ** 2).sum(axis=0)
        _fill_empty(labels[start], counts[start], distances[start] + lengths)
        cells[start] = labels[start] + start * n_clusters
    whose = cells.ravel()
    columns = (np.tile(rows[own], n_starts) for own in range(n_dimensions))
    sums = np.stack([np.bincount(whose, own, counts.size) for own in columns], axis=-1)
    return labels, sums.reshape(centres.shape) / counts[:, :, None]


def _fill_empty(labels: IntArray, counts: IntArray, distances: FloatArray) -> None:
    """Give each empty cluster the farthest row of a cluster that has others."""
    own = distances[labels, np.arange(len(labels))]
    for row in np.argsort(-own, kind="stable"):
        empty = np.flatnonzero(counts == 0)
        if not len(empty):
            return
        if counts[labels[row]] > 1:
            counts[labels[row]] -= 1
            labels[row] = empty[0]
            counts[empty[0]] = 1
