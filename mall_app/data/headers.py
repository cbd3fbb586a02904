"""Column names: made clean and unique, and the many spellings of the Mall table's own."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from mall_app.data.source import shorten

INCOME = "Annual Income (k$)"
SCORE = "Spending Score (1-100)"
_ALIASES = {
    "CustomerID": ("customerid", "custid", "customerno", "customernumber", "clientid"),
    "Gender": ("gender", "genre", "sex"),
    "Age": ("age", "ageyears", "customerage"),
    INCOME: ("annualincome", "annualincomek", "annualincomekusd", "income", "incomek"),
    SCORE: ("spendingscore", "spendingscore1100", "spendingscore1to100", "spendscore"),
}
_THOUSANDS_UNSTATED = ("annualincome", "income")
_LARGEST_IN_THOUSANDS = 1_000


@dataclass(frozen=True)
class Headers:
    """Column names, what they were, and what should be said about it."""

    names: list[str]
    renamed: dict[str, str]
    notes: list[str]


def clean_headers(fields: list[str], first_position: int = 1) -> Headers:
    """Strip spaces, name the nameless, and tell equal names apart.

    Parameters
    ----------
    fields : list of str
        The header as it is in the file.
    first_position : int
        Position in the file of the first of `fields`, for the notes.

    Examples
    --------
    >>> clean_headers([" Age", "Age", ""]).names
    ['Age', 'Age (2)', 'column 3']
    """
    stripped = [" ".join(field.split()) for field in fields]
    renamed = {old: new for old, new in zip(fields, stripped, strict=True) if new and old != new}
    taken = set(stripped)
    names: list[str] = []
    notes = []
    for position, name in enumerate(stripped, start=first_position):
        if name and name not in names:
            names.append(name)
            continue
        names.append(_unused(name or f"column {position}", taken.union(names)))
        was = f"repeats the name {shorten(name)}" if name else "has no name"
        notes.append(f"Column {position} {was}; it became {shorten(names[-1])}.")
    return Headers(names, renamed, notes)


def _unused(name: str, taken: set[str]) -> str:
    number, new = 2, name
    while new in taken:
        new, number = f"{name} ({number})", number + 1
    return new


def mall_names(frame: pd.DataFrame) -> tuple[dict[str, str], list[str]]:
    """Find the columns of `frame` that are the Mall table's own under another spelling.

    Only a table with both an annual income and a spending score is taken for the Mall table: in
    any other, ``Genre`` may well be music. An income that reaches thousands keeps its own name,
    because it cannot be in thousands of dollars.

    Returns
    -------
    renamed : dict of str to str
        Old name and the Mall table's, where they differ.
    notes : list of str
        Why a column kept its name.
    """
    plain = {name: re.sub(r"[^a-z0-9]", "", name.casefold()) for name in map(str, frame)}
    found: dict[str, str] = {}
    for own, aliases in _ALIASES.items():
        spelled = [name for name, letters in plain.items() if letters in aliases or name == own]
        if spelled:
            found[own] = own if own in spelled else spelled[0]
    if INCOME not in found or SCORE not in found:
        return {}, []
    notes = []
    income = found[INCOME]
    if plain[income] in _THOUSANDS_UNSTATED and _reaches_thousands(frame[income]):
        notes.append(
            f"Column {shorten(income)} keeps its name: its values go beyond what an income in "
            "thousands of dollars would."
        )
        del found[INCOME]
    return {name: own for own, name in found.items() if name != own}, notes


def _reaches_thousands(column: pd.Series) -> bool:
    return column.dtype.kind in "if" and bool(column.max() >= _LARGEST_IN_THOUSANDS)
