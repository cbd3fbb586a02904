"""Some customers with their segment and how sure it is, whatever the size of the table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mall_app.data.table import Table
from mall_app.geometry.points import IntArray
from mall_app.labelled import labelled, places_of, whole_numbers
from mall_app.result import ClusteringResult


def customer_rows(
    table: Table, result: ClusteringResult, rows: IntArray | None = None
) -> pd.DataFrame:
    """Give customers with their segment, the second segment and the margin to it.

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
    pandas.DataFrame of shape (n_rows, n_columns + 3)
        A customer that was left out has no segment.
    """
    frame = labelled(table, result, rows)
    place, known = places_of(result, np.arange(len(table)) if rows is None else rows)
    second, margin = result.doubt.second, result.doubt.margin[place].astype(np.float64)
    has_second = known & (second[place] >= 0)
    others = whole_numbers(second, place, has_second)
    frame = frame.assign(**{_free("second segment", frame): others})
    return frame.assign(**{_free("margin", frame): np.where(known, margin.round(2), np.nan)})


def sorted_rows(
    table: Table, result: ClusteringResult, rows: IntArray | None, name: str, falling: bool
) -> IntArray:
    """Give rows in the order of a column of `customer_rows`; those without a value come last.

    Parameters
    ----------
    table : Table
        The customers.
    result : ClusteringResult
        Their segments.
    rows : ndarray of int, optional
        Which rows; by default all.
    name : str
        A column.
    falling : bool
        Whether the largest comes first.
    """
    every = np.arange(len(table)) if rows is None else rows
    values = (
        table.frame[name].iloc[every]
        if name in table.frame
        else customer_rows(table, result, rows)[name]
    )
    order = values.reset_index(drop=True).sort_values(
        ascending=not falling, kind="stable", na_position="last"
    )
    return every[order.index.to_numpy()]


def _free(name: str, frame: pd.DataFrame) -> str:
    """Give a name that no column of the table has."""
    while name in frame:
        name += " of the fit"
    return name
