"""One part of a table in Parquet files: where it is, and reading it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mall_app.data.schemas import with_types
from mall_app.data.source import shorten
from mall_app.errors import DataError, did_you_mean

_BATCH_ROWS = 131_072


@dataclass(frozen=True)
class Part:
    """Rows of one file that follow each other, few enough to be held by a worker.

    Parameters
    ----------
    path : str
        Of the file.
    row_groups : tuple of int
        Positions in the file.
    n_rows : int
        Rows of the part.
    start : int
        Rows of the row groups that come before it; a large row group is several parts.
    keys : tuple of (str, int, str or None)
        Columns that stand in the names of folders, as in ``year=2026``, and their value here.
    schema : pyarrow.Schema, optional
        Types of all columns, keys included; without it they are as in the file.
    stamp : tuple of int, optional
        Size and time of the file when the table was opened.
    """

    path: str
    row_groups: tuple[int, ...]
    n_rows: int
    start: int = 0
    keys: tuple[tuple[str, int | str | None], ...] = ()
    schema: pa.Schema | None = None
    stamp: tuple[int, int] | None = None


def read_part(part: Part, columns: Sequence[str]) -> pa.Table:
    """Read some columns of a part.

    Parameters
    ----------
    part : Part
        From `PartitionedTable.parts`.
    columns : sequence of str
        Their names; no other is read.

    Raises
    ------
    DataError
        The file is gone, damaged, or another than when the table was opened.
    """
    try:
        return _read(part, list(columns))
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(part, error) from error


def take_rows(part: Part, columns: Sequence[str], wanted: Sequence[int]) -> pa.Table:
    """Read some rows of a part, and of its row groups only those they are in.

    Parameters
    ----------
    part, columns
        As in `read_part`.
    wanted : sequence of int
        Positions in the part, increasing.

    Raises
    ------
    DataError
        As `read_part`.
    """
    rows = np.asarray(wanted, dtype=np.int64)
    taken, begin = [], 0
    for piece in _by_row_group(part):
        inside = rows[np.searchsorted(rows, begin) : np.searchsorted(rows, begin + piece.n_rows)]
        if len(inside):
            taken.append(read_part(piece, columns).take(pa.array(inside - begin)))
        begin += piece.n_rows
    return pa.concat_tables(taken) if taken else read_part(part, columns).slice(0, 0)


def file_stamp(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Give size and time of change in nanoseconds of a file."""
    known = os.stat(path)
    return known.st_size, known.st_mtime_ns


def told(error: Exception) -> str:
    """Write what a library said as the end of a sentence."""
    text = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return text.rstrip(". ") + "."


def check_columns(columns: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a name that is no column.

    Raises
    ------
    DataError
        There is one; the sentence offers the nearest.
    """
    if isinstance(columns, str):
        raise DataError(f"columns must be a list of names, not {shorten(columns)}.")
    for name in columns:
        if name not in known:
            raise DataError(f"There is no column {shorten(name)}: {did_you_mean(str(name), known)}")
    if not columns or len(set(columns)) < len(columns):
        raise DataError("columns must name at least one column, and each of them once.")


def _read(part: Part, columns: list[str]) -> pa.Table:
    _check_unchanged(part)
    keys = dict(part.keys)
    own = [name for name in columns if name not in keys]
    with pq.ParquetFile(part.path, page_checksum_verification=True) as file:
        if part.start or part.n_rows < _rows_of(file, part):
            table = pa.Table.from_batches(_slices(file, part, own), _schema_of(file, own))
        else:
            table = file.read_row_groups(list(part.row_groups), columns=own)
    if table.num_rows != part.n_rows and own:
        raise DataError(_changed(part))
    for name in columns:
        if name in keys:
            table = table.append_column(name, pa.repeat(pa.scalar(keys[name]), part.n_rows))
    if part.schema is None:
        return table.select(columns)
    return with_types(table, pa.schema([part.schema.field(name) for name in columns]))


def _by_row_group(part: Part) -> Iterator[Part]:
    if len(part.row_groups) == 1:
        yield part
        return
    try:
        with pq.ParquetFile(part.path) as file:
            sizes = [file.metadata.row_group(own).num_rows for own in part.row_groups]
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(part, error) from error
    for own, n_rows in zip(part.row_groups, sizes, strict=True):
        if n_rows:
            yield replace(part, row_groups=(own,), n_rows=n_rows)


def _unreadable(part: Part, error: Exception) -> DataError:
    return DataError(f"{_named(part)} cannot be read: {told(error)}")


def _check_unchanged(part: Part) -> None:
    if not part.path:
        raise DataError(
            "A saved model has a sample of its table, and none of its files: open the table again."
        )
    if part.stamp is not None and file_stamp(part.path) != part.stamp:
        raise DataError(_changed(part))


def _changed(part: Part) -> str:
    return f"{_named(part)} was changed after the table was opened: open the table again."


def _named(part: Part) -> str:
    return f"The Parquet file {shorten(os.path.basename(part.path), 120)}"


def _rows_of(file: pq.ParquetFile, part: Part) -> int:
    return sum(file.metadata.row_group(own).num_rows for own in part.row_groups)


def _schema_of(file: pq.ParquetFile, columns: list[str]) -> pa.Schema:
    return pa.schema([file.schema_arrow.field(name) for name in columns])


def _slices(file: pq.ParquetFile, part: Part, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Give the rows of a part of a large row group; those before it are decoded and let go."""
    begin, end, position = part.start, part.start + part.n_rows, 0
    for batch in file.iter_batches(_BATCH_ROWS, list(part.row_groups), columns=columns):
        first, last = max(begin - position, 0), min(end - position, batch.num_rows)
        if first < last:
            yield batch.slice(first, last - first).select(columns)
        position += batch.num_rows
        if position >= end:
            return
