"""Hierarchies of groups that stand for different numbers of customers."""

from __future__ import annotations

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray, Points


def weighted_linkage(points: Points, weights: FloatArray, linkage: str) -> FloatArray:
    """Join the two nearest groups again and again, each of a weight of its own.

    Memory and time grow with the square of the number of groups.

    Parameters
    ----------
    points : Points
        The middle of each group; at least two.
    weights : ndarray of shape (n_groups,)
        Customers in each, more than 0.
    linkage : {"ward", "complete", "average", "single"}
        What near means. Weights matter to ward and average.

    Returns
    -------
    ndarray of shape (n_groups - 1, 4)
        A linkage matrix as scipy defines it, heights rising; the last column counts groups.

    References
    ----------
    Murtagh, F. (1985). Multidimensional clustering algorithms. Physica-Verlag: the chain of nearest
    neighbours, and the update formulas of Lance and Williams.

    Examples
    --------
    >>> points = Points(np.array([[0.0], [1.0], [4.0]]))
    >>> weighted_linkage(points, np.ones(3), "single")[:, :3].tolist()
    [[0.0, 1.0, 1.0], [2.0, 3.0, 3.0]]
    """
    distances = points.distances()
    sizes = np.asarray(weights, dtype=np.float64).copy()
    if linkage == "ward":
        total = sizes[:, None] + sizes
        distances = 2.0 * sizes[:, None] * sizes / total * distances**2
    np.fill_diagonal(distances, np.inf)
    pairs, heights = _chained(distances, sizes, linkage)
    order = np.argsort(heights, kind="stable")
    rising = heights[order] ** 0.5 if linkage == "ward" else heights[order]
    return _named(pairs[order], rising)


def _chained(distances: FloatArray, sizes: FloatArray, linkage: str) -> tuple[IntArray, FloatArray]:
    """Join groups that are each other's nearest, found by a chain of nearest neighbours.

    Both arrays are changed. Gives a group of either side of each join, and its height.
    """
    n_groups = len(sizes)
    pairs = np.empty((n_groups - 1, 2), dtype=np.int64)
    heights = np.empty(n_groups - 1)
    chain: list[int] = []
    gone = np.zeros(n_groups, dtype=bool)
    for join in range(n_groups - 1):
        if not chain:
            chain = [int(np.flatnonzero(~gone)[0])]
        while True:
            here = chain[-1]
            row = distances[here]
            nearest = int(row.argmin())
            if len(chain) > 1 and row[chain[-2]] <= row[nearest]:
                break
            chain.append(nearest)
        kept, lost = sorted((chain.pop(), chain.pop()))
        pairs[join], heights[join] = (kept, lost), distances[kept, lost]
        joined = _updated(distances, sizes, kept, lost, linkage)
        joined[[kept, lost]] = np.inf
        joined[gone] = np.inf
        distances[kept], distances[:, kept] = joined, joined
        distances[lost], distances[:, lost] = np.inf, np.inf
        sizes[kept] += sizes[lost]
        gone[lost] = True
    return pairs, heights


def _updated(
    distances: FloatArray, sizes: FloatArray, one: int, other: int, linkage: str
) -> FloatArray:
    """Distance of every group to two that are joined."""
    first, second = distances[one], distances[other]
    if linkage == "single":
        joined = np.minimum(first, second)
    elif linkage == "complete":
        joined = np.maximum(first, second)
    elif linkage == "average":
        joined = (sizes[one] * first + sizes[other] * second) / (sizes[one] + sizes[other])
    else:
        grown = (sizes[one] + sizes) * first + (sizes[other] + sizes) * second
        shrunk = grown - sizes * distances[one, other]
        joined = shrunk / (sizes[one] + sizes[other] + sizes)
    return np.asarray(joined)


def _named(pairs: IntArray, heights: FloatArray) -> FloatArray:
    """Give joins in rising order the names that scipy gives them."""
    n_groups = len(pairs) + 1
    name = np.arange(n_groups)
    above = np.arange(n_groups)
    count = np.ones(n_groups)
    merges = np.empty((len(pairs), 4))

    def top(group: int) -> int:
        while above[group] != group:
            above[group] = above[above[group]]
            group = int(above[group])
        return group

    for join, (one, other) in enumerate(pairs.tolist()):
        first, second = top(one), top(other)
        low, high = sorted((name[first], name[second]))
        above[second] = first
        count[first] += count[second]
        name[first] = n_groups + join
        merges[join] = low, high, heights[join], count[first]
    return merges
