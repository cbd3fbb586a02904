"""Which delimiter a text uses, and what its records look like."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from mall_app.errors import DataError

MAX_COLUMNS = 2_000
ONE_COLUMN = "\x1f"  # cannot occur: control characters are refused before
DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_RECORDS = 50
_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_SEPARATOR_LINE = re.compile(rb'"?sep=([,;|\t])"?\r?\n', re.IGNORECASE)


@dataclass(frozen=True)
class Record:
    """One record of the text: the line it starts on, counted from 1, and its fields."""

    line: int
    fields: list[str]


@dataclass(frozen=True)
class Dialect:
    """How the fields of a text are separated.

    Parameters
    ----------
    data : bytes
        The text from the header on.
    delimiter : str
        ``,`` ``;`` tab ``|``, or `ONE_COLUMN`.
    header : list of str
        The fields of the first record.
    header_line : int
        The line of the file that the header is on, counted from 1.
    first_line : int
        The line of the file that `data` starts on: 2 below Excel's ``sep=;``.
    """

    data: bytes
    delimiter: str
    header: list[str]
    header_line: int = 1
    first_line: int = 1

    @property
    def shown(self) -> str:
        """The delimiter for a report; empty for a single column."""
        return "" if self.delimiter == ONE_COLUMN else self.delimiter

    def records(self) -> Iterator[Record]:
        """Give the records that are not blank, the header first."""
        return records(self.data, self.delimiter, self.first_line)


def find_dialect(data: bytes) -> Dialect:
    """Choose the delimiter under which the records agree best with the header.

    Raises
    ------
    DataError
        The header has more than `MAX_COLUMNS` columns, or the text has no readable record.
    """
    stated = _SEPARATOR_LINE.match(data)
    first_line = 1
    if stated:
        data, first_line = data[stated.end() :], 2
        delimiter = stated.group(1).decode()
    else:
        delimiter = max(DELIMITERS, key=lambda each: _agreement(data, each))
    first = next(records(data, delimiter, first_line), None)
    if first is None:
        raise DataError("The table is empty: it has no header line.")
    header = first.fields
    check_width(len(header))
    delimiter = delimiter if len(header) > 1 else ONE_COLUMN
    return Dialect(data, delimiter, header, first.line, first_line)


def check_width(n_columns: int) -> None:
    """Refuse a table, in whatever format, that would take minutes to look at.

    Raises
    ------
    DataError
        It has more than 2,000 columns.
    """
    if n_columns > MAX_COLUMNS:
        raise DataError(
            f"The table has {n_columns:,} columns; at most {MAX_COLUMNS:,} can be read."
        )


def records(data: bytes, delimiter: str, first_line: int = 1) -> Iterator[Record]:
    """Give the records of a text that are not blank.

    Raises
    ------
    DataError
        A field is too long to be one, as after a quote that is never closed.
    """
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    while True:
        line = reader.line_num + first_line
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise DataError(
                f"The row on line {line} holds a field too long to read; a quote may have been "
                "left open there."
            ) from error
        if fields is None:
            return
        if len(fields) > 1 or (fields and fields[0].strip()):
            yield Record(line, fields)


def _agreement(data: bytes, delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(r.fields) for r in islice(records(data, delimiter), _SAMPLE_RECORDS)]
    except DataError:
        return (0.0, 0)
    if not widths or widths[0] < 2:
        return (0.0, 0)
    return (widths.count(widths[0]) / len(widths), widths[0])


def refuse_long_records(dialect: Dialect) -> None:
    """Raise for the first record with more fields than the header.

    Raises
    ------
    DataError
        There is one; the message gives its line.
    """
    width = len(dialect.header)
    for record in dialect.records():
        if len(record.fields) > width:
            name = _NAMES.get(dialect.delimiter, "the delimiter")
            raise DataError(
                f"Line {record.line} has {len(record.fields)} fields, but the header has {width}: "
                f"a value that holds {name} must be quoted."
            )


def short_lines(dialect: Dialect, n_records: int) -> list[int]:
    """Give the lines whose records have fewer fields than the header.

    The delimiters outside quotes are counted first, which is quick; only when that does not come
    out even is the text gone through record by record.
    """
    width = len(dialect.header)
    if width == 1 or _count_delimiters(dialect) == n_records * (width - 1):
        return []
    return [record.line for record in dialect.records() if len(record.fields) < width]


def _count_delimiters(dialect: Dialect) -> int:
    delimiter = dialect.delimiter.encode()
    if b'"' not in dialect.data:
        return dialect.data.count(delimiter)
    codes = np.frombuffer(dialect.data, dtype=np.uint8)
    inside = np.bitwise_xor.accumulate(codes == ord('"'))
    return int(np.count_nonzero((codes == ord(delimiter)) & ~inside))
