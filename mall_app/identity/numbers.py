"""Which segment of a new clustering is which segment of the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, IntArray, Metric
from mall_app.labels import NOISE, compact_labels, occurring

ABSENT = -2
SAME_SIZE_HALF_SHARED = 1 / 3
_TIE = 1e-9
_UNMATCHED = 1e-12


def match_labels(
    previous: IntArray, current: IntArray, taken: Collection[int] = ()
) -> dict[int, int]:
    """Give segments the numbers they had in the clustering before, by common customers.

    Two segments can be one and the same if at least half of the smaller one is in the other, and
    either their Jaccard index (customers in both, as a share of customers in either) is at least
    1/3, which is what two segments of one size have that share half of their customers; or each
    is the best the other has, so that the largest part of a split, and the largest of many that
    were merged, stay known. Among these pairs the assignment with the largest sum of Jaccard
    indices is taken: the index is 1 only for the same customers and counts what a segment lost as
    well as what it gained, and a small segment weighs as much as a large one, which a count of
    customers would let it be pushed out by. Ties go to the smaller number and to the segment
    whose first customer comes first.

    Parameters
    ----------
    previous : ndarray of shape (n_customers,)
        Number of each customer's segment, -1 for noise, -2 for a customer not clustered then.
    current : ndarray of shape (n_customers,)
        Likewise, any labels, for the new clustering.
    taken : collection of int
        More numbers that a new segment must not get, such as those that edits speak of.

    Returns
    -------
    dict of int to int
        Number of each current label. A segment that is none of the previous ones has the smallest
        number that neither the previous ones nor `taken` use, the largest such segment first.

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist 11(2),
    37-50. Assignment: Jonker, R. and Volgenant, A. (1987). A shortest augmenting path algorithm
    for dense and sparse linear assignment problems. Computing 38, 325-340.

    Examples
    --------
    >>> match_labels(np.array([0, 0, 0, 1, 1]), np.array([1, 1, 1, 0, 2]))
    {0: 1, 1: 0, 2: 2}
    """
    numbers = occurring(previous)[0]
    labels, first, sizes = occurring(current)
    order = np.argsort(first)  # does not depend on what the labels are
    labels, sizes = labels[order], sizes[order]
    common = (previous > ABSENT) & (current > ABSENT)
    before = compact_labels(previous)[common]
    after = np.append(np.argsort(order), NOISE)[compact_labels(current)[common]]
    pairs = _same(before, after, len(numbers), len(labels))
    known = {int(labels[new]): int(numbers[old]) for new, old in pairs}
    return _numbered_all(labels, sizes, known, {*numbers.tolist(), *taken})


def match_centres(
    previous: FloatArray,
    numbers: IntArray,
    current: FloatArray,
    *,
    taken: Collection[int] = (),
    metric: Metric = "euclidean",
) -> dict[int, int]:
    """Give segments the numbers they had for other customers, by where they lie.

    A segment can be the previous one only if its centre is at most half as far from that one's
    centre as the nearest other previous centre is: up to there it is surely nearer to it than to
    any other, further out it may be another as well. Of several the nearest is it.
    A previous segment that was the only one is the nearest one now.

    Parameters
    ----------
    previous : ndarray of shape (n_previous, n_dimensions)
        Centres, in columns the caller made comparable.
    numbers : ndarray of shape (n_previous,)
        Their numbers.
    current : ndarray of shape (n_current, n_dimensions)
        Centres of the new segments, in the same units; the largest segment first.
    taken : collection of int
        More numbers that a new segment must not get.
    metric : {"euclidean", "cityblock"}
        How far apart two centres are.

    Returns
    -------
    dict of int to int
        Number of each row of `current`; see `match_labels` for segments that are new.

    Examples
    --------
    >>> match_centres(
    ...     np.array([[0.0], [4.0]]), np.array([3, 7]), np.array([[4.5], [-1.0], [20.0]])
    ... )
    {0: 7, 1: 3, 2: 0}
    """
    pairs: Iterable[tuple[int, int]] = ()
    order = np.argsort(numbers, kind="stable")
    if len(previous) and len(current):
        centres = previous[order]
        gaps = cdist(centres, centres, metric)
        np.fill_diagonal(gaps, np.inf)
        reach = gaps.min(axis=1) / 2
        distances = cdist(current, centres, metric)
        reach = np.where(np.isinf(reach), distances.max(axis=0), reach)
        new, old = np.nonzero(distances <= reach * (1 + _TIE))
        near = 2 - distances[new, old] / np.where(reach[old] > 0, reach[old], 1.0)
        pairs = _assigned(new, old, near, len(current), len(previous))
    known = {new: int(numbers[order[old]]) for new, old in pairs}
    labels = np.arange(len(current))
    return _numbered_all(labels, -labels, known, {*numbers.tolist(), *taken})


def _same(before: IntArray, after: IntArray, n_before: int, n_after: int) -> list[tuple[int, int]]:
    """Pairs of a new and an old segment that are one, as positions."""
    both = (before >= 0) & (after >= 0)
    pairs, _, shared = occurring(after[both] * n_before + before[both])
    new, old = np.divmod(pairs, max(n_before, 1))
    new_sizes = np.bincount(after[after >= 0], minlength=n_after)[new]
    old_sizes = np.bincount(before[before >= 0], minlength=n_before)[old]
    jaccard = shared / (new_sizes + old_sizes - shared)
    best_of_new, best_of_old = np.zeros(n_after), np.zeros(n_before)
    np.maximum.at(best_of_new, new, jaccard)
    np.maximum.at(best_of_old, old, jaccard)
    mutual = (jaccard == best_of_new[new]) & (jaccard == best_of_old[old])
    alike = (jaccard >= SAME_SIZE_HALF_SHARED) | mutual
    alike &= 2 * shared >= np.minimum(new_sizes, old_sizes)
    return _assigned(new[alike], old[alike], jaccard[alike], n_after, n_before)


def _assigned(
    new: IntArray, old: IntArray, weights: FloatArray, n_new: int, n_old: int
) -> list[tuple[int, int]]:
    """Choose pairs, each side once at most, with the largest sum of weights.

    A pair of two earlier ones gets a little more, which settles ties. Each new one may also stay
    alone, in a column of its own.
    """
    if not len(new):
        return []
    early = (n_new - new) * (n_old - old) / (n_new * n_old)
    alone = np.arange(n_new)
    graph = coo_array(
        (
            np.concatenate([weights + _TIE * early, np.full(n_new, _UNMATCHED)]),
            (np.concatenate([new, alone]), np.concatenate([old, n_old + alone])),
        ),
        shape=(n_new, n_old + n_new),
    ).tocsr()
    rows, columns = min_weight_full_bipartite_matching(graph, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if c < n_old]


def _numbered_all(
    labels: IntArray, sizes: IntArray, known: dict[int, int], used: set[int]
) -> dict[int, int]:
    """Give each label that is not known the next number not used, the largest segment first."""
    numbers, free = dict(known), 0
    for place in np.argsort(-sizes, kind="stable"):
        label = int(labels[place])
        if label in known:
            continue
        while free in used:
            free += 1
        numbers[label] = free
        free += 1
    return dict(sorted(numbers.items()))
