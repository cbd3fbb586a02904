"""The rows that centres are found for, wherever they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mall_app.geometry.points import FloatArray
from mall_app.kernels.far_rows import Spread, far_sample, spread_of
from mall_app.kernels.lloyd_step import LloydStep, Rows, lloyd_step
from mall_app.kernels.settling import Rest, race_over
from mall_app.kernels.thinning import Far

MOST_DISTINCT = 1_000


class Portion(Protocol):
    """A table, or some of its rows."""

    @property
    def n_rows(self) -> int:
        """How many they are."""

    @property
    def reach(self) -> float:
        """How many times the mean squared distance from the middle that of the farthest may be."""

    def step(self, centres: FloatArray) -> LloydStep:
        """Pass over them."""

    def race(self, starts: list[FloatArray], max_iter: int, rest: float, far: Far | None) -> Rest:
        """Bring the best of several starts to rest; see `mall_app.kernels.settling.race_over`."""

    def spread(self, middle: FloatArray) -> Spread:
        """Sum up how far they lie from a point."""

    def far_sample(
        self, middle: FloatArray, whole: Spread, most: int, random_state: int
    ) -> tuple[FloatArray, FloatArray]:
        """Draw some; see `mall_app.kernels.far_rows.far_sample`."""

    def distinct(self) -> FloatArray:
        """Give some that differ; see `some_distinct`."""

    def ends(self) -> FloatArray:
        """Give the least and the largest of each coordinate; see `ends_of`."""

    def nearer(self, pair: FloatArray, side: int) -> Portion:
        """Give those that are nearer to one of two centres; see `nearer`."""


@dataclass(frozen=True, eq=False)
class HeldPortion:
    """Rows that are at hand; see `Portion`.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        C-contiguous.
    """

    values: Rows
    reach: float = np.inf

    @property
    def n_rows(self) -> int:
        """How many they are."""
        return len(self.values)

    def step(self, centres: FloatArray) -> LloydStep:
        """Pass over them."""
        return lloyd_step(self.values, centres)

    def race(self, starts: list[FloatArray], max_iter: int, rest: float, far: Far | None) -> Rest:
        """Bring the best of several starts to rest."""
        return race_over([self.values], starts, max_iter, rest, far)

    def spread(self, middle: FloatArray) -> Spread:
        """Sum up how far they lie from a point."""
        return spread_of(self.values, middle)

    def far_sample(
        self, middle: FloatArray, whole: Spread, most: int, random_state: int
    ) -> tuple[FloatArray, FloatArray]:
        """Draw some."""
        return far_sample(self.values, middle, whole, most, random_state)

    def distinct(self) -> FloatArray:
        """Give some that differ."""
        return some_distinct(self.values)

    def ends(self) -> FloatArray:
        """Give the least and the largest of each coordinate."""
        return ends_of(self.values)

    def nearer(self, pair: FloatArray, side: int) -> HeldPortion:
        """Give those that are nearer to one of two centres."""
        return HeldPortion(nearer(self.values, pair, side))


def nearer(values: Rows, pair: FloatArray, side: int) -> Rows:
    """Give the rows that are nearer to one of two centres; equally near ones are the first's.

    Examples
    --------
    >>> nearer(np.array([[0.0], [3.0], [1.5]]), np.array([[1.0], [2.0]]), 0).ravel().tolist()
    [0.0, 1.5]
    """
    nearest = np.empty(len(values), dtype=np.int32)
    lloyd_step(values, pair, nearest)
    return np.ascontiguousarray(values[nearest == side])


def ends_of(values: Rows) -> FloatArray:
    """Give a row of the least of each coordinate, and one of the largest; none of no rows.

    Examples
    --------
    >>> ends_of(np.array([[2.0, 5.0], [1.0, 7.0]])).tolist()
    [[1.0, 5.0], [2.0, 7.0]]
    """
    if not len(values):
        return np.empty((0, values.shape[1]))
    return np.array([values.min(axis=0), values.max(axis=0)], dtype=np.float64)


def some_distinct(values: Rows) -> FloatArray:
    """Give the first thousand rows that differ, in their order by value.

    Examples
    --------
    >>> some_distinct(np.array([[2.0], [1.0], [2.0]])).ravel().tolist()
    [1.0, 2.0]
    """
    return np.unique(np.asarray(values, dtype=np.float64), axis=0)[:MOST_DISTINCT]
