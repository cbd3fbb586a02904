"""The rows of a table one batch after the other, whatever it comes in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from mall_app.data.csv_stream import csv_batches
from mall_app.data.dialect import check_width
from mall_app.data.formats import Format, format_of, head_of
from mall_app.data.partitioned import PartitionedTable
from mall_app.data.parts import check_columns, read_part, told
from mall_app.data.schemas import joined, plain_schema, with_types
from mall_app.data.source import shorten
from mall_app.errors import DataError

Columns = Sequence[str] | None


@dataclass(frozen=True)
class Stream:
    """Rows that are read as they are asked for.

    Parameters
    ----------
    name : str
        Where they are from, for messages.
    schema : pyarrow.Schema
        Of every batch.
    batches : iterator of pyarrow.RecordBatch
        The rows, in their order.
    """

    name: str
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


@contextmanager
def stream_of(source: Any, columns: Columns) -> Iterator[Stream]:
    """Open a table for reading it in batches; see `mall_app.data.writing.write_parquet`.

    Raises
    ------
    DataError
        It cannot be opened, or has no such column.
    """
    if isinstance(source, (str, os.PathLike)):
        with _path_stream(Path(source), columns) as stream:
            yield stream
    elif hasattr(source, "__arrow_c_stream__"):
        with pa.RecordBatchReader.from_stream(source) as reader:
            name = f"The {type(source).__name__}"
            yield _chosen(Stream(name, reader.schema, iter(reader)), columns)
    else:
        raise DataError(
            "A table is streamed from a path or from __arrow_c_stream__, not from a value of type "
            f"{type(source).__name__}."
        )


@contextmanager
def _path_stream(path: Path, columns: Columns) -> Iterator[Stream]:
    shown = shorten(path, 120)
    forms = {_form(own) for own in _files(path)}
    if not forms:
        raise DataError(f"The folder {shown} has no files to read.")
    if len(forms) > 1:
        names = " and ".join(sorted(forms))
        raise DataError(f"The folder {shown} has files of several formats: {names}.")
    [form] = forms
    if form == "Parquet":
        yield _parquet(path, columns)
        return
    try:
        with _one_after_the_other(_files(path), form, columns) as stream:
            yield stream
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{shown} cannot be read: {told(error)}") from error


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    own = (file for file in path.iterdir() if file.is_file())
    return sorted(file for file in own if not file.name.startswith((".", "_")))


def _form(path: Path) -> Format:
    if not path.exists():
        raise DataError(f"There is no file {shorten(path, 120)}.")
    return format_of(head_of(path))


def _parquet(path: Path, columns: Columns) -> Stream:
    whole = PartitionedTable.open(path, columns=columns)
    schema = whole.parts[0].schema

    def batches() -> Iterator[pa.RecordBatch]:
        for part in whole.parts:
            yield from read_part(part, whole.columns).to_batches()

    return Stream(f"The table {shorten(path, 120)}", schema, batches())


@contextmanager
def _one_after_the_other(files: list[Path], form: Format, columns: Columns) -> Iterator[Stream]:
    """Stream files of one format; the columns are those of the first, the types those of all."""
    schemas = [_open(file, form)[0] for file in files]
    schema = plain_schema(schemas[0])
    for file, own in zip(files[1:], schemas[1:], strict=True):
        schema = joined(schema, plain_schema(own), files[0].name, file.name)

    def batches() -> Iterator[pa.RecordBatch]:
        for file in files:
            for batch in _open(file, form)[1]:
                yield from with_types(pa.Table.from_batches([batch]), schema).to_batches()

    yield _chosen(Stream(f"The file {shorten(files[0].name)}", schema, batches()), columns)


def _open(path: Path, form: Format) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    if form == "CSV":
        return csv_batches(path)
    if form == "Arrow stream":
        reader = pa.ipc.open_stream(pa.OSFile(os.fspath(path)))
        return reader.schema, iter(reader)
    file = pa.ipc.open_file(pa.OSFile(os.fspath(path)))
    return file.schema, map(file.get_batch, range(file.num_record_batches))


def _chosen(stream: Stream, columns: Columns) -> Stream:
    if columns is None:
        check_width(len(stream.schema))
        return stream
    check_columns(columns, stream.schema.names)
    schema = pa.schema([stream.schema.field(name) for name in columns])
    return Stream(stream.name, schema, (batch.select(list(columns)) for batch in stream.batches))
