"""Exact order statistics of columns of any length, by looking ever closer at a few of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.partitions.statistics import summed

_BINS = 4096
_FEW = 4096  # values that are brought here to choose from

Look = Callable[[float, float, bool], list["Within"]]


@dataclass(frozen=True, eq=False)
class Within:
    """The values of some rows between two bounds, both of them included.

    Parameters
    ----------
    below : int
        Values under the lower bound.
    counts : ndarray of shape (n_bins,)
        How many lie in each of equally wide bins.
    low, high : float
        The least and the largest between the bounds.
    values : ndarray
        The values themselves, where they were asked for; else empty.
    """

    below: int
    counts: IntArray
    low: float
    high: float
    values: FloatArray

    def __add__(self, other: Within) -> Within:
        """Give what lies between the bounds in the rows of both."""
        return Within(
            self.below + other.below,
            self.counts + other.counts,
            min(self.low, other.low),
            max(self.high, other.high),
            np.concatenate([self.values, other.values]),
        )


def look_within(values: FloatArray, low: float, high: float, bring: bool) -> Within:
    """Count the values between two bounds, or bring them.

    Examples
    --------
    >>> found = look_within(np.array([1.0, 2.0, 3.0, 9.0]), 2.0, 4.0, True)
    >>> found.below, found.low, found.high, found.values.tolist()
    (1, 2.0, 3.0, [2.0, 3.0])
    """
    inside = values[(values >= low) & (values <= high)]
    below = int(np.count_nonzero(values < low))
    if not len(inside):
        return Within(below, np.zeros(_BINS, dtype=np.int64), np.inf, -np.inf, np.empty(0))
    counts = np.bincount(_bins(inside, low, high), minlength=_BINS)
    brought = np.asarray(inside, dtype=np.float64) if bring else np.empty(0)
    return Within(below, counts, float(inside.min()), float(inside.max()), brought)


def order_statistics(look: Look, ranks: Sequence[int], low: float, high: float) -> list[float]:
    """Give the values at some ranks of all values, to the last digit.

    Parameters
    ----------
    look : callable
        Takes a lower and an upper bound, and whether to bring the values between them; gives one
        `Within` for each partition.
    ranks : sequence of int
        From 0 for the least.
    low, high : float
        The least and the largest of all values.

    Returns
    -------
    list of float
        About three looks each; ranks that lie together share theirs.

    Examples
    --------
    >>> values = np.array([3.0, 1.0, 2.0, 8.0])
    >>> order_statistics(lambda *own: [look_within(values, *own)], [1, 2], 1.0, 8.0)
    [2.0, 3.0]
    """
    if low == high:
        return [low] * len(ranks)
    found = summed(look(low, high, False))
    values: dict[int, float] = {}
    for rank in ranks:
        if rank not in values:
            values |= _closer(look, [own for own in ranks if own not in values], found, low, high)
    return [values[rank] for rank in ranks]


def _closer(
    look: Look, ranks: list[int], found: Within, low: float, high: float
) -> dict[int, float]:
    """Follow the first of the ranks down; give it, and those it meets at the end."""
    while True:
        reached = found.below + found.counts.cumsum()
        place = int(np.searchsorted(reached, ranks[0], side="right"))
        few = int(found.counts[place]) <= _FEW
        low, high = _edges(place, low, high)
        found = summed(look(low, high, few))
        n_inside = int(found.counts.sum())
        here = [own for own in ranks if found.below <= own < found.below + n_inside]
        if few:
            rising = np.sort(found.values)
            return {own: float(rising[own - found.below]) for own in here}
        if found.low == found.high:
            return dict.fromkeys(here, found.low)


def _bins(values: Any, low: float, high: float) -> IntArray:
    scaled = np.asarray(values, dtype=np.float64) - low
    # Bounds may be one value, or so near to each other that one over their distance is infinite.
    scaled /= (high - low) or 1.0
    scaled *= _BINS
    return np.minimum(scaled.astype(np.int64), _BINS - 1)


def _edges(place: int, low: float, high: float) -> tuple[float, float]:
    """Give bounds that surely hold a bin, whatever rounding did at its edges."""
    width = high - low
    return (
        max(low, low + (place - 0.01) / _BINS * width),
        min(high, low + (place + 1.01) / _BINS * width),
    )


def interpolated(share: float, count: int) -> tuple[int, int, float]:
    """Give the two ranks a quantile lies between, and how far along, as numpy has it.

    Examples
    --------
    >>> interpolated(0.5, 4)
    (1, 2, 0.5)
    """
    place = share * (count - 1)
    below = int(place)
    return below, min(below + 1, count - 1), place - below
