"""From a table to the matrix an algorithm sees: select, fill, encode, scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mall_app.checks import shown
from mall_app.data.roles import unusable_kind
from mall_app.data.table import Table, listed, quoted
from mall_app.errors import DataError, SettingsError, did_you_mean
from mall_app.geometry.encoding import (
    METRICS,
    CategoryEncoding,
    Encoding,
    category_factor,
    factors_of,
    learn_numbers,
)
from mall_app.geometry.points import FloatArray, IntArray, Points, all_rows, count_distinct, rows_of
from mall_app.settings import Settings

LARGEST_NUMBER = 1e150
Columns = tuple[dict[str, FloatArray], dict[str, IntArray]]  # quantities, and codes of categories


@dataclass(frozen=True)
class FeatureMatrix:
    """The numbers handed to an algorithm, and where they came from.

    Parameters
    ----------
    values : ndarray of shape (n_used, n_dimensions)
        Finite, C-contiguous and read-only; scaled as the settings say.
    rows : ndarray of shape (n_used,)
        Position in the table of each row of `values`.
    dimensions : tuple of str
        Name of each column of `values`; a category has one dimension a value, ``"Gender=Male"``.
    features : tuple of str
        The columns of the table these were made from.
    n_distinct : int
        Number of distinct rows in `values`; of very many, enough of them, see `count_distinct`.
    notes : tuple of str
        What was left out or filled, in sentences.
    encoding : Encoding
        What made `values`, and makes those of new customers.
    """

    values: FloatArray
    rows: IntArray
    dimensions: tuple[str, ...]
    features: tuple[str, ...]
    n_distinct: int
    notes: tuple[str, ...]
    encoding: Encoding

    @cached_property
    def points(self) -> Points:
        """The rows as points, with the distance they were scaled for."""
        return Points(self.values, self.encoding.metric, self.encoding.blocks)


def build_features(
    table: Table, settings: Settings, encoding: Encoding | None = None
) -> FeatureMatrix:
    """Select, fill, encode and scale the columns that `settings` names.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        Uses `features`, `missing` and `scaling`.
    encoding : Encoding, optional
        Learned from the whole that the table is a sample of; by default it is learned here.

    Returns
    -------
    FeatureMatrix
        At least two distinct rows.

    Raises
    ------
    SettingsError
        A feature is not a usable column of the table.
    DataError
        Nothing is left to cluster: every value missing, infinite values, or all rows equal.
    """
    features = resolve_features(table, settings.features)
    numbers, codes = _columns(table, features)
    rows, notes = _kept_rows(numbers, codes, settings.missing)
    if encoding is None:
        encoding, numbers, codes = _learned(table, features, numbers, codes, rows, settings)
    else:
        numbers, codes = _as_learned(table, encoding, (numbers, codes), rows)
    values = encoding.encode(numbers, codes)
    n_distinct = count_distinct(values)
    if len(rows) == 1:
        raise DataError("There is one customer to cluster; at least two are needed.", ("features",))
    if n_distinct < 2:
        raise DataError(_why_all_equal(table, features, rows), ("features",))
    return FeatureMatrix(values, rows, encoding.dimensions, features, n_distinct, notes, encoding)


def _learned(
    table: Table,
    features: tuple[str, ...],
    numbers: dict[str, FloatArray],
    codes: dict[str, IntArray],
    rows: IntArray,
    settings: Settings,
) -> tuple[Encoding, dict[str, FloatArray], dict[str, IntArray]]:
    """Give the encoding of the columns, and the columns themselves filled."""
    numbers = {n: rows_of(own, rows) for n, own in numbers.items()}
    codes = {n: rows_of(own, rows) for n, own in codes.items()}
    filling = {n: _filling(n, own, settings.missing) for n, own in numbers.items()}
    numbers = {n: _filled(own, filling[n]) for n, own in numbers.items()}
    common = {n: _most_frequent(n, own) for n, own in codes.items()}
    codes = {n: np.where(own < 0, common[n], own) for n, own in codes.items()}
    factors = factors_of(features, settings.weights, settings.distance)
    scaling = "minmax" if settings.distance == "gower" else settings.scaling
    encoding = Encoding(
        learn_numbers(numbers, filling, factors, scaling),
        tuple(
            CategoryEncoding(
                name,
                common[name],
                tuple(table.categories[name].values),
                category_factor(factors[name], settings.distance),
            )
            for name in codes
        ),
        METRICS[settings.distance],
    )
    return encoding, numbers, codes


def _as_learned(table: Table, encoding: Encoding, columns: Columns, rows: IntArray) -> Columns:
    """Give the columns filled, and categories in the codes, of an encoding."""
    numbers, codes = columns
    filled = {own.name: _filled(numbers[own.name][rows], own.filling) for own in encoding.numbers}
    coded = {}
    for own in encoding.categories:
        places = [own.values.index(value) for value in table.categories[own.name].values]
        coded[own.name] = np.array([*places, own.filling])[codes[own.name][rows]]
    return filled, coded


def _why_all_equal(table: Table, features: tuple[str, ...], rows: IntArray) -> str:
    differing = [name for name in features if table.frame[name].iloc[rows].nunique() > 1]
    if differing:
        return (
            f"All {len(rows)} customers are equal in {listed(features)} to the 15 digits that "
            f"are computed with; subtract from {listed(differing)} what the numbers have in common."
        )
    left_out = len(table) - len(rows)
    rest = f" ({left_out} of {len(table)} were left out)" if left_out else ""
    return (
        f"All {len(rows)} customers are equal in {listed(features)}{rest}; "
        "there is nothing to tell apart."
    )


def resolve_features(table: Table, features: tuple[str, ...] | None) -> tuple[str, ...]:
    """Give the columns to cluster on: those named, or every numeric column.

    Raises
    ------
    SettingsError
        A name is not a column, or is a column that cannot be clustered on.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20, 30], "Gender": ["f", "m"]}))
    >>> resolve_features(table, None)
    ('Age',)
    """
    if features is None:
        return table.numeric
    for position, name in enumerate(features):
        if name not in table.roles:
            raise SettingsError(
                f"features names {shown(name)}, which is not a column: "
                f"{did_you_mean(name, table.features)}",
                ("features", position),
            )
        if name not in table.features:
            raise SettingsError(
                f"features names {quoted(name)}, which is no quantity or category but "
                f"{_kind(table, name)}; leave it out.",
                ("features", position),
            )
    return features


def resolve_weights(
    table: Table, features: tuple[str, ...], weights: Mapping[str, float]
) -> dict[str, float]:
    """Give the weights of the features that are not 1, in the order of the features.

    Raises
    ------
    SettingsError
        A weight is for a column the table does not have, or that cannot be clustered on.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20, 30], "Income": [1.5, 2.5]}))
    >>> resolve_weights(table, ("Age",), {"Income": 3.0, "Age": 2.0})
    {'Age': 2.0}
    """
    for name in weights:
        if name not in table.features:
            raise SettingsError(
                f"weights names {shown(name)}, which is not a column to cluster on: "
                f"{did_you_mean(name, table.features)}",
                ("weights", name),
            )
    return {name: weights[name] for name in features if weights.get(name, 1.0) != 1.0}


def _kind(table: Table, name: str) -> str:
    if name in table.identifiers:
        return "an identifier"
    return unusable_kind(table.frame[name])


def _columns(table: Table, features: tuple[str, ...]) -> Columns:
    numbers = {name: table.number(name) for name in features if name in table.numeric}
    for name, own in numbers.items():
        if np.isinf(own).any():
            raise DataError(
                f"Column {quoted(name)} has infinite values; remove or replace them.", ("features",)
            )
        if np.nanmax(np.abs(own)) > LARGEST_NUMBER:
            raise DataError(
                f"Column {quoted(name)} has values beyond {LARGEST_NUMBER:g}, whose squares "
                "cannot be computed.",
                ("features",),
            )
    codes = {name: table.categories[name].codes for name in features if name in table.categorical}
    return numbers, codes


def _kept_rows(
    numbers: dict[str, FloatArray], codes: dict[str, IntArray], policy: str
) -> tuple[IntArray, tuple[str, ...]]:
    """Give the rows to use, and a sentence about what was missing."""
    gaps = np.stack(
        [np.isnan(own) for own in numbers.values()] + [own < 0 for own in codes.values()]
    )
    rows = all_rows(gaps.shape[1])
    if not gaps.any():
        return rows, ()
    if policy != "drop":
        ways = {"median": "median (categories: most frequent value)"}
        how = ways.get(policy, "most frequent value")
        return rows, (f"{gaps.sum()} missing values were filled with the {how} of their column.",)
    keep = ~gaps.any(axis=0)
    if not keep.any():
        raise DataError(
            f"Every customer has a missing value among {listed([*numbers, *codes])}; "
            "choose other features, or missing='median' to fill them.",
            ("missing",),
        )
    dropped = len(rows) - int(keep.sum())
    return rows[keep], (f"{dropped} of {len(rows)} customers were left out for a missing feature.",)


def _filling(name: str, values: FloatArray, policy: str) -> float:
    known = values[~np.isnan(values)]
    if len(known) == 0:
        raise DataError(f"Column {quoted(name)} has no value at all.", ("features",))
    if policy != "most_frequent":
        return float(np.median(known))
    options, counts = np.unique(known, return_counts=True)
    return float(options[counts.argmax()])


def _filled(values: FloatArray, filling: float) -> FloatArray:
    gaps = np.isnan(values)
    return np.where(gaps, filling, values) if gaps.any() else values


def _most_frequent(name: str, codes: IntArray) -> int:
    if (codes < 0).all():
        raise DataError(f"Column {quoted(name)} has no value at all.", ("features",))
    return int(np.bincount(codes[codes >= 0]).argmax())
