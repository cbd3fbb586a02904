"""Distances between many rows, added up as they are worked out and never kept.

Coordinates lie side by side, column by column, the rows of a cluster next to each other and zeros
added to make the columns three or a multiple of four, so that all loops over rows are vector
instructions. Rows are taken two at a time: the root of one is left to the unit for square roots,
which is slow, while the other's is worked out beside it.
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
    n_clusters, n_points = sums.shape
    most = min(_MOST_TILE, max(_TILE_NUMBERS // len(points), 128 * n_clusters))
    tile, scratch, line = np.zeros((len(points), most)), np.zeros((2, most)), np.zeros(most)
    ends = np.empty(n_clusters + 1, np.int64)
    for first in range(start, stop, most):
        _fill_tile(values, labels, first, min(first + most, stop), tile, ends)
        for own in range(n_clusters):
            here, end = ends[own], ends[own + 1]
            if here < end:
                room = line[: end - here]
                _add_rectangle(
                    points, 0, n_points, tile, here, end, euclidean, scratch, room, sums[own]
                )


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
        first, last = bounds[partner], bounds[partner + 1]
        if row == stop or first == last:
            continue
        for own in range(labels[row], labels[stop - 1] + 1):
            up, down = max(row, starts[own]), min(stop, starts[own + 1])
            least = own if block == partner else labels[first]
            for other in range(least, labels[last - 1] + 1):
                here, end = max(first, starts[other]), min(last, starts[other + 1])
                if up >= down or here >= end:
                    continue
                if block == partner and own == other:
                    _add_triangle(columns, up, down, euclidean, scratch, sums[own])
                else:
                    _add_rectangle(
                        columns,
                        up,
                        down,
                        columns,
                        here,
                        end,
                        euclidean,
                        scratch,
                        sums[own, here:end],
                        sums[other],
                    )


@compiled
def _add_triangle(
    columns: Any, first: int, last: int, euclidean: bool, scratch: Any, sums: Any
) -> None:
    """Add the distances of rows of one cluster to each other."""
    for row in range(first, last - 1, 2):
        distance = _distance(columns, row, row + 1, euclidean)
        sums[row] += distance
        sums[row + 1] += distance
        _add_rectangle(
            columns,
            row,
            row + 2,
            columns,
            row + 2,
            last,
            euclidean,
            scratch,
            sums[row + 2 : last],
            sums,
        )


@compiled
def _distance(columns: Any, row: int, other: int, euclidean: bool) -> float:
    total = 0.0
    for column in range(len(columns)):
        apart = columns[column, row] - columns[column, other]
        total += apart * apart if euclidean else abs(apart)
    return float(np.sqrt(total)) if euclidean else total


@compiled
def _add_rectangle(
    points: Any,
    first_point: int,
    last_point: int,
    columns: Any,
    first: int,
    last: int,
    euclidean: bool,
    scratch: Any,
    line: Any,
    sums: Any,
) -> None:
    """Add the distances of points and members: to the `sums` of those, the `line` of these."""
    column = len(columns) - 4  # -1 where there are three
    p, q = columns[max(column, 0), first:last], columns[column + 1, first:last]
    r, s = columns[column + 2, first:last], columns[column + 3, first:last]
    one, two = scratch[0, : last - first], scratch[1, : last - first]
    for row in range(first_point, last_point, 2):
        # An odd one out is its own companion.
        other = min(row + 1, last_point - 1)
        weight = 1.0 if other > row else 0.0
        if column < 0:
            total, total_other = _three(points, row, other, weight, q, r, s, line)
        else:
            if column > 0:
                _begin(points, row, other, columns, first, last, euclidean, scratch)
            total, total_other = _finish(
                points, row, other, weight, p, q, r, s, euclidean, one, two, line
            )
        sums[row] += total
        sums[other] += weight * total_other


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
def _three(
    points: Any, row: int, other: int, weight: float, p: Any, q: Any, r: Any, line: Any
) -> tuple[float, float]:
    """Do what `_finish` does, for three coordinates in all and Euclidean distance."""
    a, b, c = points[0, row], points[1, row], points[2, row]
    d, e, f = points[0, other], points[1, other], points[2, other]
    total, total_other = 0.0, 0.0
    for member in range(len(line)):
        x, y, z = p[member], q[member], r[member]
        u, v, w = x - a, y - b, z - c
        i, j, k = x - d, y - e, z - f
        one = np.sqrt((u * u + v * v) + w * w)
        two = _square_root((i * i + j * j) + k * k)
        total += one
        total_other += two
        line[member] += one + weight * two
    return total, total_other


@compiled
def _finish(
    points: Any,
    row: int,
    other: int,
    weight: float,
    p: Any,
    q: Any,
    r: Any,
    s: Any,
    euclidean: bool,
    before: Any,
    before_other: Any,
    line: Any,
) -> tuple[float, float]:
    """Give the sums of the distances of two rows, and add them to the `line` of the members."""
    column = len(points) - 4
    a, b = points[column, row], points[column + 1, row]
    c, d = points[column + 2, row], points[column + 3, row]
    e, f = points[column, other], points[column + 1, other]
    g, h = points[column + 2, other], points[column + 3, other]
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
