"""Rows and columns that carry nothing: empty ones, copies, and counters of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mall_app.data.numbers import whole_as_int
from mall_app.data.roles import is_identifier_name
from mall_app.data.source import shorten
from mall_app.errors import DataError


def counts_rows(column: pd.Series, header: str) -> bool:
    """Tell whether a first column has no name and only counts the rows, as pandas writes one."""
    if header.strip() not in ("", "Unnamed: 0") or column.dtype.kind != "i":
        return False
    start = column.iloc[0]
    return start in (0, 1) and np.array_equal(column, np.arange(start, start + len(column)))


def drop_empty(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Drop the rows and columns in which every value is missing.

    Raises
    ------
    DataError
        Nothing is left.
    """
    present = frame.notna()
    columns, rows = present.any(axis=0), present.any(axis=1)
    if not columns.any():
        raise DataError("Every value of the table is missing.")
    notes = []
    if not rows.all():
        notes.append(_count((~rows).sum(), "row was empty", "rows were empty") + " and dropped.")
        frame = _with_whole_numbers(frame[rows].reset_index(drop=True))
    empty = [shorten(name) for name in columns.index[~columns]]
    if empty:
        frame = frame.loc[:, columns]
        count = _count(len(empty), "column had no values and was", "columns had no values and were")
        notes.append(f"{count} dropped: {', '.join(empty[:20])}.")
    return frame, notes


def _with_whole_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Make whole again what only an empty row had made float64."""
    return pd.DataFrame(
        {n: whole_as_int(frame[n]) if frame[n].dtype.kind == "f" else frame[n] for n in frame}
    )


def drop_copies(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Drop rows that repeat an earlier one whole, when an identifier shows they are copies.

    Two customers may well be equal in everything that was measured. So a repeated row is a copy
    only where the table has an identifier that is otherwise different in every row; without one
    the rows stay, and the note says how many are equal.
    """
    identifiers = [name for name in frame if is_identifier_name(str(name))]
    if any(_is_unique(frame[name]) for name in identifiers):
        return frame, []
    repeated = frame.duplicated()
    n_repeated = int(repeated.sum())
    kept = frame[~repeated]
    if n_repeated and any(kept[n].is_unique and kept[n].notna().all() for n in identifiers):
        count = _count(n_repeated, "row was an exact copy", "rows were exact copies")
        return kept.reset_index(drop=True), [f"{count} of an earlier one and dropped."]
    notes = []
    if n_repeated:
        count = _count(n_repeated, "row is equal", "rows are equal")
        notes.append(f"{count} to an earlier one; kept, as no identifier shows them to be copies.")
    return frame, notes + [_repeats(kept[name]) for name in identifiers if not n_repeated]


def _is_unique(column: pd.Series) -> bool:
    """Whether all values differ; numbers that only rise, as most customer numbers do, are quick."""
    if column.dtype.kind in "iu":
        numbers = column.to_numpy()
        if (numbers[1:] > numbers[:-1]).all():
            return True
    return bool(column.is_unique)


def _repeats(identifier: pd.Series) -> str:
    count = int(identifier.duplicated().sum())
    rows = "row repeats" if count == 1 else "rows repeat"
    return f"{count:,} {rows} an earlier {shorten(identifier.name)} with other values; kept."


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
