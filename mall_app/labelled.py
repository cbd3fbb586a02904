"""The table with the segment of each customer as a column."""

from __future__ import annotations

from collections.abc import Container

import pandas as pd

from mall_app.data.table import Table
from mall_app.result import ClusteringResult


def labelled(table: Table, result: ClusteringResult) -> pd.DataFrame:
    """Give the customers with their segment as a last column.

    Returns
    -------
    pandas.DataFrame of shape (n_rows, n_columns + 1)
        ``segment`` is Int64: -1 is noise, missing is a customer that was left out. A column of
        that name in the table is kept; the new one is then called ``segment_2`` and so on.
    """
    name = unused_name(table.frame, "segment")
    return table.frame.assign(**{name: pd.array(result.labels_of_rows(), dtype="Int64")})


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
