"""Some of the customers in place of all: which ones, and how far off what they say may be."""

from __future__ import annotations

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.labels import members_of

# What half a second of one core is spent on: coordinates of pairs compared, plus what a pair costs
# beside them, in coordinates.
_PAIR_COORDINATES = 3
_EXACT_WORK = 9_000_000_000
_SAMPLE_WORK = 4_500_000_000  # a pair costs twice as much where it cannot be used both ways
_LEAST_SAMPLE = 500
_LEAST_OF_EACH = 10


def is_exact(n_rows: int, n_dimensions: int) -> bool:
    """Tell whether comparing all customers with each other takes about half a second at most.

    It depends on the table alone, so that a score does not depend on the machine. About 38 000
    customers in 3 dimensions, 28 000 in 8, 12 000 in 60.

    Examples
    --------
    >>> is_exact(38_000, 3), is_exact(38_000, 8)
    (True, False)
    """
    return n_rows * n_rows * (_PAIR_COORDINATES + n_dimensions) <= _EXACT_WORK


def sample_size(n_rows: int, n_dimensions: int) -> int:
    """Give how many customers are compared with all, in about half a second; 500 at least.

    Examples
    --------
    >>> sample_size(100_000, 3), sample_size(1_000_000, 3), sample_size(10_000_000, 3)
    (7500, 750, 500)
    """
    affordable = _SAMPLE_WORK // (n_rows * (_PAIR_COORDINATES + n_dimensions))
    return min(n_rows, max(_LEAST_SAMPLE, affordable))


def stratified_sample(labels: IntArray, size: int, random_state: int) -> IntArray:
    """Draw customers of each segment in proportion, 10 of each at least where there are so many.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1, each used; negative ones are noise and not drawn.
    size : int
        How many to draw, about; of more segments than a tenth of it, fewer than 10 of the small
        ones, but two of each.
    random_state : int
        Seed.

    Returns
    -------
    ndarray
        Positions in `labels`, ascending.

    Examples
    --------
    >>> stratified_sample(np.array([0, 0, 0, 1, -1]), 4, random_state=0).tolist()
    [0, 1, 2, 3]
    """
    generator = np.random.default_rng(random_state)
    groups = list(members_of(labels).values())
    sizes = np.array([len(own) for own in groups])
    least = min(_LEAST_OF_EACH, max(2, size // len(sizes)))
    shares = np.round(size * (sizes / sizes.sum())).astype(np.int64)
    wanted = np.minimum(sizes, np.maximum(least, shares))
    drawn = [
        members[generator.choice(len(members), own, replace=False)]
        for members, own in zip(groups, wanted, strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def stratified_mean(numbers: FloatArray, labels: IntArray, sizes: IntArray) -> tuple[float, float]:
    """Estimate the mean over all customers from a sample of each segment.

    Parameters
    ----------
    numbers : ndarray of shape (n_sampled,)
        What is averaged.
    labels : ndarray of shape (n_sampled,)
        Segment of each; all segments occur.
    sizes : ndarray of shape (n_clusters,)
        Customers of each segment.

    Returns
    -------
    mean : float
        Each segment counts by its size.
    standard_error : float
        0 where all customers are in the sample.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd edition, chapter 5.

    Examples
    --------
    >>> stratified_mean(np.array([1.0, 3.0, 9.0]), np.array([0, 0, 1]), np.array([2, 2]))
    (5.5, 0.0)
    """
    drawn = np.bincount(labels, minlength=len(sizes))
    share = sizes / sizes.sum()
    means = np.bincount(labels, numbers, len(sizes)) / drawn
    spread = np.bincount(labels, (numbers - means[labels]) ** 2, len(sizes))
    variances = spread / np.maximum(drawn - 1, 1) / drawn * (1 - drawn / sizes)
    return float(share @ means), float(np.sqrt(share**2 @ variances))
