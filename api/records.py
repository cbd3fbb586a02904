"""Inline rows to a table, and what that did to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mall_app.data.report import ColumnReport, DataReport
from mall_app.data.table import Table

Row = Mapping[str, Any]


def table_of(records: Sequence[Row]) -> tuple[Table, DataReport]:
    """Make a table of rows that have passed the schema.

    Parameters
    ----------
    records : sequence of mapping
        One mapping of column name to number, text, bool or None for each customer.

    Returns
    -------
    table : Table
        The columns in the order they first appear.
    report : DataReport
        Roles, missing values, and what was read as text.

    Raises
    ------
    DataError
        No column holds numbers.
    """
    frame = pd.DataFrame.from_records(list(records))
    notes = {name: _make_uniform(frame, name) for name in frame.columns}
    table = Table.from_frame(frame)
    columns = tuple(
        ColumnReport(name, table.roles[name], int(frame[name].isna().sum()), notes[name])
        for name in frame.columns
    )
    return table, DataReport(len(frame), len(frame), delimiter="", columns=columns)


def _make_uniform(frame: pd.DataFrame, name: str) -> str:
    """Read a column that mixes kinds as text, as a CSV would; give a note when that was done."""
    column = frame[name]
    if column.dtype != object or not pd.api.types.infer_dtype(column).startswith("mixed"):
        return ""
    frame[name] = [None if pd.isna(value) else str(value) for value in column]
    return "Mixes numbers and text, so it is read as text."
