"""Lloyd's k-means for very many small tables, as evidence has them: machine code, start by start.

On 200 customers ten starts take about a quarter of what they do in `mall_app.kernels.lloyd`; but
numba takes half a second to load.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mall_app.geometry.points import FloatArray
from mall_app.kernels.compiled import compiled
from mall_app.kernels.first_centres import plain_rows, spread_chances
from mall_app.kernels.lloyd import Partition


def lloyd_each(
    tables: Sequence[FloatArray],
    n_clusters: int,
    random_states: Sequence[int],
    *,
    n_init: int = 10,
    init: str = "k-means++",
    max_iter: int = 300,
    tol: float = 1e-4,
) -> list[Partition]:
    """Partition the rows of each of several tables as `mall_app.kernels.lloyd.lloyd` does.

    Starts are the same and so are their passes; only between equally near centres the two may
    choose another, for they round differently.

    Parameters
    ----------
    tables : sequence of ndarray of shape (n_rows, n_dimensions)
        At least `n_clusters` distinct rows in each.
    n_clusters, n_init, init, max_iter, tol
        As in `lloyd`.
    random_states : sequence of int
        Seed of each table.

    Examples
    --------
    >>> tables = np.array([[[0.0], [1.0], [9.0]], [[0.0], [8.0], [9.0]]])
    >>> [own.inertia for own in lloyd_each(tables, 2, [0, 0])]
    [0.5, 0.5]
    """
    return [
        _lloyd(values, n_clusters, seed, n_init, init, max_iter, tol)
        for values, seed in zip(tables, random_states, strict=True)
    ]


def _lloyd(
    values: FloatArray,
    n_clusters: int,
    random_state: int,
    n_init: int,
    init: str,
    max_iter: int,
    tol: float,
) -> Partition:
    given = np.ascontiguousarray(values, dtype=np.float64)
    centred = given - given.mean(axis=0)  # which keeps squares exact
    generator = np.random.default_rng(random_state)
    if init == "k-means++":
        chances = spread_chances(generator, len(centred), n_clusters, n_init)
        centres = np.empty((n_init, n_clusters, centred.shape[1]))
        _spread_centres(centred, *chances, centres)
    else:
        centres = centred[plain_rows(generator, len(centred), n_clusters, n_init)]
    labels = np.empty(len(centred), dtype=np.int64)
    rest = tol * float(centred.var(axis=0).mean())
    columns = np.ascontiguousarray(centred.T)
    inertia, converged = _best_of_starts(columns, centres, rest, max_iter, labels)
    return Partition(labels, inertia, converged)


@compiled
def _squared_distance(values, row, other):  # type: ignore[no-untyped-def]
    total = 0.0
    for column in range(values.shape[1]):
        step = values[row, column] - values[other, column]
        total += step * step
    return total


@compiled
def _spread_centres(values, first, chances, centres):  # type: ignore[no-untyped-def]
    """Choose centres far from each other: greedy k-means++.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
    first : ndarray of shape (n_starts,)
        Row of the first centre of each start.
    chances : ndarray of shape (n_clusters - 1, n_starts, n_trials)
        From 0 to 1, what the candidates for every further centre are drawn by.
    centres : ndarray of shape (n_starts, n_clusters, n_dimensions)
        Where to write them.
    """
    n_rows = len(values)
    n_further, n_starts, n_trials = chances.shape
    nearest, reach = np.empty(n_rows), np.empty(n_rows)
    apart, least = np.empty(n_rows), np.empty(n_rows)
    for start in range(n_starts):
        centres[start, 0] = values[first[start]]
        for row in range(n_rows):
            nearest[row] = _squared_distance(values, row, first[start])
        for further in range(n_further):
            total = 0.0
            for row in range(n_rows):
                total += nearest[row]
                reach[row] = total
            chosen, lowest = -1, np.inf
            for trial in range(n_trials):
                drawn = chances[further, start, trial] * total
                candidate = min(np.searchsorted(reach, drawn, side="right"), n_rows - 1)
                left = 0.0
                for row in range(n_rows):
                    apart[row] = min(_squared_distance(values, row, candidate), nearest[row])
                    left += apart[row]
                if chosen < 0 or left < lowest:
                    chosen, lowest = candidate, left
                    apart, least = least, apart
            nearest, least = least, nearest
            centres[start, 1 + further] = values[chosen]


@compiled
def _best_of_starts(columns, centres, rest, max_iter, labels):  # type: ignore[no-untyped-def]
    """Write the labels that the best start ends with; give its inertia and whether it is at rest.

    Parameters
    ----------
    columns : ndarray of shape (n_dimensions, n_rows)
    centres : ndarray of shape (n_starts, n_clusters, n_dimensions)
        They are moved.
    rest : float
        Sum of squared moves up to which centres rest.
    max_iter : int
        Most passes of a start.
    labels : ndarray of shape (n_rows,)
    """
    tried = np.empty_like(labels)
    apart, distances = np.empty(len(labels)), np.empty(len(labels))
    lowest, converged = np.inf, False
    for start in range(len(centres)):
        own = centres[start]
        is_still = _come_to_rest(columns, own, rest, max_iter, tried, apart, distances)
        inertia = 0.0
        for column in range(len(columns)):
            for row in range(len(tried)):
                step = columns[column, row] - own[tried[row], column]
                inertia += step * step
        if start == 0 or inertia < lowest:
            lowest, converged = inertia, is_still
            labels[:] = tried
    return lowest, converged


@compiled
def _come_to_rest(columns, centres, rest, max_iter, labels, apart, distances):  # type: ignore[no-untyped-def]
    """Move centres until they rest, and give whether they do; each gets a row at least."""
    moved, before = np.empty_like(centres), np.empty_like(labels)
    labels[:] = -1
    move = np.inf
    for _ in range(max_iter):
        before[:] = labels
        _pass_over(columns, centres, labels, apart, distances, moved)
        same, move = True, 0.0
        for row in range(len(labels)):
            same &= labels[row] == before[row]
        for own in range(len(centres)):
            for column in range(len(columns)):
                step = moved[own, column] - centres[own, column]
                move += step * step
        centres[:] = moved
        if same:
            return True
        if move <= rest:
            break
    # Labels are those of the centres before.
    _pass_over(columns, centres, labels, apart, distances, moved)
    centres[:] = moved
    return move <= rest


@compiled
def _pass_over(columns, centres, labels, apart, distances, moved):  # type: ignore[no-untyped-def]
    """Write the nearest centre of each row, the first of equally near ones, and the means then."""
    labels[:] = 0
    apart[:] = np.inf
    for own in range(len(centres)):
        distances[:] = 0.0
        for column in range(len(columns)):
            centre = centres[own, column]
            for row in range(len(labels)):
                step = columns[column, row] - centre
                distances[row] += step * step
        for row in range(len(labels)):
            nearer = distances[row] < apart[row]
            labels[row] = own if nearer else labels[row]
            apart[row] = distances[row] if nearer else apart[row]
    counts = np.zeros(len(centres), np.int64)
    for row in range(len(labels)):
        counts[labels[row]] += 1
    for own in range(len(centres)):
        if counts[own] == 0:
            _fill(own, labels, apart, counts)
    moved[:] = 0.0
    for column in range(len(columns)):
        for row in range(len(labels)):
            moved[labels[row], column] += columns[column, row]
    for own in range(len(centres)):
        moved[own] /= counts[own]


@compiled
def _fill(empty, labels, apart, counts):  # type: ignore[no-untyped-def]
    """Give an empty cluster the farthest row of a cluster that has others."""
    farthest = -1
    for row in range(len(labels)):
        if counts[labels[row]] > 1 and (farthest < 0 or apart[row] > apart[farthest]):
            farthest = row
    counts[labels[farthest]] -= 1
    labels[farthest] = empty
    counts[empty] = 1
