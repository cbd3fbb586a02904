"""The table with the segment of each customer as a column."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import numpy.typing as npt
import pandas as pd

from mall_app.data.table import Table
from mall_app.geometry.points import IntArray
from mall_app.result import ClusteringResult

Flags = npt.NDArray[np.bool_]


def labelled(table: Table, result: ClusteringResult, rows: IntArray | None = None) -> pd.DataFrame:
    """Give the customers with their segment as a last column.

    Parameters
    ----------
    table : Table
        The customers.
    result : ClusteringResult
        Their segments.
    rows : ndarray of int, optional
        Which rows of the table; by default all. Of the others nothing is read.

    Returns
    -------
    pandas.DataFrame of shape (n_rows, n_columns + 1)
        ``segment`` is Int64: -1 is noise, missing is a customer that was left out. A column of
        that name in the table is kept; the new one is then called ``segment_2`` and so on.
    """
    frame = table.frame if rows is None else table.frame.iloc[rows]
    place, known = places_of(result, np.arange(len(table)) if rows is None else rows)
    name = unused_name(table.frame, "segment")
    return frame.assign(**{name: whole_numbers(result.labels, place, known)})


def places_of(result: ClusteringResult, rows: IntArray) -> tuple[IntArray, Flags]:
    """Give the position of rows of the table in ``result.labels``, and whether they have one."""
    if len(result.rows) == result.n_rows:
        return rows, np.ones(len(rows), dtype=bool)
    place = np.minimum(np.searchsorted(result.rows, rows), len(result.rows) - 1)
    return place, result.rows[place] == rows


def whole_numbers(values: IntArray, place: IntArray, known: Flags) -> pd.arrays.IntegerArray:
    """Give values of some places as a column, with gaps where they are not known."""
    return pd.arrays.IntegerArray(values[place].astype(np.int64), ~known)


def unused_name(taken: Container[str], wanted: str) -> str:
    """Give a name that is not taken: the wanted one, or with ``_2``, ``_3`` and so on.

    Examples
    --------
    >>> unused_name(["segment"], "segment")
    'segment_2'
    """
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
