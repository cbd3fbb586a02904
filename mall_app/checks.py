"""Checks of untrusted values that every setting shares, and how a sentence shows a value."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

from mall_app.errors import SettingsError, did_you_mean

_MOST_BITS_WRITTEN = 10_000  # Python refuses to write much longer integers


def check_text(name: str, value: Any, path: tuple[str | int, ...] | None = None) -> str:
    """Give `value` back if it is text.

    Raises
    ------
    SettingsError
        It is not.
    """
    if not isinstance(value, str):
        raise SettingsError(f"{name} must be text, not {shown(value)}.", path or (name,))
    return value


def check_option(name: str, value: Any, options: Iterable[str]) -> str:
    """Give `value` back if it is one of `options`.

    Raises
    ------
    SettingsError
        It is not; the sentence offers the nearest option.
    """
    check_text(name, value)
    if value not in options:
        raise SettingsError(
            f"{name} {shown(value)} is not known: {did_you_mean(value, options)}", (name,)
        )
    return str(value)


def check_integer(
    name: str, value: Any, bounds: tuple[int, int], path: tuple[str | int, ...] | None = None
) -> int:
    """Give `value` as an int if it is a whole number within `bounds`, both ends included.

    Raises
    ------
    SettingsError
        It is a bool, not whole, or out of bounds.
    """
    low, high = bounds
    whole = not isinstance(value, bool) and _is_whole(value)
    if not whole or not low <= value <= high:
        raise SettingsError(
            f"{name} must be an integer from {low} to {high}, not {shown(value)}.", path or (name,)
        )
    return int(value)


def _is_whole(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value) and value.is_integer()
    try:
        operator.index(value)
    except TypeError:
        return False
    return True


def shown(value: Any, width: int = 80) -> str:
    """Write a value the way an error sentence shows it, cut to `width` characters.

    Examples
    --------
    >>> shown("5"), shown(True), shown(None)
    ("'5'", 'true', 'null')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > _MOST_BITS_WRITTEN:
        return f"an integer of {value.bit_length()} bits"
    text = repr(value)
    return text if len(text) <= width else f"{text[:width]}..."
