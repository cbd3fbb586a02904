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
