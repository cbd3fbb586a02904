"""One pass over a column that tells what it is in each group of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.compiled import as_input, as_labels, compiled

_LANES = 4


@dataclass(frozen=True, eq=False)
class Frame:
    """What a column is measured by, the same for every part of a table.

    Parameters
    ----------
    middle, unit : float
        Taken off, and divided by, before values are squared, so that no digits are lost.
    low, high : ndarray of shape (n_groups,)
        Between which the values of each group are counted in bins.
    n_bins : int
        Equally wide; values below and above go to two more.
    """

    middle: float
    unit: float
    low: FloatArray
    high: FloatArray
    n_bins: int


@dataclass(frozen=True, eq=False)
class Tally:
    """A column in each group of rows; those of several parts of a table add up.

    Parameters
    ----------
    counts : ndarray of shape (n_groups,)
        Rows that have a value.
    sums, squares : ndarray of shape (n_groups,)
        Of the values less the middle, in units of the frame.
    least, most : ndarray of shape (n_groups,)
        The ends of the values; infinite where there are none.
    bins : ndarray of shape (n_groups, n_bins + 2)
        Values below the frame, in each of its bins, and above.
    """

    counts: IntArray
    sums: FloatArray
    squares: FloatArray
    least: FloatArray
    most: FloatArray
    bins: IntArray

    def __add__(self, other: Tally) -> Tally:
        """Give the tally of the rows of both."""
        return Tally(
            self.counts + other.counts,
            self.sums + other.sums,
            self.squares + other.squares,
            np.minimum(self.least, other.least),
            np.maximum(self.most, other.most),
            self.bins + other.bins,
        )


def tally(values: npt.ArrayLike, labels: npt.ArrayLike, frame: Frame) -> Tally:
    """Tally a column by group.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        nan where missing.
    labels : ndarray of shape (n_rows,)
        Group of each row, 0 to n_groups - 1.
    frame : Frame
        What it is measured by.

    Examples
    --------
    >>> frame = Frame(0.0, 1.0, np.array([0.0]), np.array([10.0]), 2)
    >>> found = tally([1.0, 9.0, np.nan, 12.0], [0, 0, 0, 0], frame)
    >>> found.counts.tolist(), found.sums.tolist(), found.bins.tolist()
    ([3], [22.0], [[0, 1, 1, 1]])
    """
    n_groups = len(frame.low)
    bins = np.zeros((n_groups, frame.n_bins + 2), np.int64)
    lanes = np.zeros((_LANES, n_groups, 4))
    lanes[:, :, 2], lanes[:, :, 3] = np.inf, -np.inf
    width = frame.high - frame.low
    scale = np.divide(frame.n_bins, width, out=np.zeros(n_groups), where=width > 0)
    _add(
        as_input(values),
        as_labels(labels, len(np.asarray(values)), n_groups),
        frame.middle,
        1.0 / frame.unit,
        as_input(frame.low),
        as_input(scale),
        lanes,
        bins,
    )
    sums, squares = lanes[:, :, 0].sum(axis=0), lanes[:, :, 1].sum(axis=0)
    least, most = lanes[:, :, 2].min(axis=0), lanes[:, :, 3].max(axis=0)
    return Tally(bins.sum(axis=1), sums, squares, least, most, bins)


@compiled
def _add(
    values: Any,
    labels: Any,
    middle: float,
    share: float,
    low: Any,
    scale: Any,
    lanes: Any,
    bins: Any,
) -> None:
    """Tally in several lanes, so that a sum need not wait for the one before it."""
    n_bins = bins.shape[1] - 2
    for row in range(len(values)):
        value = np.float64(values[row])
        if value != value:
            continue
        own, lane = labels[row], row % _LANES
        apart = (value - middle) * share
        lanes[lane, own, 0] += apart
        lanes[lane, own, 1] += apart * apart
        lanes[lane, own, 2] = min(lanes[lane, own, 2], value)
        lanes[lane, own, 3] = max(lanes[lane, own, 3], value)
        place = np.floor((value - low[own]) * scale[own])
        bins[own, int(min(max(place, -1.0), n_bins + 0.0)) + 1] += 1
