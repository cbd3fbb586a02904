"""What reading a table did to it, in a form that every door can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

ATTRIBUTE = "data_report"


@dataclass(frozen=True)
class ColumnReport:
    """How one column was read.

    Parameters
    ----------
    name : str
        Its name in the frame.
    role : str
        ``numeric``, ``categorical``, ``identifier`` or ``other``.
    missing : int
        How many of its values are missing.
    note : str
        What was guessed or changed, in plain words; empty when nothing was.
    """

    name: str
    role: str
    missing: int = 0
    note: str = ""


@dataclass(frozen=True)
class DataReport:
    """How a table was read and what was done to its rows and columns.

    Parameters
    ----------
    rows_read, rows_kept : int
        Rows below the header, before and after empty rows and copies were dropped.
    encoding : str
        Character encoding of the file, such as ``utf-8`` or ``windows-1252``.
    delimiter : str
        What separates the fields; empty when the table has a single column.
    decimal : str
        Decimal mark of the numbers, ``.`` or ``,``.
    renamed : dict of str to str
        Headers as they were in the file, and what they became.
    columns : tuple of ColumnReport
        One for each column of the frame, in order.
    notes : tuple of str
        Everything else that was done or guessed, one sentence each.
    format : str
        ``CSV``, ``Parquet``, ``Arrow file`` (Feather too), ``Arrow stream``, ``query``, ``table``
        or ``records``. Encoding, delimiter and decimal mark are empty for all but CSV.

    Examples
    --------
    >>> report = DataReport(rows_read=3, rows_kept=2, notes=("A row was empty.",))
    >>> DataReport.from_dict(report.to_dict()) == report
    True
    """

    rows_read: int
    rows_kept: int
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    renamed: dict[str, str] = field(default_factory=dict)
    columns: tuple[ColumnReport, ...] = ()
    notes: tuple[str, ...] = ()
    format: str = "CSV"

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain JSON values."""
        return {
            **vars(self),
            "renamed": dict(self.renamed),
            "columns": [dict(vars(column)) for column in self.columns],
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DataReport:
        """Make the report that `to_dict` gave these values for."""
        columns = tuple(ColumnReport(**column) for column in values["columns"])
        return cls(**{**values, "columns": columns, "notes": tuple(values["notes"])})


def data_report(frame: pd.DataFrame) -> DataReport | None:
    """Give the report of a frame that `read_table` made, or None for any other frame."""
    values = frame.attrs.get(ATTRIBUTE)
    return None if values is None else DataReport.from_dict(values)
