"""What a whole table comes to, column by column, from what each of its partitions comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.kernels.compiled import by_blocks
from mall_app.kernels.moments import column_moments
from mall_app.partitions.columns import MOST_VALUES, BoolArray, Columns


@dataclass(frozen=True)
class NumberSummary:
    """A quantity over some rows, those where it is missing left out.

    Parameters
    ----------
    count : int
        Rows that have it.
    missing : int
        Rows that do not.
    mean, scatter : float
        Mean, and sum of the squared differences from it.
    low, high : float
        The least and the largest value.
    """

    count: int
    missing: int
    mean: float
    scatter: float
    low: float
    high: float

    def __add__(self, other: NumberSummary) -> NumberSummary:
        """Give the summary of the rows of both.

        References
        ----------
        Chan, T. F., Golub, G. H. and LeVeque, R. J. (1983). Algorithms for computing the sample
        variance: analysis and recommendations. The American Statistician 37(3), 242-247.
        """
        missing = self.missing + other.missing
        if not self.count or not other.count:
            own = self if self.count else other
            return NumberSummary(own.count, missing, own.mean, own.scatter, own.low, own.high)
        count, apart = self.count + other.count, other.mean - self.mean
        return NumberSummary(
            count,
            missing,
            self.mean + apart * other.count / count,
            self.scatter + other.scatter + apart * apart * self.count * other.count / count,
            min(self.low, other.low),
            max(self.high, other.high),
        )

    def filled(self, filling: float) -> NumberSummary:
        """Give the summary with `filling` where the value is missing.

        Examples
        --------
        >>> NumberSummary(1, 1, 2.0, 0.0, 2.0, 2.0).filled(4.0).mean
        3.0
        """
        gaps = NumberSummary(self.missing, 0, filling, 0.0, filling, filling)
        known = NumberSummary(self.count, 0, self.mean, self.scatter, self.low, self.high)
        return known + gaps if self.missing else known

    @property
    def variance(self) -> float:
        """Mean squared difference from the mean; 0 when constant."""
        return self.scatter / self.count if self.count and self.low != self.high else 0.0


@dataclass(frozen=True)
class Summary:
    """The features of some rows.

    Parameters
    ----------
    n_rows, n_used : int
        Rows, and those that are clustered.
    n_gaps : int
        Missing values among all rows.
    numbers : dict of str to NumberSummary
        Of the rows that are clustered.
    values : dict of str to Counter
        How often each value of a category is among them.
    every_value : dict of str to set
        Values of a category among all rows.
    """

    n_rows: int
    n_used: int
    n_gaps: int
    numbers: dict[str, NumberSummary]
    values: dict[str, Counter[str]]
    every_value: dict[str, frozenset[str]]

    def __add__(self, other: Summary) -> Summary:
        """Give the summary of the rows of both."""
        return Summary(
            self.n_rows + other.n_rows,
            self.n_used + other.n_used,
            self.n_gaps + other.n_gaps,
            {name: own + other.numbers[name] for name, own in self.numbers.items()},
            {name: own + other.values[name] for name, own in self.values.items()},
            {name: own | other.every_value[name] for name, own in self.every_value.items()},
        )


def summarise(columns: Columns, features: Sequence[str], drop: bool) -> Summary:
    """Summarise the features of a partition.

    Parameters
    ----------
    columns : Columns
        With all features among them; other categories are told of as well.
    features : sequence of str
        What is clustered on.
    drop : bool
        Whether a row that lacks a feature is left out.
    """
    present = columns.present(features)
    rows = present if drop else None
    numbers = {
        name: _number(columns.numbers[name], rows) for name in features if name in columns.numbers
    }
    values, n_gaps = {}, 0
    for name in features:
        if name in columns.numbers:
            own = columns.numbers[name]
            n_gaps += int(np.count_nonzero(np.isnan(own))) if own.dtype.kind == "f" else 0
        else:
            codes = columns.categories[name].codes
            n_gaps += int((codes < 0).sum())
            values[name] = _values(columns, name, rows)
    every = {
        name: frozenset(own.values[: MOST_VALUES + 1]) for name, own in columns.categories.items()
    }
    n_used = columns.n_rows if rows is None else int(rows.sum())
    return Summary(columns.n_rows, n_used, n_gaps, numbers, values, every)


def summed(parts: Sequence[Any]) -> Any:
    """Add up what partitions came to, in their order."""
    return reduce(lambda total, own: total + own, parts)


def _number(values: npt.NDArray[Any], rows: BoolArray | None) -> NumberSummary:
    chosen = values if rows is None else values[rows]

    def work(start: int, stop: int) -> NumberSummary:
        count, *others = column_moments(chosen[start:stop])
        return NumberSummary(count, stop - start - count, *others)

    nothing = NumberSummary(0, 0, 0.0, 0.0, np.inf, -np.inf)
    found: NumberSummary = summed([nothing, *by_blocks(len(chosen), work)])
    return found


def _values(columns: Columns, name: str, rows: BoolArray | None) -> Counter[str]:
    own = columns.categories[name]
    codes = own.codes if rows is None else own.codes[rows]
    counts = np.bincount(codes[codes >= 0], minlength=len(own.values))
    return Counter(dict(zip(own.values, counts.tolist(), strict=True)))
