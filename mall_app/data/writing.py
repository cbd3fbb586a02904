"""Any table that is read in one go, written to Parquet in pieces, so that its size is no bound."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mall_app.data.partitioned import PART_ROWS, PartitionedTable
from mall_app.data.parts import told
from mall_app.data.schemas import plain_schema, with_types
from mall_app.data.streaming import Stream, stream_of
from mall_app.data.unfinished import check_target, whole_folder
from mall_app.errors import DataError
from mall_app.progress import step


def write_parquet(
    source: Any,
    folder: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
    *,
    part_rows: int = PART_ROWS,
    overwrite: bool = False,
) -> PartitionedTable:
    """Write a table of any size to a folder of Parquet files, holding little of it at a time.

    Parameters
    ----------
    source : path, table of another library, or RecordBatchReader
        A CSV, Arrow, Feather or Parquet file, a folder of files of one such format, or what
        `read_table` takes through ``__arrow_c_stream__``. The dialect and the types of a CSV file
        are found from its first rows; `read_table` looks at all of them.
    folder : str or path
        Where to; it is there once everything is written, and not before.
    columns : sequence of str, optional
        The only ones that are written.
    part_rows : int
        Rows of a file.
    overwrite : bool, default False
        Whether it may take the place of a folder of Parquet files.

    Returns
    -------
    PartitionedTable
        What was written; give its path to `ClusteringModel` or `open_table`.

    Raises
    ------
    DataError
        The source cannot be read to its end, or there is something in the place of the folder.
    StoreError, StoreFull
        The folder cannot be written, or the disk is full; nothing is left of it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as here:
    ...     table = pa.table({"Age": [20, 30, 40]})
    ...     write_parquet(table, here + "/customers", part_rows=2).n_rows
    3
    """
    target = Path(folder)
    check_target(target, overwrite=overwrite)
    with stream_of(source, columns) as stream, whole_folder(target, overwrite=overwrite) as draft:
        n_rows = _write(stream, draft, part_rows)
        if not n_rows:
            raise DataError(f"The table is empty: {stream.name} has no rows.")
    return PartitionedTable.open(target)


def _write(stream: Stream, folder: Path, part_rows: int) -> int:
    """Write a file for every `part_rows` rows, and give how many rows there were."""
    schema = plain_schema(stream.schema)
    writer: pq.ParquetWriter | None = None
    n_rows = n_files = room = 0
    try:
        for batch in _batches(stream):
            rows = with_types(pa.Table.from_batches([batch]), schema)
            while rows.num_rows:
                if writer is None:
                    path = folder / f"part-{n_files:05d}.parquet"
                    writer, room = _writer(path, schema), part_rows
                    n_files += 1
                writer.write_table(rows.slice(0, room))
                taken = min(room, rows.num_rows)
                n_rows, room, rows = n_rows + taken, room - taken, rows.slice(taken)
                step(n_rows, 0, "Rows written")
                if not room:
                    writer.close()
                    writer = None
    finally:
        if writer is not None:
            writer.close()
    return n_rows


def _batches(stream: Stream) -> Iterator[pa.RecordBatch]:
    try:
        yield from stream.batches
    except (OSError, pa.ArrowException, UnicodeError) as error:
        raise DataError(f"{stream.name} cannot be read to its end: {told(error)}") from error


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, write_page_checksum=True)
