"""From a table to the matrix an algorithm sees: select, fill, encode, scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from mall_app.data.roles import unusable_kind
from mall_app.data.table import Table, listed, quoted
from mall_app.errors import DataError, SettingsError, did_you_mean
from mall_app.settings import Settings, shown

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
LARGEST_NUMBER = 1e150
_SCALED_DECIMALS = 12
_SCALERS = {"standard": StandardScaler, "robust": RobustScaler, "minmax": MinMaxScaler}


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
        Number of distinct rows in `values`.
    notes : tuple of str
        What was left out or filled, in sentences.
    """

    values: FloatArray
    rows: IntArray
    dimensions: tuple[str, ...]
    features: tuple[str, ...]
    n_distinct: int
    notes: tuple[str, ...]


def build_features(table: Table, settings: Settings) -> FeatureMatrix:
    """Select, fill, encode and scale the columns that `settings` names.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        Uses `features`, `missing` and `scaling`.

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
    numbers = {name: _filled(name, own[rows], settings.missing) for name, own in numbers.items()}
    codes = {name: _filled_codes(name, own[rows]) for name, own in codes.items()}
    blocks = [_scaled(numbers, settings.scaling)] if numbers else []
    dimensions = list(numbers)
    for name, own in codes.items():
        options = table.categories[name].values
        blocks.append(_one_hot(own, len(options)))
        dimensions += [f"{name}={option}" for option in options]
    values = np.ascontiguousarray(np.hstack(blocks))
    n_distinct = _count_distinct(values)
    if len(rows) == 1:
        raise DataError("There is one customer to cluster; at least two are needed.", ("features",))
    if n_distinct < 2:
        raise DataError(_why_all_equal(table, features, rows), ("features",))
    values.setflags(write=False)
    return FeatureMatrix(values, rows, tuple(dimensions), features, n_distinct, notes)


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


def _kind(table: Table, name: str) -> str:
    if name in table.identifiers:
        return "an identifier"
    return unusable_kind(table.frame[name])


def _columns(
    table: Table, features: tuple[str, ...]
) -> tuple[dict[str, FloatArray], dict[str, IntArray]]:
    numbers = {
        name: table.numbers[:, table.numeric.index(name)]
        for name in features
        if name in table.numeric
    }
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
    rows = np.arange(gaps.shape[1], dtype=np.int64)
    if not gaps.any():
        return rows, ()
    if policy != "drop":
        how = (
            "median (categories: most frequent value)"
            if policy == "median"
            else ("most frequent value")
        )
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


def _filled(name: str, values: FloatArray, policy: str) -> FloatArray:
    gaps = np.isnan(values)
    if not gaps.any():
        return values
    known, counts = np.unique(values[~gaps], return_counts=True)
    if len(known) == 0:
        raise DataError(f"Column {quoted(name)} has no value at all.", ("features",))
    filling = np.median(values[~gaps]) if policy == "median" else known[counts.argmax()]
    return np.where(gaps, filling, values)


def _filled_codes(name: str, codes: IntArray) -> IntArray:
    gaps = codes < 0
    if not gaps.any():
        return codes
    if gaps.all():
        raise DataError(f"Column {quoted(name)} has no value at all.", ("features",))
    return np.where(gaps, np.bincount(codes[~gaps]).argmax(), codes)


def _scaled(numbers: dict[str, FloatArray], scaling: str) -> FloatArray:
    values = np.column_stack(list(numbers.values()))
    if scaling in _SCALERS:
        # Sums differ in the last bit between platforms; rounding keeps equal distances equal.
        values = _SCALERS[scaling]().fit_transform(values).round(_SCALED_DECIMALS)
    return np.asarray(values, dtype=np.float64)


def _one_hot(codes: IntArray, n_values: int) -> FloatArray:
    """Encode a category; the factor sqrt(1/2) makes two different values one unit apart."""
    return np.asarray((codes[:, None] == np.arange(n_values)) * np.sqrt(0.5))


def _count_distinct(values: FloatArray) -> int:
    """Count distinct rows, as bytes; adding 0.0 makes -0.0 equal to 0.0."""
    rows = np.ascontiguousarray(values + 0.0)
    return len(np.unique(rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1])))))
