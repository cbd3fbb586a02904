"""Reading a table that somebody brings, whatever it comes in, and saying what was done to it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd

from mall_app.data.arrow import from_stream, read_arrow
from mall_app.data.csv_table import read_csv
from mall_app.data.formats import format_of, head_of, is_folder
from mall_app.data.frames import to_frame
from mall_app.data.partitioned import PartitionedTable
from mall_app.data.parts import check_columns
from mall_app.data.report import ATTRIBUTE, ColumnReport, DataReport
from mall_app.data.roles import column_role
from mall_app.data.source import Source, source_bytes
from mall_app.memory import give_back

MAX_BYTES = 1 << 30


class ArrowStream(Protocol):
    """Anything that gives its rows in Arrow's layout: a table of pyarrow, Polars or DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give the rows."""


def read_table(
    source: Source | ArrowStream | pd.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    max_bytes: int = MAX_BYTES,
) -> pd.DataFrame:
    r"""Read a table of customers: CSV, Parquet, Arrow, Feather, or one of another library.

    What a file is, is found from its content, not from its name. Of CSV the encoding, the
    delimiter and the decimal mark are found too; empty fields and ``?``, ``-``, ``NA``, ``N/A``,
    ``null`` and their like are missing; codes such as ``007`` stay text; the Mall table's own
    columns get their usual names when they are spelled in another way.

    Parameters
    ----------
    source : str, path, bytes, open file, DataFrame, or table of another library
        The table. A string is a path on this machine, never a web address; a folder is one of
        Parquet files, where ``key=value`` in the name of a folder is a column. Tables of pyarrow,
        Polars and DuckDB are read through ``__arrow_c_stream__``.
    columns : sequence of str, optional
        The columns that are wanted, in this order. Of Parquet, Arrow and Feather nothing else is
        read; a CSV file is gone through whole, since all of it tells its dialect.
    max_bytes : int
        The largest CSV file, or content given as bytes or as an open file, that is read;
        characters count for a file open as text.

    Returns
    -------
    pandas.DataFrame of shape (n_rows, n_columns)
        From CSV, int64 columns where every number is whole and none is missing, float64 for other
        numbers, and text; from other formats the types they have, decimals as float64 and text in
        codes as a category. ``frame.attrs["data_report"]`` holds what was done, as plain JSON
        values; give the frame to `data_report` to have it as a `DataReport`.

    Raises
    ------
    DataError
        The content cannot be used as a table, or has no such column; the message says why.

    Examples
    --------
    >>> from mall_app.data import data_report
    >>> frame = read_table("Kunde;Größe\n007;1,5\n008;\n".encode("cp1252"))
    >>> frame["Größe"].tolist(), frame["Kunde"].tolist()
    ([1.5, nan], ['007', '008'])
    >>> data_report(frame).encoding
    'latin-1'
    >>> import pyarrow as pa
    >>> read_table(pa.table({"Age": [20, 30], "Visits": [1, 2]}), columns=["Age"])["Age"].tolist()
    [20, 30]
    """
    if isinstance(source, pd.DataFrame):
        return selected(source, columns)
    if isinstance(source, (str, os.PathLike)):
        return _read_path(source, columns, max_bytes)
    if hasattr(source, "__arrow_c_stream__"):
        return reported(to_frame(from_stream(source, columns)), "table")
    content = source_bytes(source, max_bytes)
    form = format_of(content) if isinstance(content, bytes) else "CSV"
    if form == "CSV":
        return selected(read_csv(content), columns)
    assert isinstance(content, bytes)
    return reported(to_frame(read_arrow(content, form, columns)), form)


def reported(
    frame: pd.DataFrame, form: str, n_rows: int | None = None, notes: Sequence[str] = ()
) -> pd.DataFrame:
    """Add a report to a frame that came with its types.

    Parameters
    ----------
    frame : pandas.DataFrame
        What was read.
    form : str
        What it was read from, as in `DataReport`.
    n_rows : int, optional
        Rows of the table that it is a sample of.
    notes : sequence of str
        What else is to be said.
    """
    columns = tuple(
        ColumnReport(name, column_role(frame[name]), int(frame[name].isna().sum()))
        for name in map(str, frame)
    )
    give_back(len(frame))  # what Arrow read is copied, but its memory would stay reserved
    n_rows = len(frame) if n_rows is None else n_rows
    frame.attrs[ATTRIBUTE] = DataReport(
        n_rows, n_rows, "", "", "", columns=columns, notes=tuple(notes), format=form
    ).to_dict()
    return frame


def _read_path(
    path: str | os.PathLike[str], columns: Sequence[str] | None, max_bytes: int
) -> pd.DataFrame:
    if is_folder(path):
        whole = PartitionedTable.open(path, columns=columns)
        return reported(whole.read(), "Parquet", notes=_files_note(whole))
    form = format_of(head_of(path))
    if form == "CSV":
        return selected(read_csv(source_bytes(path, max_bytes)), columns)
    return reported(to_frame(read_arrow(path, form, columns)), form)


def _files_note(whole: PartitionedTable) -> list[str]:
    n_files = len({part.path for part in whole.parts})
    return [f"Read from {n_files:,} files."] if n_files > 1 else []


def selected(frame: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    """Give some columns of a frame; its report speaks of these alone."""
    if columns is None:
        return frame
    check_columns(columns, list(map(str, frame)))
    chosen = frame[list(columns)]
    report: dict[str, Any] | None = frame.attrs.get(ATTRIBUTE)
    if report is not None:
        own = {column["name"]: column for column in report["columns"]}
        kept = [own[name] for name in columns if name in own]
        chosen.attrs[ATTRIBUTE] = {**report, "columns": kept}
    return chosen
