"""From text to a frame by pandas' own reader, with the numbers it would spoil left as text."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from mall_app.data.dialect import Dialect, refuse_long_records, short_lines
from mall_app.data.quick_parsing import Parsed, quick_parse
from mall_app.errors import DataError

_CHUNK = 1 << 20


def parse(dialect: Dialect) -> Parsed:
    """Read the rows below the header.

    Columns in which pandas finds only plain numbers are int64 or float64, all others are text.

    Raises
    ------
    DataError
        There are no rows, one has more fields than the header, or a quote is never closed.
    """
    start = dialect.records()
    next(start)
    first = next(start, None)
    if first is None:
        raise DataError("The table has a header but no rows below it.")
    if len(first.fields) > len(dialect.header):  # pandas would take the first field as an index
        refuse_long_records(dialect)
    has_zero_padded = _has_zero_padded(dialect)
    quick = quick_parse(dialect, has_zero_padded)
    if quick is not None:
        return quick
    try:
        frame = _read(dialect)
    except pd.errors.ParserError as error:
        raise _reason(dialect, error) from error
    if has_zero_padded:
        frame = _with_zero_padded(frame, dialect)
    positions = range(frame.shape[1])
    lossy = [n for n in positions if _has_lost_something(frame[n])]
    return Parsed(as_written(frame, dialect, lossy), {})


def as_written(frame: pd.DataFrame, dialect: Dialect, columns: list[int]) -> pd.DataFrame:
    """Put the text of `columns` as the file has it in the place of what pandas made of it."""
    if not columns:
        return frame
    texts = _read(dialect, columns)
    return pd.DataFrame({name: texts.get(name, frame[name]) for name in frame})


def short_rows_note(dialect: Dialect, n_rows: int) -> list[str]:
    """Say which lines have fewer fields than the header; pandas fills them up as missing."""
    lines = short_lines(dialect, n_rows + 1)
    if not lines:
        return []
    shown = ", ".join(str(line) for line in lines[:10]) + (", ..." if len(lines) > 10 else "")
    count = "1 row has" if len(lines) == 1 else f"{len(lines):,} rows have"
    return [
        f"{count} fewer fields than the header, and the rest was taken as missing "
        f"({'line' if len(lines) == 1 else 'lines'} {shown})."
    ]


def _read(dialect: Dialect, as_text: list[int] | None = None) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(dialect.data),
        sep=dialect.delimiter,
        encoding="utf-8",
        header=0,
        names=range(len(dialect.header)),
        usecols=as_text,
        dtype=None if as_text is None else "str",
        keep_default_na=False,
        na_values=[""],
        skipinitialspace=True,
        low_memory=False,
    )


def _reason(dialect: Dialect, error: Exception) -> DataError:
    refuse_long_records(dialect)
    last = 1
    for record in dialect.records():
        last = record.line
    if "inside string" in str(error):
        return DataError(f"A quote in the row that starts on line {last} is never closed.")
    return DataError("The text cannot be taken apart into rows and fields as a CSV file.")


def _has_lost_something(column: pd.Series) -> bool:
    """Whether pandas made words or many digits into a value that is not what was written."""
    if column.dtype == "str" or column.dtype.kind == "i":
        return False
    return column.dtype.kind != "f" or bool((column.abs() >= 1e15).any())


def _with_zero_padded(frame: pd.DataFrame, dialect: Dialect) -> pd.DataFrame:
    """Keep the columns as text that have a number written with zeros ahead."""
    numeric = [n for n in range(frame.shape[1]) if frame[n].dtype.kind in "if"]
    texts = _read(dialect, numeric)
    padded = [n for n in numeric if texts[n].str.match(r"0\d").any()]
    return pd.DataFrame({n: texts[n] if n in padded else frame[n] for n in frame})


def _has_zero_padded(dialect: Dialect) -> bool:
    """Whether some field starts with a zero and another digit; chunks stay in the cache."""
    codes = np.frombuffer(dialect.data, dtype=np.uint8)
    return any(
        _starts_zero_padded(codes[begin : begin + _CHUNK + 2], ord(dialect.delimiter))
        for begin in range(0, len(codes), _CHUNK)
    )


def _starts_zero_padded(codes: np.ndarray, delimiter: int) -> bool:
    before, zero, after = codes[:-2], codes[1:-1], codes[2:]
    found = (zero == ord("0")) & (after - np.uint8(ord("0")) < 10)
    found &= (before == delimiter) | (before <= ord('"'))  # line ends, spaces and quotes
    return bool(found.any())
