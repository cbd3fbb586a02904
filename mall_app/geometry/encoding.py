"""How columns become coordinates: learned once from a table, applied to any customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import Block, FloatArray, IntArray, Metric

METRICS: Mapping[str, Metric] = {"euclidean": "euclidean", "gower": "cityblock"}
_DECIMALS = 12
_MANY_ROWS = 50_000


@dataclass(frozen=True)
class NumberEncoding:
    """Coordinates of a quantity: ``(value - offset) / divisor * factor``.

    Parameters
    ----------
    name : str
        Of the column.
    filling : float
        Stands in for a missing value.
    offset, divisor : float
        In units of the column; 0 and 1 when it is not scaled.
    factor : float
        What its weight comes to.
    """

    name: str
    filling: float
    offset: float
    divisor: float
    factor: float

    def encode(self, values: FloatArray) -> FloatArray:
        """Give one coordinate a row, shape (n_rows, 1)."""
        if self.offset == 0.0 and self.divisor == 1.0:
            return values[:, None] * self.factor
        # Sums differ in the last bit between platforms; rounding keeps equal distances equal.
        scaled = values - self.offset
        scaled /= self.divisor
        np.round(scaled, _DECIMALS, out=scaled)
        scaled *= self.factor
        return scaled[:, None]


@dataclass(frozen=True)
class CategoryEncoding:
    """Coordinates of a category: one a value, `factor` where it is that value, else 0.

    Parameters
    ----------
    name : str
        Of the column.
    filling : int
        Code that stands in for a missing value.
    values : tuple of str
        By code.
    factor : float
        Chosen so that two different values are one unit apart times the weight.
    """

    name: str
    filling: int
    values: tuple[str, ...]
    factor: float

    def encode(self, codes: IntArray) -> FloatArray:
        """Give one coordinate a value, shape (n_rows, n_values); a value never seen has none."""
        return np.asarray((codes[:, None] == np.arange(len(self.values))) * self.factor)


@dataclass(frozen=True)
class Encoding:
    """Everything between a column of a table and the coordinates an algorithm sees.

    Parameters
    ----------
    numbers : tuple of NumberEncoding
        The quantities, first among the coordinates.
    categories : tuple of CategoryEncoding
        The categories, after them.
    metric : {"euclidean", "cityblock"}
        The distance the coordinates were scaled for.
    """

    numbers: tuple[NumberEncoding, ...]
    categories: tuple[CategoryEncoding, ...]
    metric: Metric

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Name of each coordinate; that of a category names its value, ``"Gender=Male"``."""
        own = [number.name for number in self.numbers]
        own += [f"{each.name}={value}" for each in self.categories for value in each.values]
        return tuple(own)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Which coordinates belong to which column."""
        widths = [(own.name, 1, False) for own in self.numbers]
        widths += [(own.name, len(own.values), True) for own in self.categories]
        blocks, start = [], 0
        for name, width, categorical in widths:
            blocks.append(Block(name, start, start + width, categorical))
            start += width
        return tuple(blocks)

    def encode(
        self, numbers: Mapping[str, FloatArray], codes: Mapping[str, IntArray]
    ) -> FloatArray:
        """Give the coordinates of customers without a missing value.

        Parameters
        ----------
        numbers : mapping of str to ndarray of shape (n_rows,)
            Each quantity, in the units of its column.
        codes : mapping of str to ndarray of shape (n_rows,)
            Each category; a code beyond its values is a value never seen.

        Returns
        -------
        ndarray of shape (n_rows, n_dimensions)
            Read-only.
        """
        columns: list[FloatArray | IntArray] = [*numbers.values(), *codes.values()]
        values = np.empty((len(columns[0]), len(self.dimensions)))
        where = {own.feature: slice(own.start, own.stop) for own in self.blocks}
        for own in self.numbers:
            values[:, where[own.name]] = own.encode(numbers[own.name])
        for each in self.categories:
            values[:, where[each.name]] = each.encode(codes[each.name])
        values.setflags(write=False)
        return values


def learn_numbers(
    numbers: Mapping[str, FloatArray],
    fillings: Mapping[str, float],
    factors: Mapping[str, float],
    scaling: str,
) -> tuple[NumberEncoding, ...]:
    """Learn the scale of each quantity from its values, none missing."""
    if not numbers:
        return ()
    offsets, divisors = _scales(list(numbers.values()), scaling)
    return tuple(
        NumberEncoding(name, fillings[name], offset, divisor, factors[name])
        for name, offset, divisor in zip(numbers, offsets.tolist(), divisors.tolist(), strict=True)
    )


def factors_of(
    features: tuple[str, ...], weights: Mapping[str, float], distance: str
) -> dict[str, float]:
    """Give what the coordinates of each quantity are multiplied by.

    Squared Euclidean distances add up with the weights as they are; Gower's is their mean.

    Examples
    --------
    >>> factors_of(("Age", "Income"), {"Age": 3.0}, "gower")
    {'Age': 0.75, 'Income': 0.25}
    """
    own = {name: float(weights.get(name, 1.0)) for name in features}
    if distance == "gower":
        total = sum(own.values())
        return {name: weight / total for name, weight in own.items()}
    return {name: float(np.sqrt(weight)) for name, weight in own.items()}


def category_factor(factor: float, distance: str) -> float:
    """Give the coordinate that makes two different values one unit apart: both coordinates move.

    Examples
    --------
    >>> category_factor(1.0, "gower"), round(category_factor(1.0, "euclidean"), 4)
    (0.5, 0.7071)
    """
    return factor * (0.5 if distance == "gower" else float(np.sqrt(0.5)))


def _scales(columns: list[FloatArray], scaling: str) -> tuple[FloatArray, FloatArray]:
    """Give offset and divisor of each column, one by one where all together take much memory."""
    if len(columns[0]) <= _MANY_ROWS:
        return _scale(np.column_stack(columns), scaling)
    found = [_scale(column[:, None], scaling) for column in columns]
    offsets, divisors = zip(*found, strict=True)
    return np.concatenate(offsets), np.concatenate(divisors)


def _scale(values: FloatArray, scaling: str) -> tuple[FloatArray, FloatArray]:
    """Give offset and divisor of each column; a constant column is divided by 1."""
    if scaling == "standard":
        return _standard(values)
    if scaling == "robust":
        from sklearn.preprocessing import RobustScaler

        robust = RobustScaler().fit(values)
        return robust.center_, robust.scale_
    if scaling == "minmax":
        low = values.min(axis=0)
        spans = values.max(axis=0) - low
        return low, np.where(spans == 0, 1.0, spans)
    return np.zeros(values.shape[1]), np.ones(values.shape[1])


def _standard(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give what scikit-learn's StandardScaler learns, to the last digit, at a tenth of the cost.

    A column is constant when its variance is no more than rounding can make it.
    """
    n_rows, rounding = len(values), float(np.finfo(np.float64).eps)
    mean = values.sum(axis=0) / n_rows
    away = values - mean
    variance = ((away * away).sum(axis=0) - away.sum(axis=0) ** 2 / n_rows) / n_rows
    constant = variance <= n_rows * rounding * variance + (n_rows * mean * rounding) ** 2
    return mean, np.where(constant, 1.0, np.sqrt(variance))
