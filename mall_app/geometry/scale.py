"""Coordinates brought near zero and one, so that squares and ratios keep their digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray, Points


@dataclass(frozen=True, eq=False)
class Centred:
    """Points moved and stretched; every distance is divided by the same `unit`.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        ``(original - offset) / unit``, from -1 to 1.
    offset : ndarray of shape (n_dimensions,)
        Mean of each coordinate.
    unit : float
        A power of two, so that dividing by it loses no digit.
    """

    values: FloatArray
    offset: FloatArray
    unit: float

    def original(self, values: FloatArray) -> FloatArray:
        """Give positions among `values` in the coordinates of the points."""
        return np.asarray(values * self.unit + self.offset)


def centred(points: Points) -> Centred:
    """Centre points and bring them within -1 and 1.

    Examples
    --------
    >>> centred(Points(np.array([[1e9], [1e9 + 2]]))).values.tolist()
    [[-1.0], [1.0]]
    """
    offset = points.values.mean(axis=0)
    moved = points.values - offset
    widest = float(np.abs(moved).max())
    unit = float(2.0 ** np.ceil(np.log2(widest))) if widest > 0 else 1.0
    return Centred(moved / unit, offset, unit)


def distinct_rows(values: FloatArray) -> tuple[IntArray, IntArray]:
    """Give the first position of each distinct row, and for each row which of them it equals.

    Examples
    --------
    >>> first, which = distinct_rows(np.array([[5.0], [1.0], [5.0]]))
    >>> first.tolist(), which.tolist()
    ([1, 0], [1, 0, 1])
    """
    _, first, which = np.unique(values + 0.0, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), which.ravel().astype(np.int64)
