"""Tables like the one at hand, but without segments: what scores are held against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mall_app.evidence.unimodal import OnePeak
from mall_app.geometry.points import Block, FloatArray, Points

KINDS = ("uniform", "one_peak")
_WHOLE = 1e-6


@dataclass(frozen=True, eq=False)
class References:
    """Draws tables without segments.

    Numbers are drawn together: uniformly from the box around the customers (along the principal
    axes for Euclidean distance, along the columns for Gower's), or with one peak in every column,
    each as skewed as the customers' and tied to the others as theirs are; see `OnePeak`. Each
    category is drawn apart, with its own shares. Numbers that lie on a grid, such as whole years,
    are rounded to it, as the customers' were.

    Parameters
    ----------
    points : Points
        The customers.

    References
    ----------
    Tibshirani, R., Walther, G. and Hastie, T. (2001). Estimating the number of clusters in a data
    set via the gap statistic. Journal of the Royal Statistical Society B 63(2), 411-423.

    Examples
    --------
    >>> points = Points(np.array([[0.0, 1.0], [2.0, 5.0], [4.0, 2.0]]))
    >>> References(points).draw("uniform", np.random.default_rng(0)).values.shape
    (3, 2)
    """

    points: Points

    def draw(self, kind: str, generator: np.random.Generator) -> Points:
        """Draw a table of the same shape; `kind` is ``"uniform"`` or ``"one_peak"``."""
        values = self.points.values.copy()
        if self._numbers.shape[1]:
            uniform = kind == "uniform"
            numbers = self._uniform(generator) if uniform else self._peaked(generator)
            values[:, self._number_columns] = self._rounded(numbers)
        for block in self._categories:
            rows = generator.integers(len(values), size=len(values))
            values[:, block.start : block.stop] = self.points.values[rows, block.start : block.stop]
        values.setflags(write=False)
        return Points(values, self.points.metric, self.points.blocks)

    def _uniform(self, generator: np.random.Generator) -> FloatArray:
        low, high = self._turned.min(axis=0), self._turned.max(axis=0)
        drawn = generator.uniform(low, high, size=self._turned.shape)
        return np.asarray(self._mean + drawn @ self._axes)

    def _peaked(self, generator: np.random.Generator) -> FloatArray:
        return self._one_peak.draw(len(self._numbers), generator)

    def _rounded(self, numbers: FloatArray) -> FloatArray:
        for column, step in enumerate(self._steps):
            if step:
                start = self._numbers[:, column].min()
                numbers[:, column] = start + np.rint((numbers[:, column] - start) / step) * step
        return numbers

    @cached_property
    def _categories(self) -> tuple[Block, ...]:
        return tuple(block for block in self.points.blocks if block.categorical)

    @cached_property
    def _number_columns(self) -> list[int]:
        taken = {c for block in self._categories for c in range(block.start, block.stop)}
        return [c for c in range(self.points.values.shape[1]) if c not in taken]

    @cached_property
    def _numbers(self) -> FloatArray:
        return self.points.values[:, self._number_columns]

    @cached_property
    def _mean(self) -> FloatArray:
        return np.asarray(self._numbers.mean(axis=0))

    @cached_property
    def _one_peak(self) -> OnePeak:
        return OnePeak.of(self._numbers, self._steps)

    @cached_property
    def _axes(self) -> FloatArray:
        """What the box is along: one direction a row."""
        centred = self._numbers - self._mean
        if self.points.metric == "cityblock":
            return np.eye(centred.shape[1])
        return np.asarray(np.linalg.svd(centred, full_matrices=False)[2])

    @cached_property
    def _turned(self) -> FloatArray:
        return np.asarray((self._numbers - self._mean) @ self._axes.T)

    @cached_property
    def _steps(self) -> tuple[float, ...]:
        return tuple(grid_step(column) for column in self._numbers.T)


def grid_step(values: FloatArray) -> float:
    """Give the distance between the lines of the grid that values lie on; 0 for no grid.

    Examples
    --------
    >>> grid_step(np.array([2.0, 8.0, 4.0])), grid_step(np.array([0.0, 1.0, 2.5, 3.1]))
    (2.0, 0.0)
    """
    distinct = np.unique(values)
    if len(distinct) < 2:
        return 0.0
    steps = np.diff(distinct)
    step = float(steps.min())
    lines = (distinct - distinct[0]) / step
    # Scaled values are rounded to 12 decimals: two that should be equal differ by less than this.
    if step < _WHOLE or np.abs(lines - np.rint(lines)).max() > max(_WHOLE, 1e-9 * lines[-1]):
        return 0.0
    return step
