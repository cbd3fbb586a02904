"""Reading a CSV file that somebody brings, and saying what was done to it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mall_app.data.columns import Converted
from mall_app.data.conversion import convert_columns
from mall_app.data.dialect import Dialect, find_dialect
from mall_app.data.headers import Headers, clean_headers, mall_names
from mall_app.data.parsing import parse, short_rows_note
from mall_app.data.report import ATTRIBUTE, ColumnReport, DataReport
from mall_app.data.roles import column_role
from mall_app.data.rows import counts_rows, drop_copies, drop_empty
from mall_app.data.text import as_text
from mall_app.memory import give_back


def read_csv(content: bytes | str) -> pd.DataFrame:
    """Read a CSV table, whatever its dialect; see `mall_app.data.read_table`.

    Raises
    ------
    DataError
        The content cannot be used as a table; the message says why and where.
    """
    text = as_text(content)
    dialect = find_dialect(text.data)
    columns, decimal, n_rows = _converted(dialect)
    short_notes = short_rows_note(dialect, n_rows)
    headers, columns = _named(dialect.header, columns)
    encoding, text_notes, delimiter = text.encoding, text.notes, dialect.shown
    del content, text, dialect  # before the columns are copied: each may be large
    notes = {name: own.note for name, own in zip(headers.names, columns, strict=True)}
    frame = pd.DataFrame({name: own.values for name, own in zip(notes, columns, strict=True)})
    del columns
    frame, row_notes = _tidied(frame)
    give_back(n_rows)
    names, name_notes = mall_names(frame)
    reports = _column_reports(frame, notes, names)
    frame = frame.rename(columns=names)
    frame.attrs[ATTRIBUTE] = DataReport(
        rows_read=n_rows,
        rows_kept=len(frame),
        encoding=encoding,
        delimiter=delimiter,
        decimal=decimal,
        renamed=_all_renamed(headers.renamed, names),
        columns=reports,
        notes=(*text_notes, *headers.notes, *short_notes, *row_notes, *name_notes),
    ).to_dict()
    return frame


def _converted(dialect: Dialect) -> tuple[list[Converted], str, int]:
    """Give the columns, the decimal mark and how many rows there are."""
    parsed = parse(dialect)
    n_rows = len(parsed.frame)
    give_back(n_rows)
    return *convert_columns(dialect, parsed), n_rows


def _named(header: list[str], converted: list[Converted]) -> tuple[Headers, list[Converted]]:
    """Clean the names, without a first column that only counts the rows."""
    if len(header) == 1 or not counts_rows(converted[0].values, header[0]):
        return clean_headers(header), converted
    headers = clean_headers(header[1:], first_position=2)
    note = "The first column has no name and only counts the rows; it was dropped."
    return replace(headers, notes=[note, *headers.notes]), converted[1:]


def _tidied(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    frame, empty_notes = drop_empty(frame)
    frame, copy_notes = drop_copies(frame)
    return frame, [*empty_notes, *copy_notes]


def _column_reports(
    frame: pd.DataFrame, notes: dict[str, str], renamed: dict[str, str]
) -> tuple[ColumnReport, ...]:
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
