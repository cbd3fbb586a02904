"""Lists and counts as sentences have them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

MOST_LISTED = 20


def in_words(entries: Iterable[Any]) -> str:
    """Write entries one after the other; of more than 20 the first 19 and how many more.

    Examples
    --------
    >>> in_words([0, 1, 4]), in_words([2])
    ('0, 1 and 4', '2')
    """
    texts = list(map(str, entries))
    if len(texts) > MOST_LISTED:
        texts = [*texts[: MOST_LISTED - 1], f"{len(texts) - MOST_LISTED + 1:,} more"]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def customers(count: int) -> str:
    """Write a number of customers.

    Examples
    --------
    >>> customers(1), customers(1200)
    ('1 customer', '1,200 customers')
    """
    return f"{count:,} customer{'' if count == 1 else 's'}"


def size_in_words(n_bytes: int) -> str:
    """Write a size in memory, to two digits.

    Examples
    --------
    >>> size_in_words(80_000_000_000), size_in_words(1_240_000), size_in_words(90)
    ('80 GB', '1.2 MB', '1 MB')
    """
    unit, name = (10**9, "GB") if n_bytes >= 10**9 else (10**6, "MB")
    size = max(1.0, n_bytes / unit)
    return f"{size:.1f} {name}".replace(".0 ", " ") if size < 10 else f"{size:,.0f} {name}"
