"""Columns of a table within groups of its rows, in original units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mall_app.data.table import Table

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class NumericProfile:
    """One quantity within one segment, in the units of its column.

    `standardized_difference` is the segment's mean less the mean of all customers, in standard
    deviations of all customers; None when the column is constant. Every value is None when the
    segment has no value of this column.
    """

    mean: float | None
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    minimum: float | None
    maximum: float | None
    standardized_difference: float | None


@np.errstate(invalid="ignore", divide="ignore", over="ignore")
def numeric_profiles(
    names: Sequence[str], numbers: FloatArray, members: list[IntArray]
) -> list[dict[str, NumericProfile]]:
    """Describe each group of rows by each column.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    numbers : ndarray of shape (n_rows, n_columns)
        In original units; nan where missing.
    members : list of ndarray
        Positions of the rows of each group.
    """
    gaps = bool(np.isnan(numbers).any())
    overall, deviation = _moments(numbers)
    profiles = []
    for own in members:
        statistics = _statistics(numbers[own], gaps)
        difference = (statistics[0] - overall) / deviation
        table = np.vstack([statistics, difference]).T.tolist()
        profiles.append(
            {
                name: NumericProfile(*map(_finite, row))
                for name, row in zip(names, table, strict=True)
            }
        )
    return profiles


def _statistics(numbers: FloatArray, gaps: bool) -> FloatArray:
    """Mean, median, quartiles, minimum, maximum: one row each, nan where there is no value."""
    if not gaps:
        rising = np.sort(numbers, axis=0)
        lower, middle, upper = (_quantile(rising, share) for share in (0.25, 0.5, 0.75))
        return np.vstack([numbers.mean(axis=0), middle, lower, upper, rising[0], rising[-1]])
    columns = [column[~np.isnan(column)] for column in numbers.T]
    return np.array(
        [
            _statistics(column[:, None], False)[:, 0] if len(column) else np.full(6, np.nan)
            for column in columns
        ]
    ).T


def _quantile(rising: FloatArray, share: float) -> FloatArray:
    """Interpolate between the two nearest rows, as numpy does, at a tenth of the cost."""
    place = share * (len(rising) - 1)
    below = int(place)
    above = min(below + 1, len(rising) - 1)
    return np.asarray(rising[below] + (rising[above] - rising[below]) * (place - below))


def _moments(numbers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each column; exactly 0 when constant, whatever rounding."""
    columns = [column[~np.isnan(column)] for column in numbers.T]
    return (
        np.array([column.mean() if len(column) else np.nan for column in columns]),
        np.array([column.std() if (column != column[:1]).any() else 0.0 for column in columns]),
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def category_shares(
    table: Table, rows: IntArray, members: list[IntArray]
) -> list[dict[str, dict[str, float]]]:
    """Give the share of each value of each category in each group of rows.

    Parameters
    ----------
    table : Table
        The customers.
    rows : ndarray of shape (n_used,)
        Positions in the table.
    members : list of ndarray
        Positions in `rows` of each group.
    """
    shares: list[dict[str, dict[str, float]]] = [{} for _ in members]
    for name, category in table.categories.items():
        codes = category.codes[rows]
        values = [*category.values, "(missing)"] if (codes < 0).any() else [*category.values]
        for own, positions in zip(shares, members, strict=True):
            found = np.where(codes[positions] < 0, len(category.values), codes[positions])
            counts = np.bincount(found, minlength=len(values)) / len(positions)
            own[name] = dict(zip(values, counts.tolist(), strict=True))
    return shares
