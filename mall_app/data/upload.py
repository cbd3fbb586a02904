"""A table that somebody sent, kept as one Parquet file together with what reading it did."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mall_app.data.formats import Format, format_of
from mall_app.data.parts import told
from mall_app.data.reading import read_table
from mall_app.data.report import ATTRIBUTE
from mall_app.data.table import Table
from mall_app.errors import DataError

MOST_CELLS = 200_000_000
_ABOUT = b"mall_app"


def keep_content(draft: Path, content: bytes, form: Format, name: str | None) -> int:
    """Read what was sent, see that it can be clustered, and write it as Parquet.

    Meant for a worker: what was sent may be made to take all memory or time there is.

    Parameters
    ----------
    draft : Path
        The file to write.
    content : bytes
        As it came.
    form : str
        What it was declared as.
    name : str or None
        What it is to be called.

    Returns
    -------
    int
        Its rows.

    Raises
    ------
    DataError
        It is another format, cannot be read, or is no table to cluster.
    """
    found = format_of(content)
    if found != form:
        raise DataError(f"The body is declared as {form}, but its content is {found}.")
    if form != "CSV":
        _refuse_huge(content, form)
    table = Table.from_frame(read_table(content))
    keep_frame(draft, table.frame, name)
    return len(table)


def keep_frame(draft: Path, frame: pd.DataFrame, name: str | None) -> None:
    """Write a frame that was read, with its report.

    Raises
    ------
    DataError
        A column cannot be written.
    OSError
        The file cannot be written.
    """
    about = {
        "name": name,
        "added": datetime.now(UTC).isoformat(timespec="seconds"),
        "report": frame.attrs[ATTRIBUTE],
    }
    bare = frame.copy(deep=False)
    bare.attrs = {}
    try:
        table = pa.Table.from_pandas(bare, preserve_index=False)
    except (pa.ArrowException, UnicodeEncodeError) as error:
        raise DataError(f"The table cannot be kept: {told(error)}") from error
    table = table.replace_schema_metadata({_ABOUT: json.dumps(about).encode()})
    pq.write_table(table, draft, write_page_checksum=True)


def about_upload(path: Path) -> dict[str, Any] | None:
    """Give the name, the time and the report of an upload; None for any other table.

    Raises
    ------
    DataError
        The file is damaged.
    FileNotFoundError
        There is none any longer.
    """
    if path.is_dir():
        return None
    try:
        footer = pq.read_metadata(path)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise DataError("The file is damaged.") from error
    metadata = footer.metadata or {}
    if _ABOUT not in metadata:
        return None
    about: dict[str, Any] = json.loads(metadata[_ABOUT])
    return {**about, "n_rows": footer.num_rows}


def _refuse_huge(content: bytes, form: Format) -> None:
    """Refuse a small body that is an enormous table once it is unpacked."""
    try:
        for n_rows, n_columns in _SIZES[form](content):
            cells = n_rows * n_columns
            if cells > MOST_CELLS:
                raise DataError(
                    f"The table has {cells:,} values or more; at most {MOST_CELLS:,} are taken "
                    "from afar. The operator can put its file into the folder of datasets."
                )
    except (OSError, pa.ArrowException):
        return  # reading it says what is wrong


def _parquet_size(content: bytes) -> Iterator[tuple[int, int]]:
    footer = pq.read_metadata(pa.BufferReader(content))
    yield footer.num_rows, footer.num_columns


def _file_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Give rows and columns as far as was looked; of the columns only the first is unpacked."""
    file = pa.ipc.open_file(pa.BufferReader(content), options=_FIRST_COLUMN)
    n_columns = len(pa.ipc.open_file(pa.BufferReader(content)).schema)
    n_rows = 0
    for position in range(file.num_record_batches):
        n_rows += file.get_batch(position).num_rows
        yield n_rows, n_columns


def _stream_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    n_columns = len(pa.ipc.open_stream(pa.BufferReader(content)).schema)
    n_rows = 0
    for batch in pa.ipc.open_stream(pa.BufferReader(content), options=_FIRST_COLUMN):
        n_rows += batch.num_rows
        yield n_rows, n_columns


_FIRST_COLUMN = pa.ipc.IpcReadOptions(included_fields=[0])
_SIZES: Mapping[Format, Callable[[bytes], Iterator[tuple[int, int]]]] = MappingProxyType(
    {"Parquet": _parquet_size, "Arrow file": _file_sizes, "Arrow stream": _stream_sizes}
)
