"""From the texts of one column to its values: missing, numbers, codes or categories."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mall_app.data import numbers
from mall_app.data.source import shorten
from mall_app.errors import DataError

MISSING = frozenset(
    ("", "?", "-", "--", "na", "n/a", "n.a.", "nan", "null", "<na>", "nat")
    + ("#n/a", "#na", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!")
)
"""Texts, in any case, that stand for a missing value in every column."""

MISSING_NUMBERS = frozenset(
    ("none", "missing", "unknown", ".", "..", "inf", "+inf", "-inf", "infinity", "-infinity")
)
"""Texts that are missing only among numbers; among words they may be an answer."""

_SAMPLE = 1_000
_FEW = 1_000
_PLAIN_TEXT = pd.StringDtype("python", na_value=np.nan)  # much quicker for few values than Arrow
_GLANCE = 10_000  # rows that tell whether nearly every text is another
_NEARLY_ALL = 0.5
_TYPICAL = 0.5  # share of values that must look like numbers for a column to be judged as numbers


@dataclass(frozen=True)
class TextColumn:
    """A column as text, its distinct values taken apart once.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        Position of each row's text in `values`.
    values : pandas.Series of str
        The distinct texts, without spaces around them.
    stripped : bool
        Whether some text had spaces around it.
    missing : ndarray of bool, same length as `values`
        Which of them stand for a missing value.
    unit : str
        The percent or currency sign that every number carries.
    evidence : Evidence or None
        Which decimal marks fit; None when the column does not look like numbers.
    """

    codes: np.ndarray
    values: pd.Series
    stripped: bool
    missing: np.ndarray
    unit: str = ""
    evidence: numbers.Evidence | None = None


@dataclass(frozen=True)
class Converted:
    """The values of a column, and what was guessed or changed on the way to them."""

    values: pd.Series
    note: str = ""


def take_apart(column: pd.Series) -> TextColumn:
    """Find the distinct texts of `column`, which of them are missing, and how numbers look."""
    codes, uniques = _distinct(column)
    texts = pd.Series(uniques, dtype="str" if len(uniques) > _FEW else _PLAIN_TEXT).fillna("")
    values = texts.str.strip()
    missing = values.str.lower().isin(MISSING).to_numpy(dtype=bool)
    apart = TextColumn(codes, values, bool((values != texts).any()), missing)
    present = values[~missing]
    if not len(present) or _share_of_numbers(present.iloc[:_SAMPLE]) < _TYPICAL:
        return apart
    present = present[~present.str.lower().isin(MISSING_NUMBERS)]
    looks = present[numbers.look_like_numbers(present)]
    unit = numbers.common_unit(looks)
    bare = numbers.without_unit(looks, unit) if unit else looks
    found = numbers.evidence(bare)
    return replace(apart, unit=unit, evidence=found) if found.point or found.comma else apart


def _distinct(column: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Give the distinct texts and where they are; all of them, when nearly every one is another."""
    glance = column.iloc[:_GLANCE]
    if len(column) > _GLANCE and glance.nunique(dropna=False) > _NEARLY_ALL * _GLANCE:
        return np.arange(len(column)), column
    codes, uniques = pd.factorize(column, use_na_sentinel=False)
    return codes, pd.Series(uniques)


def _share_of_numbers(values: pd.Series) -> float:
    values = values[~values.str.lower().isin(MISSING_NUMBERS)]
    return float(numbers.look_like_numbers(values).mean()) if len(values) else 0.0


def table_decimal(columns: list[TextColumn], delimiter: str) -> str:
    """Choose the decimal mark of a whole table from what its columns need.

    Where nothing tells, it is the comma only in a file separated by semicolons that has numbers
    with a comma: such files exist because the comma was taken.
    """
    known = [column.evidence for column in columns if column.evidence]
    needs = [each.decimal for each in known]
    if needs.count(",") != needs.count("."):
        return "," if needs.count(",") > needs.count(".") else "."
    return "," if delimiter == ";" and any(each.has_comma for each in known) else "."


def convert(name: str, apart: TextColumn, decimal: str) -> Converted:
    """Give the values of a column: numbers when all of them are, text otherwise.

    Parameters
    ----------
    name : str
        Its header, for messages.
    apart : TextColumn
        The column, taken apart.
    decimal : str
        The decimal mark of the table, used where the column itself does not tell.

    Raises
    ------
    DataError
        A number is too large for the computer.
    """
    if apart.evidence is None:
        return _as_text(apart, [])
    own = apart.evidence.decimal or decimal
    missing = apart.missing | apart.values.str.lower().isin(MISSING_NUMBERS).to_numpy(dtype=bool)
    present = apart.values[~missing]
    bare = numbers.without_unit(present, apart.unit) if apart.unit else present
    misfits = present[~numbers.fits(bare, own)]
    if len(misfits):
        rows = int(np.isin(apart.codes, misfits.index.to_numpy()).sum())
        verb = "value is not a number" if rows == 1 else "values are not numbers"
        note = f"read as text: {rows:,} {verb}, such as {shorten(misfits.iloc[0])}"
        return _as_text(apart, [note])
    reason = "" if apart.unit else numbers.codes_not_quantities(bare, bool(missing.any()))
    if reason:
        return _as_text(apart, [f"kept as text: {reason}"])
    return _as_numbers(name, replace(apart, missing=missing), bare, own)


def zero_padded(texts: pd.Series, first: str) -> Converted:
    """Give a column of whole numbers that are codes, since some have a zero ahead, as text."""
    return Converted(texts, f"kept as text: {numbers.zero_padded_note(first)}")


def _as_numbers(name: str, apart: TextColumn, bare: pd.Series, decimal: str) -> Converted:
    parsed = numbers.to_numbers(bare, decimal)
    if not np.isfinite(parsed).all():
        value = apart.values[parsed.index[~np.isfinite(parsed)][0]]
        raise DataError(
            f"Column {shorten(name)} holds {shorten(value)}, which is too large to be a number "
            "here."
        )
    if apart.missing.any():
        parsed = parsed.astype("float64").reindex(apart.values.index)
    result = pd.Series(parsed.to_numpy()[apart.codes], name=name)
    notes = [f"the sign {apart.unit} was taken off"] if apart.unit else []
    notes += _mark_notes(apart, bare, decimal)
    return Converted(result, _joined([*notes, *_missing_notes(apart)]))


def _mark_notes(apart: TextColumn, bare: pd.Series, decimal: str) -> list[str]:
    marked = bare[bare.str.contains("[.,]", regex=True)]
    notes = []
    if len(marked) and apart.evidence is not None and apart.evidence.decimal is None:
        doubt = f"a guess, as {shorten(marked.iloc[0])} can be read in two ways"
        notes.append(f"decimal {'comma' if decimal == ',' else 'point'}, {doubt}")
    elif len(marked) and decimal == ",":
        notes.append("decimal comma")
    if numbers.has_groups(bare, decimal):
        notes.append("thousands separators were taken out")
    return notes


def _as_text(apart: TextColumn, notes: list[str]) -> Converted:
    values = apart.values.mask(pd.Series(apart.missing))
    notes = notes + (["spaces around values were taken off"] if apart.stripped else [])
    result = pd.Series(values.astype("str").array.take(apart.codes))
    return Converted(result, _joined([*notes, *_missing_notes(apart)]))


def _missing_notes(apart: TextColumn) -> list[str]:
    written = [text for text in apart.values[apart.missing] if text]
    if not written:
        return []
    shown = ", ".join(shorten(text) for text in sorted(set(written))[:5])
    return [f"{shown} read as missing"]


def _joined(notes: list[str]) -> str:
    return "; ".join(notes)
