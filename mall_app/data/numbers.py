"""The ways people write numbers, and which of them a column uses.

A number is written in one of two conventions: decimal point with thousands in commas (``1,234.5``),
or decimal comma with thousands in points (``1.234,5``). Both also group thousands by spaces or
apostrophes. ``1,234`` alone could be either: the rest of its column tells, then the rest of the
table, then the delimiter of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from mall_app.data.source import shorten

_SPACES = " '’\u00a0\u202f\u2009"  # literal, as the regular expressions of pyarrow know no \\u
_SIGN = "[-+\u2212]"
_UNITS = "[%$€£¥₹₽₩₺]"
_GROUPED = (
    r"\d+|[1-9]\d{{0,2}}(?:{mark}\d{{2,3}})*{mark}\d{{3}}|[1-9]\d{{0,2}}(?:[{spaces}]\d{{3}})+"
)
_NUMBER = r"{sign}?(?:(?:{grouped})(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][-+]?\d+)?"
_PATTERNS = {
    decimal: _NUMBER.format(
        sign=_SIGN, decimal=mark, grouped=_GROUPED.format(mark=group, spaces=_SPACES)
    )
    for decimal, mark, group in ((".", r"\.", ","), (",", ",", r"\."))
}
_GROUP_MARKS = {".": f"[,{_SPACES}]", ",": f"[.{_SPACES}]"}
_LOOKS_LIKE = (
    rf"{_SIGN}?{_UNITS}? ?{_SIGN}?[.,]?\d[\d.,{_SPACES}]*(?:[eE][-+]?\d+)?[{_SPACES}]?{_UNITS}?"
)
_INTEGER = rf"{_SIGN}?\d+"
_ZERO_PADDED = r"0\d+"
_LONGEST_EXACT_INTEGER = 15  # digits that survive in a float64, for columns with missing values
_LONGEST_INTEGER = 18  # digits that fit an int64 whatever they are


@dataclass(frozen=True)
class Evidence:
    """How many values of a column fit each convention.

    Parameters
    ----------
    point, comma : int
        Values that fit decimal point, and decimal comma.
    both : int
        Values that fit both, plain whole numbers among them.
    has_comma : bool
        Whether some value holds a comma.
    """

    point: int
    comma: int
    both: int
    has_comma: bool

    @property
    def decimal(self) -> str | None:
        """The one convention that some values need and none rules out, if there is one."""
        needs_point, needs_comma = self.point > self.both, self.comma > self.both
        if needs_point == needs_comma:
            return None
        return "." if needs_point else ","


def look_like_numbers(values: pd.Series) -> pd.Series:
    """Tell which texts look like a number in some convention, with or without a unit."""
    return values.str.fullmatch(_LOOKS_LIKE)


def evidence(values: pd.Series) -> Evidence:
    """Count how many of `values` (unique texts without units) fit each convention."""
    point = values.str.fullmatch(_PATTERNS["."])
    comma = values.str.fullmatch(_PATTERNS[","])
    return Evidence(
        point=int(point.sum()),
        comma=int(comma.sum()),
        both=int((point & comma).sum()),
        has_comma=bool(values.str.contains(",", regex=False).any()),
    )


def fits(values: pd.Series, decimal: str) -> pd.Series:
    """Tell which texts are numbers with this decimal mark."""
    return values.str.fullmatch(_PATTERNS[decimal])


def common_unit(values: pd.Series) -> str:
    """Give the percent or currency sign that every one of `values` carries once, or ''."""
    if not len(values):
        return ""
    found = re.search(_UNITS, str(values.iloc[0]))
    if found is None or not values.str.contains(found[0], regex=False).all():
        return ""
    return found[0]


def without_unit(values: pd.Series, unit: str) -> pd.Series:
    """Take `unit` off the start or the end of each text, once."""
    sign = "\\" + unit if unit == "$" else unit
    ahead = values.str.replace(rf"^({_SIGN}?)\s*{sign}\s*", r"\1", n=1, regex=True)
    behind = values.str.replace(rf"\s*{sign}$", "", n=1, regex=True)
    return ahead.where(ahead != values, behind)


def codes_not_quantities(values: pd.Series, has_missing: bool) -> str:
    """Say why whole numbers must stay text, as in zero-padded ids; '' when they need not."""
    padded = values[values.str.fullmatch(_ZERO_PADDED)]
    if len(padded):
        return zero_padded_note(padded.iloc[0])
    limit = _LONGEST_EXACT_INTEGER if has_missing else _LONGEST_INTEGER
    whole = values[values.str.fullmatch(_INTEGER)]
    long = whole[whole.str.count(r"\d") > limit]
    if len(long):
        return f"codes with too many digits for a number, such as {shorten(long.iloc[0])}"
    return ""


def zero_padded_note(first: str) -> str:
    """Say why numbers that have zeros ahead stay text."""
    return f"zero-padded codes, such as {shorten(first)}"


def has_groups(values: pd.Series, decimal: str) -> bool:
    """Tell whether some number has a thousands separator."""
    return bool(values.str.contains(_GROUP_MARKS[decimal], regex=True).any())


def to_numbers(values: pd.Series, decimal: str) -> pd.Series:
    """Convert texts that fit `decimal` to int64 when all are whole, else float64."""
    plain = values.str.replace(_GROUP_MARKS[decimal], "", regex=True)
    plain = plain.str.replace("\u2212", "-", regex=False)
    if decimal == ",":
        plain = plain.str.replace(",", ".", regex=False)
    return whole_as_int(pd.to_numeric(plain))


def whole_as_int(numbers: pd.Series) -> pd.Series:
    """Make numbers int64 when every one is present, whole and exact; else float64."""
    if numbers.dtype.kind == "i":
        return numbers.astype("int64")
    numbers = numbers.astype("float64")
    if len(numbers) and (numbers.abs() < 2**53).all() and (numbers % 1 == 0).all():
        return numbers.astype("int64")
    return numbers
