"""New customers as a model reads them: the columns it was made with, whatever else they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mall_app.assigners import Assignment
from mall_app.data.table import listed, quoted
from mall_app.errors import DataError, did_you_mean
from mall_app.geometry.encoding import Encoding
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.predict.retyped import category_codes, numbers_of


@dataclass(frozen=True, eq=False)
class Newcomers:
    """The features of new customers.

    Parameters
    ----------
    numbers : dict of str to ndarray of shape (n_placed,)
        Each quantity, no value missing.
    codes : dict of str to ndarray of shape (n_placed,)
        Each category; a code beyond its values is a value never seen.
    placed : ndarray of shape (n_placed,)
        Rows of the customers that can be placed.
    unseen : ndarray of bool, shape (n_placed,)
        Which of them have a value of a category that was never seen.
    notes : tuple of str
        What was left out, filled, converted or not known, in sentences.
    """

    numbers: dict[str, FloatArray]
    codes: dict[str, IntArray]
    placed: IntArray
    unseen: npt.NDArray[np.bool_]
    notes: tuple[str, ...]

    def of_rows(self, found: Assignment, n_rows: int) -> tuple[pd.arrays.IntegerArray, FloatArray]:
        """Give label and confidence of all rows, missing and nan for those that were not placed."""
        labels, absent = np.zeros(n_rows, dtype=np.int64), np.ones(n_rows, dtype=bool)
        confidence = np.full(n_rows, np.nan)
        labels[self.placed], absent[self.placed] = found.labels, False
        confidence[self.placed] = found.confidence
        return pd.arrays.IntegerArray(labels, absent), confidence


def read_newcomers(
    frame: pd.DataFrame,
    encoding: Encoding,
    known: tuple[str, ...],
    missing: str = "drop",
    decimal: str = ".",
) -> Newcomers:
    """Read the columns of new customers as those a model was made with were read.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a customer, columns in any order; may have no row.
    encoding : Encoding
        Of the model.
    known : tuple of str
        Columns of the table of the model; one that is not among them is noted.
    missing : {"drop", "median", "most_frequent"}
        What the model did with missing values; "drop" leaves such a customer without a segment.
    decimal : {".", ","}
        Decimal mark of numbers written as text, where they do not tell themselves.

    Raises
    ------
    DataError
        A feature is missing or stands twice, or a value is of the wrong kind; the sentence names
        column, rule, row and value, and `path` is ``(row, column)``.
    """
    columns = _columns(frame, encoding)
    notes = _unused(frame, known)
    numbers, codes = {}, {}
    for own in encoding.numbers:
        numbers[own.name], note = numbers_of(columns[own.name], own.name, decimal)
        notes += note
    for each in encoding.categories:
        codes[each.name], note = category_codes(columns[each.name], each.name, each.values)
        notes += note
    gaps = np.zeros(len(frame), dtype=np.int64)
    for gap in (*map(np.isnan, numbers.values()), *(own < 0 for own in codes.values())):
        gaps += gap
    placed = np.flatnonzero(gaps == 0) if missing == "drop" else np.arange(len(frame))
    notes += _gap_notes(gaps, missing)
    for own in encoding.numbers:
        values = numbers[own.name][placed]
        numbers[own.name] = np.where(np.isnan(values), own.filling, values)
    unseen = np.zeros(len(placed), dtype=bool)
    for each in encoding.categories:
        given = codes[each.name][placed]
        codes[each.name] = np.where(given < 0, each.filling, given)
        unseen |= given >= len(each.values)
    return Newcomers(numbers, codes, placed, unseen, tuple(notes))


def _columns(frame: Any, encoding: Encoding) -> dict[str, pd.Series]:
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            f"New customers must be given as a pandas DataFrame, not {type(frame).__name__}."
        )
    names = list(map(str, frame.columns))
    features = [block.feature for block in encoding.blocks]
    lost = [name for name in features if name not in names]
    if lost:
        raise DataError(_not_there(lost, names), (lost[0],))
    found = {}
    for name in features:
        if names.count(name) > 1:
            raise DataError(f"Column {quoted(name)} stands twice among the new customers.", (name,))
        found[name] = frame.iloc[:, names.index(name)]
    return found


def _not_there(lost: list[str], names: list[str]) -> str:
    if len(lost) > 1:
        told = f"Columns {listed(lost)} are needed, as the model was made with them, and are"
    else:
        told = f"Column {quoted(lost[0])} is needed, as the model was made with it, and is"
        offer = did_you_mean(lost[0], names)
        if offer.endswith("?"):
            return f"{told} not among those of the new customers: {offer}"
    there = f"which are {listed(names)}" if names else "which have no column at all"
    return f"{told} not among those of the new customers, {there}."


def _unused(frame: pd.DataFrame, known: tuple[str, ...]) -> list[str]:
    extra = [name for name in map(str, frame.columns) if name not in known]
    if not extra:
        return []
    return [f"Not used, as the model was made without: {listed(extra)}."]


def _gap_notes(gaps: IntArray, missing: str) -> list[str]:
    rows, total = int((gaps > 0).sum()), int(gaps.sum())
    if not total:
        return []
    if missing == "drop":
        return [
            f"{rows:,} of {len(gaps):,} customers could not be placed for a missing feature; "
            "make the model with missing='median' to fill them."
        ]
    how = "median (categories: most frequent value)" if missing == "median" else "commonest value"
    return [f"{total:,} missing values were filled with the {how} of the customers of the model."]
