"""What a column can be used for, and what it is when it cannot be used."""

from __future__ import annotations

import re
from typing import Literal

import pandas as pd
from pandas.api import types

Role = Literal["numeric", "categorical", "identifier", "other"]
LARGEST_CATEGORY_COUNT = 50
_GLANCE = 10_000  # rows that show already that a text is different for every customer
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_IDENTIFIER_WORDS = {"id", "ids", "uuid", "guid"}
_RUN_TOGETHER = re.compile(r"(account|client|customer|member|person|user)(id|no|nr)")


def column_role(column: pd.Series) -> Role:
    """Say what a column can be used for.

    Examples
    --------
    >>> column_role(pd.Series([1.5, 2.5], name="Age"))
    'numeric'
    >>> column_role(pd.Series([1, 2], name="customer_id"))
    'identifier'
    """
    if is_identifier_name(str(column.name)):
        return "identifier"
    if types.is_bool_dtype(column):
        return "categorical"
    if types.is_numeric_dtype(column) and not types.is_complex_dtype(column):
        return "numeric" if column.notna().any() else "other"
    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        return "other"
    return _text_role(column)


def is_identifier_name(name: str) -> bool:
    """Whether a header reads like a customer number: ``id``, ``CustomerID``, ``user_id``.

    Examples
    --------
    >>> [is_identifier_name(name) for name in ("CustomerID", "customer_id", "Paid")]
    [True, True, False]
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    return bool(words) and (
        words[-1] in _IDENTIFIER_WORDS or bool(_RUN_TOGETHER.fullmatch(words[-1]))
    )


def _text_role(column: pd.Series) -> Role:
    try:
        count = column.iloc[:_GLANCE].nunique()
        if count <= LARGEST_CATEGORY_COUNT:
            count = column.nunique()
    except TypeError:  # unhashable values such as lists
        return "other"
    if 0 < count <= min(LARGEST_CATEGORY_COUNT, max(2, len(column) // 2)):
        return "categorical"
    return "other"


def unusable_kind(column: pd.Series) -> str:
    """Say what a column is that is neither a quantity, a category nor an identifier.

    Examples
    --------
    >>> unusable_kind(pd.Series([None, None])), unusable_kind(pd.to_datetime(pd.Series([0])))
    ('empty', 'a date')
    """
    if column.isna().all():
        return "empty"
    if types.is_datetime64_any_dtype(column) or isinstance(column.dtype, pd.PeriodDtype):
        return "a date"
    if types.is_timedelta64_dtype(column):
        return "a length of time"
    if types.is_complex_dtype(column):
        return "complex numbers"
    if types.infer_dtype(column, skipna=True) in ("date", "datetime"):
        return "a date"
    if holds_huge_integers(column):
        return "integers beyond 64 bits"
    if types.infer_dtype(column, skipna=True) == "string":
        return "text with too many different values"
    return "values of a kind that cannot be compared"


def holds_huge_integers(column: pd.Series) -> bool:
    """Whether a column keeps integers that 64 bits cannot hold as Python's own.

    Examples
    --------
    >>> holds_huge_integers(pd.Series([2**70, 1])), holds_huge_integers(pd.Series([2**60, 1]))
    (True, False)
    """
    if column.dtype != object or types.infer_dtype(column, skipna=True) != "integer":
        return False
    return any(abs(int(value)) >= 2**63 for value in column.dropna())
