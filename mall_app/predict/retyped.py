"""A column of new customers, in whatever type it comes, as the numbers or codes of a model."""

from __future__ import annotations

import math
from typing import Any, Never

import numpy as np
import pandas as pd
from pandas.api import types

from mall_app.checks import shown
from mall_app.data import numbers as writing
from mall_app.data.columns import MISSING, MISSING_NUMBERS, take_apart
from mall_app.data.table import listed, quoted
from mall_app.errors import DataError
from mall_app.features import LARGEST_NUMBER
from mall_app.geometry.points import FloatArray, IntArray

_LONGEST_NUMBER = 30  # characters of a number that stands for a category


def numbers_of(
    column: pd.Series, name: str, decimal: str = "."
) -> tuple[FloatArray, tuple[str, ...]]:
    """Read a column as quantities.

    Parameters
    ----------
    column : pandas.Series
        Numbers, or texts that are numbers as `mall_app.data.read_table` knows them.
    name : str
        Of the column.
    decimal : {".", ","}
        Decimal mark of texts that do not tell themselves.

    Returns
    -------
    values : ndarray of shape (n_rows,)
        nan where missing.
    notes : tuple of str
        That texts were read as numbers.

    Raises
    ------
    DataError
        A value is no finite number.

    Examples
    --------
    >>> numbers_of(pd.Series(["1.5", "", "20"]), "Age")[0].tolist()
    [1.5, nan, 20.0]
    """
    notes: tuple[str, ...] = ()
    if _is_number(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        values, n_texts = _from_objects(column, name, decimal)
        if n_texts:
            notes = (f"{n_texts:,} texts in column {quoted(name)} were read as numbers.",)
    beyond = np.flatnonzero(np.abs(values) > LARGEST_NUMBER)  # never so for nan
    if len(beyond):
        rule = f"finite numbers up to {LARGEST_NUMBER:g}"
        _refuse(name, rule, int(beyond[0]), float(values[beyond[0]]))
    return values, notes


def category_codes(
    column: pd.Series, name: str, values: tuple[str, ...]
) -> tuple[IntArray, tuple[str, ...]]:
    """Read a column as a category whose values are known.

    Returns
    -------
    codes : ndarray of shape (n_rows,)
        Position in `values`, their number for a value that is not among them, -1 where missing.
    notes : tuple of str
        Which values are not known.

    Raises
    ------
    DataError
        A value cannot be a category, such as a list.

    Examples
    --------
    >>> codes, notes = category_codes(pd.Series([2.0, None, 7]), "Visits", ("1", "2"))
    >>> codes.tolist(), notes
    ([1, -1, 2], ("1 customer has a value of 'Visits' never seen before, such as '7.0'.",))
    """
    objects = column.astype(object)
    for row, value in enumerate(objects):
        if isinstance(value, list | dict | set | tuple | np.ndarray):
            _refuse(name, "texts, numbers or true and false", row, value)
    texts = objects.map(str, na_action="ignore")
    own, found = pd.factorize(texts)
    meaning = [_code(str(text), values) for text in found]
    codes = np.array([*meaning, -1], dtype=np.int64)[own]
    strange = [str(text) for text, code in zip(found, meaning, strict=True) if code == len(values)]
    count = int((codes == len(values)).sum())
    if not count:
        return codes, ()
    who = "1 customer has" if count == 1 else f"{count:,} customers have"
    return codes, (
        f"{who} a value of {quoted(name)} never seen before, such as {listed(strange[:3])}.",
    )


def _is_number(column: pd.Series) -> bool:
    if types.is_bool_dtype(column) or types.is_complex_dtype(column):
        return False
    return bool(types.is_numeric_dtype(column))


def _from_objects(column: pd.Series, name: str, decimal: str) -> tuple[FloatArray, int]:
    objects = column.astype(object).to_numpy()
    absent = column.isna().to_numpy()
    values = np.full(len(objects), np.nan)
    texts: list[int] = []
    for row in np.flatnonzero(~absent).tolist():
        if isinstance(objects[row], str):
            texts.append(row)
            continue
        values[row] = _number(objects[row])
        if math.isnan(values[row]):
            _refuse(name, "numbers", row, objects[row])
    if texts:
        values[texts] = _from_texts(pd.Series(objects[texts], dtype="str"), name, decimal, texts)
    return values, len(texts)


def _number(value: Any) -> float:
    """Give a number of any type as a float, nan for what is none."""
    if isinstance(value, bool | np.bool_ | pd.Timestamp | pd.Timedelta | complex):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        return math.nan


def _from_texts(texts: pd.Series, name: str, decimal: str, rows: list[int]) -> FloatArray:
    apart = take_apart(texts)
    mark = (apart.evidence.decimal if apart.evidence else None) or decimal
    absent = apart.missing | apart.values.str.lower().isin(MISSING_NUMBERS).to_numpy(dtype=bool)
    present = apart.values[~absent]
    bare = writing.without_unit(present, apart.unit) if apart.unit else present
    misfits = present.index[~writing.fits(bare, mark).astype(bool)]
    if len(misfits):
        at = int(np.flatnonzero(np.isin(apart.codes, misfits))[0])
        _refuse(name, "numbers", rows[at], str(texts.iloc[at]))
    parsed = np.full(len(apart.values), np.nan)
    if len(bare):
        parsed[bare.index] = writing.to_numbers(bare, mark).to_numpy(dtype=np.float64)
    return np.asarray(parsed[apart.codes])


def _code(text: str, values: tuple[str, ...]) -> int:
    """Find what a text stands for: itself, without spaces, or the same number written otherwise."""
    stripped = text.strip()
    for option in (text, stripped, *_written_otherwise(stripped)):
        if option in values:
            return values.index(option)
    return -1 if stripped.lower() in MISSING else len(values)


def _written_otherwise(text: str) -> tuple[str, ...]:
    """Give the ways a whole number is written that a missing value in its column decides between.

    Examples
    --------
    >>> _written_otherwise("2.0"), _written_otherwise("2"), _written_otherwise("two")
    (('2', '2.0'), ('2', '2.0'), ())
    """
    number = _number(text) if len(text) <= _LONGEST_NUMBER and "_" not in text else math.nan
    if not math.isfinite(number) or not number.is_integer():
        return ()
    return str(int(number)), str(number)


def _refuse(name: str, rule: str, row: int, value: Any) -> Never:
    raise DataError(
        f"Column {quoted(name)} must hold {rule}, as the model was made with, but row {row} "
        f"(the first is 0) holds {shown(value)}.",
        (row, name),
    )
