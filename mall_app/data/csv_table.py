"""Reading a CSV file that somebody brings, and saying what was done to it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mall_app.data.columns import Converted
from mall_app.data.conversion import convert_columns
from mall_app.data.dialect import find_dialect
from mall_app.data.headers import Headers, clean_headers, mall_names
from mall_app.data.parsing import parse, short_rows_note
from mall_app.data.report import ATTRIBUTE, ColumnReport, DataReport
from mall_app.data.roles import column_role
from mall_app.data.rows import counts_rows, drop_copies, drop_empty
from mall_app.data.text import as_text


def read_csv(content: bytes | str) -> pd.DataFrame:
    """Read a CSV table, whatever its dialect; see `mall_app.data.read_table`.

    Raises
    ------
    DataError
        The content cannot be used as a table; the message says why and where.
    """
    text = as_text(content)
    dialect = find_dialect(text.data)
    parsed = parse(dialect)
    raw = parsed.frame
    converted, decimal = convert_columns(dialect, parsed)
    headers, converted = _named(dialect.header, converted)
    frame, row_notes = _tidied(headers.names, converted)
    names, name_notes = mall_names(frame)
    reports = _column_reports(frame, headers.names, converted, names)
    frame = frame.rename(columns=names)
    short_notes = short_rows_note(dialect, len(raw))
    frame.attrs[ATTRIBUTE] = DataReport(
        rows_read=len(raw),
        rows_kept=len(frame),
        encoding=text.encoding,
        delimiter=dialect.shown,
        decimal=decimal,
        renamed=_all_renamed(headers.renamed, names),
        columns=reports,
        notes=(*text.notes, *headers.notes, *short_notes, *row_notes, *name_notes),
    ).to_dict()
    return frame


def _named(header: list[str], converted: list[Converted]) -> tuple[Headers, list[Converted]]:
    """Clean the names, without a first column that only counts the rows."""
    if len(header) == 1 or not counts_rows(converted[0].values, header[0]):
        return clean_headers(header), converted
    headers = clean_headers(header[1:], first_position=2)
    note = "The first column has no name and only counts the rows; it was dropped."
    return replace(headers, notes=[note, *headers.notes]), converted[1:]


def _tidied(names: list[str], converted: list[Converted]) -> tuple[pd.DataFrame, list[str]]:
    values = (each.values for each in converted)
    frame, empty_notes = drop_empty(pd.DataFrame(dict(zip(names, values, strict=True))))
    frame, copy_notes = drop_copies(frame)
    return frame, [*empty_notes, *copy_notes]


def _column_reports(
    frame: pd.DataFrame, names: list[str], converted: list[Converted], renamed: dict[str, str]
) -> tuple[ColumnReport, ...]:
    notes = {name: each.note for name, each in zip(names, converted, strict=True)}
    reports = []
    for name in map(str, frame):
        column = frame[name].rename(renamed.get(name, name))
        missing = int(column.isna().sum())
        reports.append(ColumnReport(str(column.name), column_role(column), missing, notes[name]))
    return tuple(reports)


def _all_renamed(cleaned: dict[str, str], aliased: dict[str, str]) -> dict[str, str]:
    """Join the two steps a name may have gone through, from the file's own to the last."""
    through = {old: aliased.get(new, new) for old, new in cleaned.items()}
    direct = {old: new for old, new in aliased.items() if old not in cleaned.values()}
    return through | direct
