"""Distances between many rows, added up as they are worked out and never kept.

Coordinates lie side by side, column by column, the rows of a cluster next to each other and zeros
added to make the columns a multiple of four, so that all loops over rows are vector instructions.
Rows are taken two at a time: the root of one is left to the unit for square roots, which is slow,
while the other's is worked out beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mall_app.kernels.compiled import compiled

_TILE_NUMBERS = 8_192  # coordinates of a tile: what stays in the processor's nearest cache
_MOST_TILE = 16_384


@compiled
def add_members(
    points: Any,
    values: Any,
    labels: Any,
    start: int,
    stop: int,
    euclidean: bool,
    sums: Any,
) -> None:
    """Add the distances of `points` to the rows from `start` to `stop`, tile by tile."""
    n_points, n_clusters = sums.shape
    most = min(_MOST_TILE, max(_TILE_NUMBERS // len(points), 128 * n_clusters))
    tile, scratch = np.zeros((len(points), most)), np.zeros((3, most))
    ends = np.empty(n_clusters + 1, np.int64)
    for first in range(start, stop, most):
        _fill_tile(values, labels, first, min(first + most, stop), tile, ends)
        for row in range(0, n_points, 2):
            other = min(row + 1, n_points - 1)
            _begin(points, row, other, tile, 0, ends[n_clusters], euclidean, scratch)
            for own in range(n_clusters):
                here, end = ends[own], ends[own + 1]
                if here < end:
                    total, total_other = _finish(
                        points,
                        row,
                        other,
                        tile,
                        here,
                        end,
                        euclidean,
                        scratch[0, here:end],
                        scratch[1, here:end],
                        0.0,
                        scratch[2, here:end],
                    )
                    sums[row, own] += total
                    if other > row:
                        sums[other, own] += total_other


@compiled
def _fill_tile(values: Any, labels: Any, first: int, last: int, tile: Any, ends: Any) -> None:
    """Lay the rows out in the order of their clusters; `ends` is where each cluster begins."""
    ends[:] = 0
    for row in range(first, last):
        if labels[row] >= 0:
            ends[labels[row] + 1] += 1
    for own in range(len(ends) - 1):
        ends[own + 1] += ends[own]
    place = ends.copy()
    for row in range(first, last):
        own = labels[row]
        if own >= 0:
            for column in range(values.shape[1]):
                tile[column, place[own]] = values[row, column]
            place[own] += 1


@compiled
def add_pairs(
    columns: Any, labels: Any, starts: Any, bounds: Any, pairs: Any, euclidean: bool, sums: Any
) -> None:
    """Add the distances between the rows of two blocks to the sums of both, for pairs of blocks."""
    longest = 0
    for block in range(len(bounds) - 1):
        longest = max(longest, bounds[block + 1] - bounds[block])
    scratch = np.zeros((2, longest))
    for pair in range(len(pairs)):
        block, partner = pairs[pair, 0], pairs[pair, 1]
        row, stop = bounds[block], bounds[block + 1]
        while row < stop:
            own = labels[row]
            # Two rows of one cluster; an odd one out is its own companion.
            other = row + 1 if row + 1 < min(stop, starts[own + 1]) else row
            if block == partner and other > row:
                _add_two(columns, row, other, own, euclidean, sums)
            first = max(bounds[partner], other + 1)
            last = bounds[partner + 1]
            if first < last:
                _add_block(
                    columns, row, other, first, last, labels, starts, euclidean, scratch, sums
                )
            row = other + 1


@compiled
def _add_two(columns: Any, row: int, other: int, own: int, euclidean: bool, sums: Any) -> None:
    total = 0.0
    for column in range(len(columns)):
        apart = columns[column, row] - columns[column, other]
        total += apart * apart if euclidean else abs(apart)
    distance = np.sqrt(total) if euclidean else total
    sums[own, row] += distance
    sums[own, other] += distance


@compiled
def _add_block(
    columns: Any,
    row: int,
    other: int,
    first: int,
    last: int,
    labels: Any,
    starts: Any,
    euclidean: bool,
    scratch: Any,
    sums: Any,
) -> None:
    _begin(columns, row, other, columns, first, last, euclidean, scratch)
    weight = 1.0 if other > row else 0.0
    for own in range(labels[first], labels[last - 1] + 1):
        here, end = max(first, starts[own]), min(last, starts[own + 1])
        if here < end:
            total, total_other = _finish(
                columns,
                row,
                other,
                columns,
                here,
                end,
                euclidean,
                scratch[0, here - first : end - first],
                scratch[1, here - first : end - first],
                weight,
                sums[labels[row], here:end],
            )
            sums[own, row] += total
            sums[own, other] += weight * total_other


@compiled
def _begin(
    points: Any,
    row: int,
    other: int,
    columns: Any,
    first: int,
    last: int,
    euclidean: bool,
    scratch: Any,
) -> None:
    """Add up what all coordinates but the last four give to the distances of two rows."""
    one, two = scratch[0, : last - first], scratch[1, : last - first]
    for column in range(0, len(columns) - 4, 4):
        if column == 0:
            one[:] = 0.0
            two[:] = 0.0
        a, b = points[column, row], points[column + 1, row]
        c, d = points[column + 2, row], points[column + 3, row]
        e, f = points[column, other], points[column + 1, other]
        g, h = points[column + 2, other], points[column + 3, other]
        p, q = columns[column, first:last], columns[column + 1, first:last]
        r, s = columns[column + 2, first:last], columns[column + 3, first:last]
        for member in range(len(p)):
            w, x, y, z = p[member], q[member], r[member], s[member]
            one[member] += _four(w - a, x - b, y - c, z - d, euclidean)
            two[member] += _four(w - e, x - f, y - g, z - h, euclidean)


@compiled
def _finish(
    points: Any,
    row: int,
    other: int,
    columns: Any,
    first: int,
    last: int,
    euclidean: bool,
    before: Any,
    before_other: Any,
    weight: float,
    line: Any,
) -> tuple[float, float]:
    """Give the sums of the distances of two rows, and add them to the `line` of the members."""
    column = len(columns) - 4
    a, b = points[column, row], points[column + 1, row]
    c, d = points[column + 2, row], points[column + 3, row]
    e, f = points[column, other], points[column + 1, other]
    g, h = points[column + 2, other], points[column + 3, other]
    p, q = columns[column, first:last], columns[column + 1, first:last]
    r, s = columns[column + 2, first:last], columns[column + 3, first:last]
    total, total_other = 0.0, 0.0
    for member in range(len(p)):
        w, x, y, z = p[member], q[member], r[member], s[member]
        one = before[member] + _four(w - a, x - b, y - c, z - d, euclidean)
        two = before_other[member] + _four(w - e, x - f, y - g, z - h, euclidean)
        if euclidean:
            one, two = np.sqrt(one), _square_root(two)
        total += one
        total_other += two
        line[member] += one + weight * two
    return total, total_other


@compiled
def _four(p: float, q: float, r: float, s: float, euclidean: bool) -> float:
    if euclidean:
        return (p * p + q * q) + (r * r + s * s)
    return (abs(p) + abs(q)) + (abs(r) + abs(s))


@compiled
def _square_root(square: float) -> float:
    """Square root by multiplications: a first guess from the bits, made exact in two steps."""
    half = np.float64(square).view(np.uint64) >> np.uint64(1)
    inverse = np.uint64(np.uint64(0x5FE6EB50C7B537A9) - half).view(np.float64)
    root = square * inverse
    error = 1.0 - root * inverse
    inverse += inverse * (error * (0.5 + 0.375 * error))
    root = square * inverse
    error = 1.0 - root * inverse
    return float(root + root * (error * (0.5 + error * (0.375 + 0.3125 * error))))
