"""From a path to a table, held in memory when it fits."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from mall_app.data.partitioned import PartitionedTable
from mall_app.data.reading import read_table
from mall_app.data.table import Table

HELD_ROWS = 10_000_000
TableSource = pd.DataFrame | Table | str | os.PathLike[str]


def open_table(path: str | os.PathLike[str], engine: str = "auto") -> Table:
    """Open a file of customers, or a folder of Parquet files.

    Parameters
    ----------
    path : str or path
        CSV, or Parquet: a file that ends in ``.parquet`` or a folder of them.
    engine : {"auto", "local", "dask"}
        With ``"dask"`` a Parquet table stays in its files, with ``"auto"`` one of more than
        10 million rows.

    Raises
    ------
    DataError
        It cannot be read.
    """
    if not (Path(path).is_dir() or str(path).endswith(".parquet")):
        return Table.from_frame(read_table(path))
    whole = PartitionedTable.open(path)
    if engine == "dask" or (engine == "auto" and whole.n_rows > HELD_ROWS):
        return Table.from_parts(whole)
    return Table.from_frame(pd.read_parquet(path))


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
