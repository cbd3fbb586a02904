"""Learning from the whole table how its columns become coordinates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mall_app.data.roles import LARGEST_CATEGORY_COUNT
from mall_app.data.table import Table, listed, quoted
from mall_app.errors import DataError
from mall_app.geometry.encoding import (
    METRICS,
    CategoryEncoding,
    Encoding,
    NumberEncoding,
    category_factor,
    factors_of,
)
from mall_app.geometry.points import FloatArray
from mall_app.partitions.columns import MOST_VALUES, Columns
from mall_app.partitions.quantiles import Within, interpolated, look_within, order_statistics
from mall_app.partitions.statistics import NumberSummary, Summary, summarise, summed
from mall_app.partitions.workers import Parted, Workers
from mall_app.settings import Settings


@dataclass(frozen=True)
class Learned:
    """What was learned from all rows.

    Parameters
    ----------
    encoding : Encoding
        Makes coordinates of the features.
    summary : Summary
        Of all rows.
    notes : tuple of str
        What was left out or filled, in sentences.
    lengths : tuple of int
        Rows of each partition that are clustered.
    """

    encoding: Encoding
    summary: Summary
    notes: tuple[str, ...]
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Whole:
    """A table in partitions, and what is wanted of it.

    Parameters
    ----------
    workers : Workers
        Who has the partitions.
    columns : Parted of Columns
        With all features.
    features : tuple of str
        What is clustered on.
    settings : Settings
        Resolved.
    """

    workers: Workers
    columns: Parted
    features: tuple[str, ...]
    settings: Settings

    @property
    def drops(self) -> bool:
        """Whether a row that lacks a feature is left out."""
        return self.settings.missing == "drop"


def learn(whole: Whole, table: Table) -> Learned:
    """Learn the encoding of the features, the same as from a table held in memory.

    Sums are merged over the partitions; medians and quartiles are exact, see
    `mall_app.partitions.quantiles`. Only a filling that is not used is that of the sample.

    Raises
    ------
    DataError
        Nothing is left to cluster: every value missing, or all rows equal; or a category has too
        many values.
    """
    parts = whole.workers.collect(summarise, whole.columns, whole.features, whole.drops)
    summary: Summary = summed(parts)
    notes = _notes(summary, whole)
    _check_values(summary)
    _check_apart(summary, whole)
    fillings = {name: _filling(whole, table, name, summary) for name in summary.numbers}
    filled = {name: own.filled(fillings[name]) for name, own in summary.numbers.items()}
    factors = factors_of(whole.features, whole.settings.weights, whole.settings.distance)
    scales = {name: _scale(whole, name, own, fillings[name]) for name, own in filled.items()}
    encoding = Encoding(
        tuple(NumberEncoding(own, fillings[own], *scales[own], factors[own]) for own in filled),
        tuple(
            _category(name, summary, category_factor(factors[name], whole.settings.distance))
            for name in summary.values
        ),
        METRICS[whole.settings.distance],
    )
    return Learned(encoding, summary, notes, tuple(own.n_used for own in parts))


def _category(name: str, summary: Summary, factor: float) -> CategoryEncoding:
    values = tuple(sorted(summary.every_value[name]))
    counts = [summary.values[name][value] for value in values]
    return CategoryEncoding(name, int(np.argmax(counts)), values, factor)


def _notes(summary: Summary, whole: Whole) -> tuple[str, ...]:
    if not summary.n_gaps:
        return ()
    if not whole.drops:
        how = "most frequent value"
        if whole.settings.missing == "median":
            how = "median (categories: most frequent value)"
        return (f"{summary.n_gaps} missing values were filled with the {how} of their column.",)
    if not summary.n_used:
        raise DataError(
            f"Every customer has a missing value among {listed(whole.features)}; "
            "choose other features, or missing='median' to fill them.",
            ("missing",),
        )
    dropped = summary.n_rows - summary.n_used
    return (f"{dropped} of {summary.n_rows} customers were left out for a missing feature.",)


def _check_values(summary: Summary) -> None:
    for name in summary.values:
        found = len(summary.every_value[name])
        if found > LARGEST_CATEGORY_COUNT:
            raise DataError(
                f"Column {quoted(name)} has "
                f"{f'more than {MOST_VALUES}' if found > MOST_VALUES else found} different values "
                f"in the whole table, and a category may have {LARGEST_CATEGORY_COUNT}; leave it "
                "out.",
                ("features",),
            )
    empty = [name for name, own in summary.numbers.items() if not own.count]
    empty += [name for name, own in summary.values.items() if not own.total()]
    for name in empty:
        raise DataError(f"Column {quoted(name)} has no value at all.", ("features",))


def _check_apart(summary: Summary, whole: Whole) -> None:
    """Refuse a table whose rows are all equal; gaps that are filled make no difference to that."""
    if summary.n_used == 1:
        raise DataError("There is one customer to cluster; at least two are needed.", ("features",))
    differs = [own.low != own.high for own in summary.numbers.values()]
    differs += [sum(count > 0 for count in own.values()) > 1 for own in summary.values.values()]
    if not any(differs):
        raise DataError(
            f"All {summary.n_used} customers are equal in {listed(whole.features)}; "
            "there is nothing to tell apart.",
            ("features",),
        )


def _filling(whole: Whole, table: Table, name: str, summary: Summary) -> float:
    own = summary.numbers[name]
    if whole.settings.missing == "most_frequent":
        return _most_frequent(whole, name) if own.missing else own.mean
    if whole.settings.missing == "median":
        return _quantile(whole, name, own, None, 0.5)
    return float(np.nanmedian(table.number(name)))


def _scale(whole: Whole, name: str, own: NumberSummary, filling: float) -> tuple[float, float]:
    """Give offset and divisor, as `mall_app.geometry.encoding` does from a column."""
    scaling = whole.settings.scaling
    if scaling == "none":
        return 0.0, 1.0
    if scaling == "standard":
        return own.mean, float(np.sqrt(own.variance)) or 1.0
    if scaling == "minmax":
        return own.low, own.high - own.low or 1.0
    lower, middle, upper = (_quantile(whole, name, own, filling, own_) for own_ in _QUARTILES)
    return middle, upper - lower or 1.0


_QUARTILES = (0.25, 0.5, 0.75)


def _quantile(
    whole: Whole, name: str, own: NumberSummary, filling: float | None, share: float
) -> float:
    """Give a quantile of a feature over the rows that are clustered, filled or not."""

    def look(low: float, high: float, bring: bool) -> list[Within]:
        return whole.workers.collect(
            _look, whole.columns, name, whole.features, whole.drops, filling, (low, high, bring)
        )

    below, above, along = interpolated(share, own.count)
    first, second = order_statistics(look, (below, above), own.low, own.high)
    return first + (second - first) * along


def _look(
    columns: Columns,
    name: str,
    features: Sequence[str],
    drop: bool,
    filling: float | None,
    bounds: tuple[float, float, bool],
) -> Within:
    return look_within(_used(columns, name, features, drop, filling), *bounds)


def _used(
    columns: Columns, name: str, features: Sequence[str], drop: bool, filling: float | None
) -> FloatArray:
    """Give a quantity of the rows that are clustered; without a filling only where it is known."""
    values = columns.numbers[name]
    rows = columns.present(features) if drop else None
    values = values if rows is None else values[rows]
    if values.dtype.kind != "f":
        return values
    gaps = np.isnan(values)
    if not gaps.any():
        return values
    return values[~gaps] if filling is None else np.where(gaps, filling, values)


def _most_frequent(whole: Whole, name: str) -> float:
    counts: Counter[float] = summed(whole.workers.collect(_count, whole.columns, name))
    if len(counts) > MOST_VALUES:
        raise DataError(
            f"Column {quoted(name)} has more than {MOST_VALUES} different values, so no one of "
            "them is frequent; choose missing='median' or 'drop'.",
            ("missing",),
        )
    return min(counts, key=lambda value: (-counts[value], value))


def _count(columns: Columns, name: str) -> Counter[float]:
    values = columns.numbers[name]
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    found, counts = np.unique(known, return_counts=True)
    few = slice(MOST_VALUES + 1)  # more than that are refused, whichever they are
    return Counter(dict(zip(found[few].tolist(), counts[few].tolist(), strict=True)))
