"""Numbers that whoever operates a server sets in the environment."""

from __future__ import annotations

import math
import os

from mall_app.errors import WorkbenchError


class SizeError(WorkbenchError, ValueError):
    """An environment variable breaks a rule; the message names it, the rule and the value."""


def whole_number(name: str, default: int, low: int, high: int) -> int:
    """Read a whole number from the environment, or give the default.

    Raises
    ------
    SizeError
        The variable is no whole number or out of its range.
    """
    return int(number(name, default, low, high))


def number(name: str, default: float, low: float, high: float, whole: bool = True) -> float:
    """Read a number from the environment, or give the default.

    Raises
    ------
    SizeError
        The variable is no such number or out of its range.
    """
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        found = float(int(text) if whole else float(text))
    except (ValueError, OverflowError):
        found = math.nan
    if not low <= found <= high:  # never so for nan
        kind = "a whole number" if whole else "a number"
        raise SizeError(f"{name} must be {kind} from {low:g} to {high:.0f}, not {text[:60]!r}.")
    return found
