"""k-means on batches of a large table: centres found on a sample follow rows drawn from all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.lloyd_step import Rows, lloyd_step
from mall_app.kernels.starts import best_starts
from mall_app.progress import step

START_PASSES = 300
START_TOLERANCE = 1e-4
_PATIENCE = 10  # batches that may pass without gain, as scikit-learn has it
TOGETHER = 50_000  # rows of the batches that are drawn in one go


@dataclass(frozen=True, eq=False)
class Following:
    """Centres that follow batches, each moved the less the more rows it has seen.

    Parameters
    ----------
    centres : ndarray of shape (n_clusters, n_dimensions)
        Where they are.
    seen : ndarray of shape (n_clusters,)
        Rows that each of them is the mean of.
    n_batches : int
        Batches so far.
    smooth, least : float
        Mean squared distance to the centres over the last batches, and the least that it was.
    without_gain : int
        Batches since then.
    """

    centres: FloatArray
    seen: IntArray
    n_batches: int = 0
    smooth: float = np.inf
    least: float = np.inf
    without_gain: int = 0

    @property
    def is_done(self) -> bool:
        """Whether batches bring no gain any more."""
        return self.without_gain >= _PATIENCE

    def after(self, batch: Rows, share: float) -> Following:
        """Give where they are after another batch, which counts so much among the last."""
        found = lloyd_step(batch, self.centres)
        seen = self.seen + found.counts
        moves = found.sums - found.counts[:, None] * self.centres
        cost = found.inertia / len(batch)
        smooth = cost if np.isinf(self.smooth) else self.smooth + (cost - self.smooth) * share
        return Following(
            self.centres + moves / np.maximum(seen, 1)[:, None],
            seen,
            self.n_batches + 1,
            smooth,
            min(self.least, smooth),
            0 if smooth < self.least else self.without_gain + 1,
        )


def follow_batches(
    parts: Sequence[Rows], order: IntArray, size: int, begun: Following, share: float
) -> Following:
    """Follow batches until they are used up, or bring no gain any more.

    Parameters
    ----------
    parts : sequence of ndarray of shape (n_rows, n_dimensions)
        Rows of all batches, in the order of the table.
    order : ndarray of int
        Which of them is the first of the first batch, and so on.
    size : int
        Rows of a batch.
    begun : Following
        Where the centres are.
    share : float
        How much a batch counts among the last.
    """
    rows, now = np.concatenate(parts), begun
    for batch in order.reshape(-1, size):
        now = now.after(np.ascontiguousarray(rows[batch]), share)
        if now.is_done:
            break
    return now


# Takes numbers of rows, rising, and what `follow_batches` takes after its parts.
Follow = Callable[[IntArray, IntArray, int, Following, float], Following]


def mini_batches(
    follow: Follow,
    sample: FloatArray,
    n_rows: int,
    n_clusters: int,
    *,
    batch_size: int,
    n_init: int,
    most: int,
    random_state: int,
    together: int = TOGETHER,
) -> FloatArray:
    """Find centres by starts on a sample, and batches of all rows.

    Parameters
    ----------
    follow : callable
        Does what `follow_batches` does with rows of the table, wherever they are.
    sample : ndarray of shape (n_sampled, n_dimensions)
        At least `n_clusters` distinct rows.
    n_rows : int
        Rows of the table.
    n_clusters, n_init, random_state
        As in `mall_app.kernels.starts.best_starts`.
    batch_size : int
        Rows of a batch, drawn with replacement.
    most : int
        Most rows of all batches.
    together : int
        Rows that are asked for in one go; it makes no difference to the centres.

    Returns
    -------
    ndarray of shape (n_clusters, n_dimensions)

    References
    ----------
    Sculley, D. (2010). Web-scale k-means clustering. WWW 2010, 1177-1178.

    Examples
    --------
    >>> values = np.repeat([[0.0], [9.0]], 50, axis=0)
    >>> def follow(rows, *rest):
    ...     return follow_batches([values[rows]], *rest)
    >>> found = mini_batches(follow, values, 100, 2, batch_size=10, n_init=1, most=100,
    ...                      random_state=0)
    >>> sorted(found.ravel().tolist())
    [0.0, 9.0]
    """
    first = best_starts(
        sample,
        n_clusters,
        n_init=n_init,
        init="k-means++",
        max_iter=START_PASSES,
        tol=START_TOLERANCE,
        random_state=random_state,
    )[0]
    now = Following(first, lloyd_step(sample, first).counts)
    most_batches = max(1, most // batch_size)
    share = min(1.0, 2.0 * batch_size / (n_rows + 1))
    while not now.is_done and now.n_batches < most_batches:
        stop = min(most_batches, now.n_batches + max(1, together // batch_size))
        drawn = np.concatenate(
            [
                np.random.default_rng((random_state, number)).integers(0, n_rows, batch_size)
                for number in range(now.n_batches, stop)
            ]
        )
        rows, order = np.unique(drawn, return_inverse=True)
        now = follow(rows, order, batch_size, now, share)
        step(now.n_batches, 0, "Batches of the customers")
    return now.centres
