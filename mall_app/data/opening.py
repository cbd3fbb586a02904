"""From a path to a table, held in memory when it fits."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pandas as pd

from mall_app.data.formats import format_of, head_of, is_folder
from mall_app.data.partitioned import PartitionedTable
from mall_app.data.reading import read_table, reported
from mall_app.data.table import Table

HELD_ROWS = 10_000_000
TableSource = pd.DataFrame | Table | str | os.PathLike[str]


def open_table(
    path: str | os.PathLike[str],
    engine: str = "auto",
    columns: Sequence[str] | None = None,
    *,
    held_rows: int = HELD_ROWS,
    held_bytes: int | None = None,
) -> Table:
    """Open a file of customers, or a folder of Parquet files.

    Parameters
    ----------
    path : str or path
        CSV, Parquet, Arrow or Feather, told by its content; or a folder of Parquet files.
    engine : {"auto", "local", "dask"}
        With ``"dask"`` a Parquet table stays in its files, with ``"auto"`` one that is larger
        than what is held.
    columns : sequence of str, optional
        The only columns the table is to have; see `read_table`.
    held_rows : int
        The most rows that are held in memory with ``"auto"``.
    held_bytes : int, optional
        The most bytes of values that are.

    Raises
    ------
    DataError
        It cannot be read.
    """
    if not is_folder(path) and format_of(head_of(path)) != "Parquet":
        return Table.from_frame(read_table(path, columns))
    whole = PartitionedTable.open(path, columns=columns)
    too_large = whole.n_rows > held_rows or (held_bytes is not None and whole.n_bytes > held_bytes)
    if engine == "dask" or (engine == "auto" and too_large):
        table = Table.from_parts(whole)
        note = f"The files stay where they are; {len(table):,} rows drawn evenly are shown."
        reported(table.frame, "Parquet", whole.n_rows, [note])
        return table
    return Table.from_frame(read_table(path, columns))


def as_table(data: TableSource, engine: str = "auto") -> Table:
    """Give the table of whatever holds one; see `open_table` for a path.

    Raises
    ------
    DataError
        It cannot be made a table.
    """
    if isinstance(data, Table):
        return data
    if isinstance(data, (str, os.PathLike)):
        return open_table(data, engine)
    return Table.from_frame(data)
