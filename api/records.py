"""Inline rows to a table, and what that did to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from mall_app.data.report import ColumnReport, DataReport
from mall_app.data.table import Table
from mall_app.errors import DataError

Row = Mapping[str, Any]
MOST_COLUMNS = 1000
# A row names only the columns it has, so a small body could ask for an enormous empty table.
_CELLS_OF_ANY_TABLE = 1_000_000
_CELLS_PER_VALUE = 4
_KINDS = MappingProxyType({bool: "true/false", float: "numbers", int: "numbers", str: "text"})


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
        No column holds numbers, there are too many columns, or next to nothing in them.
    """
    frame = frame_of(records)
    notes = {name: _make_uniform(frame, name) for name in frame.columns}
    table = Table.from_frame(frame)
    columns = tuple(
        ColumnReport(name, table.roles[name], int(frame[name].isna().sum()), notes[name])
        for name in frame.columns
    )
    return table, DataReport(
        len(frame), len(frame), delimiter="", columns=columns, format="records"
    )


def frame_of(records: Sequence[Row]) -> pd.DataFrame:
    """Make a frame of rows that have passed the schema, the values as they are.

    Raises
    ------
    DataError
        There are too many columns, or next to nothing in them.
    """
    _check_shape(records)
    return pd.DataFrame.from_records(list(records))


def _check_shape(records: Sequence[Row]) -> None:
    columns = len(set().union(*records))
    if columns > MOST_COLUMNS:
        raise DataError(f"records must have at most {MOST_COLUMNS:,} columns, not {columns:,}.")
    given = sum(map(len, records))
    if len(records) * columns > max(_CELLS_OF_ANY_TABLE, _CELLS_PER_VALUE * given):
        raise DataError(
            f"records must fill at least one cell in {_CELLS_PER_VALUE}, not {given:,} of "
            f"{len(records):,} rows by {columns:,} columns."
        )


def _make_uniform(frame: pd.DataFrame, name: str) -> str:
    """Read a column that mixes kinds as text, as a CSV would; give a note when that was done."""
    column = frame[name]
    if column.dtype != object or not pd.api.types.infer_dtype(column).startswith("mixed"):
        return ""
    frame[name] = [None if pd.isna(value) else str(value) for value in column]
    kinds = sorted({_KINDS[type(value)] for value in column if not pd.isna(value)})
    return f"Mixes {', '.join(kinds[:-1])} and {kinds[-1]}, so it is read as text."
