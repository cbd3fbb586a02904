"""What each segment is, in the original units of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.data.table import Table

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
NOTABLE_DIFFERENCE = 0.4


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


@dataclass(frozen=True)
class Segment:
    """One group of customers, described.

    Parameters
    ----------
    segment : int
        Its label, 0 for the largest.
    name : str
        Short, from what sets it apart most.
    size : int
        Number of customers.
    share : float from 0 to 1
        Of all customers that were clustered, noise included.
    sentence : str
        What it is, for a person who has not seen the numbers.
    numeric : dict of str to NumericProfile
        For each numeric column of the table, used for clustering or not.
    categorical : dict of str to dict of str to float
        Share of each value of each categorical column.
    """

    segment: int
    name: str
    size: int
    share: float
    sentence: str
    numeric: dict[str, NumericProfile]
    categorical: dict[str, dict[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Give the segment as JSON-ready values."""
        return vars(self) | {
            "numeric": {name: dict(vars(own)) for name, own in self.numeric.items()},
            "categorical": {name: dict(own) for name, own in self.categorical.items()},
        }

    def distinctive(self, columns: Sequence[str], most: int = 3) -> list[tuple[str, float]]:
        """Give the columns that set the segment apart, the strongest first, with the difference."""
        known = [
            (name, self.numeric[name].standardized_difference)
            for name in columns
            if name in self.numeric
        ]
        found = [(name, value) for name, value in known if value is not None]
        return sorted(found, key=lambda pair: -abs(pair[1]))[:most]


def describe_segments(
    table: Table, rows: IntArray, labels: IntArray, features: Sequence[str]
) -> tuple[Segment, ...]:
    """Describe each segment by every numeric and categorical column of the table.

    Parameters
    ----------
    table : Table
        The customers, in original units.
    rows : ndarray of shape (n_used,)
        Positions in the table of the customers that were clustered.
    labels : ndarray of shape (n_used,)
        Their segments, -1 for noise.
    features : sequence of str
        The columns clustered on; names and sentences are about these.

    Returns
    -------
    tuple of Segment
        In the order of the labels.
    """
    n_segments = int(labels.max()) + 1 if len(labels) else 0
    members = [np.flatnonzero(labels == own) for own in range(n_segments)]
    profiles = _numeric_profiles(table.numeric, table.numbers[rows], members)
    shares = _category_shares(table, rows, members)
    names = _unique(
        [_name(own, features, cats) for own, cats in zip(profiles, shares, strict=True)]
    )
    sizes, total = list(map(len, members)), len(labels)
    return tuple(
        Segment(
            segment=own,
            name=names[own],
            size=sizes[own],
            share=sizes[own] / total,
            sentence=_sentence(profiles[own], features, shares[own]),
            numeric=profiles[own],
            categorical=shares[own],
        )
        for own in range(n_segments)
    )


def split_unit(column: str) -> tuple[str, str]:
    """Split a header into quantity and unit.

    Examples
    --------
    >>> split_unit("Annual Income (k$)"), split_unit("Age")
    (('Annual Income', 'k$'), ('Age', ''))
    """
    text = column.rstrip()
    quantity, _, unit = text.removesuffix(")").rpartition("(")
    found = text.endswith(")") and ")" not in unit and quantity.strip()
    return (quantity.rstrip(), unit) if found else (column, "")


@np.errstate(invalid="ignore", divide="ignore", over="ignore")
def _numeric_profiles(
    names: Sequence[str], numbers: FloatArray, members: list[IntArray]
) -> list[dict[str, NumericProfile]]:
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


def _category_shares(
    table: Table, rows: IntArray, members: list[IntArray]
) -> list[dict[str, dict[str, float]]]:
    shares: list[dict[str, dict[str, float]]] = [{} for _ in members]
    for name, category in table.categories.items():
        codes = category.codes[rows]
        values = [*category.values, "(missing)"] if (codes < 0).any() else [*category.values]
        for own, positions in zip(shares, members, strict=True):
            found = np.where(codes[positions] < 0, len(category.values), codes[positions])
            counts = np.bincount(found, minlength=len(values)) / len(positions)
            own[name] = dict(zip(values, counts.tolist(), strict=True))
    return shares


def _name(
    profile: dict[str, NumericProfile],
    features: Sequence[str],
    shares: dict[str, dict[str, float]],
) -> str:
    parts = [
        f"{_LEVELS[value > 0]} {split_unit(name)[0]}"
        for name, value in _differences(profile, features)
        if abs(value) >= NOTABLE_DIFFERENCE
    ]
    parts = parts[:2]
    usual = [split_unit(name)[0] for name, _ in _differences(profile, features)[:2]]
    if usual and not parts:
        parts = [f"average {' and '.join(usual)}"]
    if not parts:
        parts = [
            f"mostly {max(shares[name], key=shares[name].__getitem__)}"
            for name in features
            if name in shares
        ][:2]
    text = ", ".join(parts) or "like all customers"
    return text[0].upper() + text[1:]


_LEVELS = {True: "high", False: "low"}


def _differences(
    profile: dict[str, NumericProfile], features: Sequence[str]
) -> list[tuple[str, float]]:
    found = [(name, profile[name].standardized_difference) for name in features if name in profile]
    known = [(name, value) for name, value in found if value is not None]
    return sorted(known, key=lambda pair: -abs(pair[1]))


def _sentence(
    profile: dict[str, NumericProfile], features: Sequence[str], shares: dict[str, dict[str, float]]
) -> str:
    parts = [
        f"{split_unit(name)[0]} is {_compared(value)} "
        f"({_amount(profile[name].mean, split_unit(name)[1])})"
        for name, value in _differences(profile, features)[:3]
    ]
    for name in [name for name in features if name in shares]:
        top = max(shares[name], key=shares[name].__getitem__)
        parts.append(f"{shares[name][top]:.0%} are {top}")
    return f"{', '.join(parts) or 'It has no number to describe it by'}."


def _amount(mean: float | None, unit: str) -> str:
    text = "unknown" if mean is None else f"{mean:,.4g}"
    return f"{text} {unit}" if unit and not unit[0].isdigit() else text


def _compared(difference: float) -> str:
    size = abs(difference)
    if size < NOTABLE_DIFFERENCE:
        return "about average"
    side = "above" if difference > 0 else "below"
    return f"far {side} average" if size >= 1 else f"{side} average"


def _unique(names: list[str]) -> list[str]:
    """Tell apart segments that would share a name, in the order of their labels."""
    return [
        name if names.count(name) == 1 else f"{name} ({names[: own + 1].count(name)})"
        for own, name in enumerate(names)
    ]
