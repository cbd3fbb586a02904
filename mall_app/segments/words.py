"""Columns, values and amounts as a name or a sentence has them."""

from __future__ import annotations

_LONGEST_WORD = 32
_UNCLEAR_ALONE = frozenset({"yes", "no", "true", "false", "y", "n", "(missing)"})


def percent(share: float) -> str:
    """Write a share so that 0 and 100 % mean none and all.

    Examples
    --------
    >>> percent(1.0), percent(0.999), percent(0.5), percent(0.001)
    ('100%', 'over 99%', '50%', 'under 1%')
    """
    if 0 < share <= 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= share < 1 else f"{share:.0%}"


def amount(value: float, unit: str) -> str:
    """Write a quantity with four digits and its unit; a range such as ``1-100`` is no unit.

    Examples
    --------
    >>> amount(86.538, "k$"), amount(49.52, "1-100")
    ('86.54 k$', '49.52')
    """
    text = f"{value:,.4g}"
    return f"{text} {unit}" if unit and not unit[0].isdigit() else text


def split_unit(column: str) -> tuple[str, str]:
    """Split a header into quantity and unit.

    Examples
    --------
    >>> split_unit("Annual Income (k$)"), split_unit("Age")
    (('Annual Income', 'k$'), ('Age', ''))
    """
    text = column.rstrip()
    quantity, _, unit = text.removesuffix(")").rpartition("(")
    found = text.endswith(")") and ")" not in unit and quantity.strip()
    return (quantity.rstrip(), unit) if found else (column, "")


def how_common(share: float) -> str:
    """Give the word for a share that sets a segment apart.

    Examples
    --------
    >>> how_common(1.0), how_common(0.99), how_common(0.3)
    ('only', 'mostly', 'often')
    """
    if share == 1.0:
        return "only"
    return "mostly" if share >= 0.5 else "often"


def shortened(column: str) -> str:
    """Write a header without its unit, cut to 32 characters."""
    text = split_unit(column)[0]
    return text if len(text) <= _LONGEST_WORD else f"{text[: _LONGEST_WORD - 1].rstrip()}…"


def spoken(column: str, value: str) -> str:
    """Write a value; one that means nothing by itself with its column."""
    short = value if len(value) <= _LONGEST_WORD else f"{value[: _LONGEST_WORD - 1].rstrip()}…"
    unclear = value.casefold() in _UNCLEAR_ALONE or not any(map(str.isalpha, value))
    return f"{shortened(column)} {short}" if unclear else short
