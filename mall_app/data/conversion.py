"""From the frame pandas parsed to columns of the right types, all columns taken together."""

from __future__ import annotations

import pandas as pd

from mall_app.data.columns import (
    Converted,
    TextColumn,
    convert,
    table_decimal,
    take_apart,
    zero_padded,
)
from mall_app.data.dialect import ONE_COLUMN, Dialect
from mall_app.data.numbers import look_like_numbers, whole_as_int
from mall_app.data.parsing import as_written
from mall_app.data.quick_parsing import Parsed
from mall_app.data.source import shorten
from mall_app.errors import DataError


def convert_columns(dialect: Dialect, parsed: Parsed) -> tuple[list[Converted], str]:
    """Give every column its type, and the decimal mark of the table.

    Raises
    ------
    DataError
        The first line is no header, or there is one column and it is not numbers.
    """
    raw, codes = parsed.frame, parsed.codes
    _refuse_missing_header(dialect, raw)
    positions = range(raw.shape[1])
    as_text = [n for n in positions if raw[n].dtype == "str" and n not in codes]
    texts = {n: take_apart(raw[n]) for n in as_text}
    doubtful = dialect.delimiter == ";" or any(_has_comma(each) for each in texts.values())
    floats = [n for n in positions if raw[n].dtype.kind == "f"]
    if doubtful and floats:  # 1.234 may be a thousand and more
        raw = as_written(raw, dialect, floats)
        texts |= {n: take_apart(raw[n]) for n in floats}
    decimal = table_decimal(list(texts.values()), dialect.shown)
    converted = [
        convert(dialect.header[n], texts[n], decimal)
        if n in texts
        else zero_padded(raw[n], codes[n])
        if n in codes
        else Converted(whole_as_int(raw[n]))
        for n in positions
    ]
    _refuse_prose(dialect, converted)
    return converted, decimal


def _has_comma(apart: TextColumn) -> bool:
    return apart.evidence is not None and apart.evidence.has_comma


def _refuse_missing_header(dialect: Dialect, raw: pd.DataFrame) -> None:
    """Refuse a first line that reads like the rows below it.

    It does when all its fields are numbers; and when half of them are and one of the words among
    them stands in its own column again. Years as headers are fine.
    """
    fields = pd.Series([field.strip() for field in dialect.header], dtype="str")
    filled = fields[fields != ""]
    numeric = look_like_numbers(filled).astype(bool)
    words = filled[~numeric]
    repeated = any((raw[position] == word).any() for position, word in words.items())
    if len(filled) and (numeric.all() or (numeric.mean() >= 0.5 and repeated)):
        raise DataError(
            f"Line {dialect.header_line}, {shorten(dialect.shown.join(dialect.header))}, is a row "
            "of values and not a header: put a line with the names of the columns above it."
        )


def _refuse_prose(dialect: Dialect, converted: list[Converted]) -> None:
    if dialect.delimiter == ONE_COLUMN and converted[0].values.dtype.kind not in "if":
        raise DataError(
            f"Line {dialect.header_line}, {shorten(dialect.header[0])}, holds no comma, semicolon, "
            "tab or bar that would separate columns, and what is below it is not numbers: this is "
            "not a CSV table with a header."
        )
