"""Plain CSV text to columns by Arrow's reader, which takes a tenth of the time of pandas' own.

It is used where both come to the same: no quotes, no spaces after a delimiter, every record as
long as the header. Whatever is not plainly a number is left as text, for others to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from mall_app.data.dialect import ONE_COLUMN, Dialect

_LARGEST_EXACT = 1e15
_BLOCK_BYTES = 4 << 20
_FIRST_BYTES = 1 << 16


@dataclass(frozen=True)
class Parsed:
    """What the rows below the header hold.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns numbered from 0: int64 or float64 where all values are plain numbers, else text.
    codes : dict of int to str
        Columns of whole numbers of which some have a zero ahead, and the first that has one.
    """

    frame: pd.DataFrame
    codes: dict[int, str]


def quick_parse(dialect: Dialect, has_zero_padded: bool) -> Parsed | None:
    """Read the rows below the header, or give None where it takes the reader of pandas.

    Parameters
    ----------
    dialect : Dialect
        How the text is written.
    has_zero_padded : bool
        Whether some field starts with a zero and another digit.
    """
    if not _is_plain(dialect):
        return None
    texts = [pa.string()] * len(dialect.header)
    types = texts if has_zero_padded else _types_of_first_rows(dialect)
    table = _read(dialect, types) or _read(dialect, texts)
    if table is None:
        return None
    lossy = [n for n, own in enumerate(table.columns) if _has_lost_something(own)]
    if lossy:
        written = _read(dialect, texts)
        assert written is not None
        for n in lossy:
            table = table.set_column(n, str(n), written.column(n))
    codes: dict[int, str] = {}
    columns = {}
    for position in range(table.num_columns):
        own, table = table.column(0), table.remove_column(0)  # what is taken over is let go
        first = _first_zero_padded(own) if has_zero_padded else None
        numbers = _numbers(own)
        if numbers is None or first is not None:
            if numbers is not None and numbers.dtype.kind == "i":
                codes[position] = str(first)
            numbers = pd.Series(own.to_pandas(), dtype="str")
        columns[position] = numbers
    return Parsed(pd.DataFrame(columns, copy=False), codes)


def _read(dialect: Dialect, types: list[pa.DataType]) -> pa.Table | None:
    """Read the rows with a type for each column; None where some row or value does not fit."""
    names = [str(n) for n in range(len(types))]
    try:
        return csv.read_csv(
            pa.BufferReader(dialect.data),
            csv.ReadOptions(
                block_size=_BLOCK_BYTES,
                skip_rows=dialect.header_line - dialect.first_line + 1,
                column_names=names,
            ),
            csv.ParseOptions(delimiter=dialect.delimiter, quote_char=False),
            csv.ConvertOptions(
                column_types=dict(zip(names, types, strict=True)),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:  # pandas tells which line is too long, and fills up those too short
        return None


def _types_of_first_rows(dialect: Dialect) -> list[pa.DataType]:
    end = dialect.data.rfind(b"\n", 0, _FIRST_BYTES) + 1
    few = replace(dialect, data=dialect.data[:end])
    table = _read(few, [pa.string()] * len(dialect.header)) if end else None
    if table is None or not table.num_rows:
        return [pa.string()] * len(dialect.header)
    return [_type_of(own) for own in table.columns]


def _type_of(texts: pa.ChunkedArray) -> pa.DataType:
    numbers = _numbers(texts)
    if numbers is None:
        return pa.string()
    return pa.int64() if numbers.dtype.kind == "i" else pa.float64()


def _has_lost_something(own: pa.ChunkedArray) -> bool:
    """Whether a column read as numbers holds what is none, or has more digits than a float."""
    return bool(pa.types.is_floating(own.type)) and _numbers(own) is None


def _is_plain(dialect: Dialect) -> bool:
    data, delimiter = dialect.data, dialect.delimiter.encode()
    if dialect.delimiter in (ONE_COLUMN, ";"):  # after a semicolon numbers have a decimal comma
        return False
    if b'"' in data or b"\v" in data or data.count(b"\r") != data.count(b"\r\n"):
        return False
    if b" " in data and (delimiter + b" " in data or b"\n " in data):
        return False
    return not any(letter in data and b"0" + letter in data for letter in (b"x", b"X"))


def _numbers(texts: pa.ChunkedArray) -> pd.Series | None:
    """Give the numbers that all texts are, as pandas would read them; None where some are not.

    What was read as numbers already is checked in the same way.
    """
    if texts.null_count == len(texts):
        return None
    if not texts.null_count and not pa.types.is_floating(texts.type):
        whole = _cast(texts, pa.int64())
        if whole is not None:
            return whole
    numbers = _cast(texts, pa.float64())
    if numbers is None or numbers.isna().sum() != texts.null_count:  # some text was "nan"
        return None
    return numbers if bool((numbers.abs().fillna(0) < _LARGEST_EXACT).all()) else None


def _cast(texts: pa.ChunkedArray, kind: pa.DataType) -> pd.Series | None:
    try:
        numbers: pd.Series = texts.cast(kind).to_pandas()
    except pa.ArrowInvalid:
        return None
    return numbers


def _first_zero_padded(texts: pa.ChunkedArray) -> str | None:
    starting = texts.filter(pc.starts_with(texts, pattern="0"))
    padded = starting.filter(pc.match_substring_regex(starting, pattern="^0[0-9]"))
    return str(padded[0]) if len(padded) else None
