"""The labelled customers as a file for other programs."""

from __future__ import annotations

import pandas as pd

from mall_app.data.table import Table
from mall_app.geometry.points import IntArray
from mall_app.labelled import labelled
from mall_app.result import ClusteringResult

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


def to_csv(table: Table, result: ClusteringResult, rows: IntArray | None = None) -> bytes:
    """Write the customers with their segment as CSV that is safe to open in a spreadsheet.

    Text and headers that a spreadsheet would run as a formula get a ``'`` before them (OWASP ASVS
    1.2.10); numbers stay numbers.

    Parameters
    ----------
    table : Table
        The customers.
    result : ClusteringResult
        Their segments.
    rows : ndarray of int, optional
        Which rows of the table; by default all.

    Returns
    -------
    bytes
        UTF-8, comma, one header line, CRLF line ends as RFC 4180 has them.
    """
    return safe_csv(labelled(table, result, rows))


def safe_csv(frame: pd.DataFrame) -> bytes:
    """Write a frame as CSV that is safe to open in a spreadsheet; see `to_csv`."""
    safe = {_harmless(name): _harmless_column(frame[name]) for name in frame.columns}
    return pd.DataFrame(safe).to_csv(index=False, lineterminator="\r\n").encode("utf-8")


def _harmless(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _harmless_column(column: pd.Series) -> pd.Series:
    return column if pd.api.types.is_numeric_dtype(column) else column.map(_harmless)
