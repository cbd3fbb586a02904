"""How far apart the groups of a small table are, from all of its distances."""

from __future__ import annotations

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.compiled import as_input, as_labels, compiled

_NEIGHBOURS = 5
_SHARE_OF_A_GROUP = 0.1
_DECIMALS = 9  # heights that differ by rounding only are the same


def mean_silhouette(distances: FloatArray, labels: IntArray) -> float:
    """Give the mean silhouette; that of a row which is alone in its group is 0.

    Parameters
    ----------
    distances : ndarray of shape (n_rows, n_rows)
        Of each row to each other.
    labels : ndarray of int, shape (n_rows,)
        0 to the number of groups less one, each used.

    Examples
    --------
    >>> distances = np.abs(np.subtract.outer([0.0, 1.0, 5.0], [0.0, 1.0, 5.0]))
    >>> round(mean_silhouette(distances, np.array([0, 0, 1])), 6)
    0.516667
    """
    n_groups = int(labels.max()) + 1
    return float(
        _mean_silhouette(as_input(distances), as_labels(labels, len(distances), n_groups), n_groups)
    )


def density_gap(distances: FloatArray) -> float:
    """Give how much sparser it is between two groups than within them, as a logarithm.

    Rows are joined by single linkage over mutual reachability distance (the larger one of the
    distance between two and of those to their fifth neighbours). A group is born when it has a
    tenth of all rows. The statistic is the largest logarithm of the distance at which two groups
    join over that at which the younger of them was born; 0 when there never are two.

    Parameters
    ----------
    distances : ndarray of shape (n_rows, n_rows)
        Of each row to each other.

    Examples
    --------
    >>> values = [0.0, 1.0, 2.0, 20.0, 21.0, 22.0]
    >>> density_gap(np.abs(np.subtract.outer(values, values))) > 0
    True
    """
    n_rows = len(distances)
    if n_rows < 3:
        return 0.0
    least = max(2, int(np.ceil(_SHARE_OF_A_GROUP * n_rows)))
    neighbour = min(_NEIGHBOURS, max(1, n_rows // 4))
    known = as_input(distances)
    ends, heights = _shortest_tree(known, _to_neighbour(known, neighbour))
    return round(float(_largest_gap(ends, heights, least)), _DECIMALS)


@compiled
def _mean_silhouette(distances, labels, n_groups):  # type: ignore[no-untyped-def]
    n_rows = len(labels)
    sizes = np.zeros(n_groups, np.int64)
    for row in range(n_rows):
        sizes[labels[row]] += 1
    total = 0.0
    sums = np.empty(n_groups)
    for row in range(n_rows):
        sums[:] = 0.0
        for other in range(n_rows):
            sums[labels[other]] += distances[row, other]
        own = labels[row]
        if sizes[own] == 1:
            continue
        nearest = np.inf
        for group in range(n_groups):
            if group != own:
                nearest = min(nearest, sums[group] / sizes[group])
        within = sums[own] / (sizes[own] - 1)
        larger = max(within, nearest)
        if larger > 0:
            total += (nearest - within) / larger
    return total / n_rows


@compiled
def _to_neighbour(distances, neighbour):  # type: ignore[no-untyped-def]
    """Give the distance of each row to its neighbour of that number; number 0 is itself."""
    n_rows = len(distances)
    found = np.empty(n_rows)
    least = np.empty(neighbour + 1)  # distances, rising
    for row in range(n_rows):
        least[:] = np.inf
        for other in range(n_rows):
            distance = distances[row, other]
            if distance < least[neighbour]:
                place = neighbour
                while place > 0 and least[place - 1] > distance:
                    least[place] = least[place - 1]
                    place -= 1
                least[place] = distance
        found[row] = least[neighbour]
    return found


@compiled
def _group_of(parents, row):  # type: ignore[no-untyped-def]
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row


@compiled
def _shortest_tree(distances, core):  # type: ignore[no-untyped-def]
    """Give the ends and heights of the edges that join all rows; it is grown from the first."""
    n_rows = len(distances)
    reach = np.full(n_rows, np.inf)
    nearest = np.zeros(n_rows, np.int64)
    outside = np.ones(n_rows, np.bool_)
    ends = np.empty((n_rows - 1, 2), np.int64)
    heights = np.empty(n_rows - 1)
    row = 0
    for edge in range(n_rows - 1):
        outside[row] = False
        following, lowest = -1, np.inf
        for other in range(n_rows):
            if outside[other]:
                height = max(distances[row, other], core[row], core[other])
                if height < reach[other]:
                    reach[other], nearest[other] = height, row
                if following < 0 or reach[other] < lowest:
                    following, lowest = other, reach[other]
        ends[edge, 0], ends[edge, 1], heights[edge] = nearest[following], following, lowest
        row = following
    return ends, heights


@compiled
def _largest_gap(ends, heights, least):  # type: ignore[no-untyped-def]
    """Join rows along the edges, the shortest first, and watch groups that are born and join."""
    n_rows = len(heights) + 1
    # Equal rows are at distance 0: the least distance there is stands in for it.
    floor = np.inf
    for height in heights:
        if height > 0:
            floor = min(floor, height)
    parents, sizes = np.arange(n_rows), np.ones(n_rows, np.int64)
    births = np.full(n_rows, np.inf)  # of what is no group as yet
    largest = 0.0
    for edge in np.argsort(heights):
        height = heights[edge]
        one, other = _group_of(parents, ends[edge, 0]), _group_of(parents, ends[edge, 1])
        younger = max(births[one], births[other])
        if younger < np.inf and height > 0:
            largest = max(largest, np.log(height / max(younger, floor)))
        parents[other] = one
        sizes[one] += sizes[other]
        births[one] = min(births[one], births[other])
        if births[one] == np.inf and sizes[one] >= least:
            births[one] = height
    return largest
