"""What each segment is, in the original units of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.data.table import Table
from mall_app.profiles import NumericProfile, category_shares, numeric_profiles

__all__ = ["NumericProfile", "Segment", "describe_segments", "split_unit"]

IntArray = npt.NDArray[np.int64]
NOTABLE_DIFFERENCE = 0.4


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
    profiles = numeric_profiles(table.numeric, table.numbers[rows], members)
    shares = category_shares(table, rows, members)
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
