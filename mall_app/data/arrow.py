"""Columns that come in Arrow's layout: from files, streams, and libraries that speak it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mall_app.data.dialect import check_width
from mall_app.data.formats import Format
from mall_app.data.parts import check_columns, told
from mall_app.data.schemas import check_names, is_index_column
from mall_app.data.source import shorten
from mall_app.errors import DataError

Columns = Sequence[str] | None


def read_arrow(source: bytes | str | os.PathLike[str], form: Format, columns: Columns) -> pa.Table:
    """Read some columns of a file, or all; of no other is anything read where that can be helped.

    Parameters
    ----------
    source : bytes or path
        The file.
    form : str
        What it is; see `format_of`.
    columns : sequence of str, optional
        The ones that are wanted.

    Raises
    ------
    DataError
        It is damaged, or has no such column.
    """
    name = "The content" if isinstance(source, bytes) else shorten(Path(source).name)
    try:
        with _opened(source) as file:
            table = _READERS[form](file, columns)
        table.validate(full=form != "Parquet")  # what a Parquet file holds was checked in reading
    except (OSError, pa.ArrowException, ValueError) as error:
        if isinstance(error, DataError):
            raise
        said = "a Parquet file" if form == "Parquet" else f"an {form}"
        raise DataError(f"{name} starts as {said} but is damaged: {told(error)}") from error
    return table


def from_stream(source: Any, columns: Columns) -> pa.Table:
    """Take the rows of anything with ``__arrow_c_stream__``, such as a Polars or DuckDB table.

    Raises
    ------
    DataError
        It has no such column, or fails while it is read.
    """
    try:
        with pa.RecordBatchReader.from_stream(source) as reader:
            names = _chosen(reader.schema.names, columns)
            batches = [batch.select(names) for batch in reader]
            fields = [reader.schema.field(name) for name in names]
            return pa.Table.from_batches(batches, pa.schema(fields))
    except (OSError, pa.ArrowException, TypeError) as error:
        raise DataError(
            f"The rows of the {type(source).__name__} cannot be read: {told(error)}"
        ) from error


def _opened(source: bytes | str | os.PathLike[str]) -> pa.NativeFile:
    if isinstance(source, bytes):
        return pa.BufferReader(source)
    return pa.OSFile(os.fspath(source))


def _read_parquet(file: pa.NativeFile, columns: Columns) -> pa.Table:
    with pq.ParquetFile(file, page_checksum_verification=True) as parquet:
        names = _chosen(parquet.schema_arrow.names, columns)
        return parquet.read(columns=names).select(names)


def _read_file(file: pa.NativeFile, columns: Columns) -> pa.Table:
    known = pa.ipc.open_file(file).schema.names
    names = _chosen(known, columns)
    options = pa.ipc.IpcReadOptions(included_fields=[known.index(name) for name in names])
    return pa.ipc.open_file(file, options=options).read_all().select(names)


def _read_stream(file: pa.NativeFile, columns: Columns) -> pa.Table:
    reader = pa.ipc.open_stream(file)
    names = _chosen(reader.schema.names, columns)
    batches = [batch.select(names) for batch in reader]
    return pa.Table.from_batches(batches, pa.schema([reader.schema.field(n) for n in names]))


_READERS = {"Parquet": _read_parquet, "Arrow file": _read_file, "Arrow stream": _read_stream}


def _chosen(known: Sequence[str], columns: Columns) -> list[str]:
    check_names(known)
    if columns is None:
        check_width(len(known))
        return [name for name in known if not is_index_column(name)]
    check_columns(columns, known)
    return list(columns)
