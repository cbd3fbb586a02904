"""A CSV file of any size in batches, its dialect and types found from its first rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from mall_app.data.columns import MISSING, MISSING_NUMBERS
from mall_app.data.csv_table import read_csv
from mall_app.data.dialect import find_dialect
from mall_app.data.headers import clean_headers
from mall_app.data.report import data_report
from mall_app.data.source import shorten
from mall_app.data.text import as_text
from mall_app.errors import DataError

_HEAD_BYTES = 1 << 20
_BLOCK_BYTES = 4 << 20


def csv_batches(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Open a CSV file for reading it in batches.

    Whole numbers of the first rows may be fractions further down, so every number is float64,
    but for those of identifiers.

    Raises
    ------
    DataError
        The first rows cannot be read as a table, or hold numbers that need every row to be
        understood: with a sign of money, or with thousands separated.
    """
    head, encoding = _head(path)
    frame = read_csv(head)
    report = data_report(frame)
    assert report is not None
    text = as_text(head)
    dialect = find_dialect(text.data)
    cleaned = clean_headers(dialect.header).names
    names = [
        report.renamed.get(old, report.renamed.get(new, new))
        for old, new in zip(dialect.header, cleaned, strict=True)
    ]
    kept = [name for name in names if name in frame]
    notes = {column.name: column.note for column in report.columns}
    types = {name: _type(frame[name], notes[name]) for name in kept}
    reader = csv.open_csv(
        path,
        csv.ReadOptions(
            block_size=_BLOCK_BYTES,
            skip_rows=dialect.header_line,
            column_names=names,
            encoding=encoding,
        ),
        csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True),
        csv.ConvertOptions(
            column_types=types,
            include_columns=kept,
            null_values=_spellings(frame, kept),
            strings_can_be_null=True,
            decimal_point=report.decimal,
        ),
    )
    return reader.schema, iter(reader)


def _head(path: Path) -> tuple[bytes, str]:
    """Give whole lines of the start of a file, and the encoding of all of it."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if len(head) == _HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head
    encoding = as_text(head).encoding
    return head, "utf-8" if encoding.startswith("utf-8") else encoding


def _type(column: pd.Series, note: str) -> pa.DataType:
    if column.dtype.kind not in "if":
        return pa.large_string()
    if "thousands separators" in note or "was taken off" in note:
        raise DataError(
            f"Column {shorten(column.name)} holds numbers that are not plain ({note}), which are "
            "only understood when the table is read as a whole: use read_table."
        )
    from mall_app.data.roles import is_identifier_name

    return pa.int64() if is_identifier_name(str(column.name)) else pa.float64()


def _spellings(frame: pd.DataFrame, kept: list[str]) -> list[str]:
    texts = MISSING | (MISSING_NUMBERS if all(frame[n].dtype.kind in "if" for n in kept) else set())
    found: set[str] = set()
    for own in texts:
        found |= {own, own.upper(), own.capitalize(), own.title()}
    return sorted(found)
