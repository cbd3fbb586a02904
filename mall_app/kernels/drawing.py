"""Rows drawn from a table by their number, so that it is all the same where the rows are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray

START_ROWS = 50_000  # as many as are held here of a table that stays in its files


def drawn_rows(n_rows: int, random_state: int, most: int = START_ROWS) -> IntArray:
    """Draw rows of a large table, in their order; all of one that is not large.

    Examples
    --------
    >>> drawn_rows(4, 0).tolist(), len(drawn_rows(10, 0, most=3))
    ([0, 1, 2, 3], 3)
    """
    if n_rows <= most:
        return np.arange(n_rows)
    generator = np.random.default_rng(random_state)
    return np.sort(generator.choice(n_rows, most, replace=False, shuffle=False))


def lots(random_state: int | Sequence[int], size: int, start: int = 0) -> FloatArray:
    """Draw a number of 0 to 1 for each of some rows that follow each other.

    Parameters
    ----------
    random_state : int or sequence of int
        Seed.
    size : int
        How many rows.
    start : int
        Number of the first: each row of a table has its lot, whichever part of it is asked for.

    Examples
    --------
    >>> lots(7, 5)[3:].tolist() == lots(7, 2, start=3).tolist()
    True
    """
    bits = np.random.PCG64(random_state)
    bits.advance(start)
    return np.random.Generator(bits).random(size)


def first_rows(lengths: Iterable[int]) -> list[int]:
    """Give the number of the first row of each part of a table.

    Examples
    --------
    >>> first_rows([3, 0, 2])
    [0, 3, 3]
    """
    return list(accumulate(lengths, initial=0))[:-1]


def by_part(rows: IntArray, lengths: Iterable[int]) -> list[IntArray]:
    """Give the place within its part of each of some rows, part by part.

    Parameters
    ----------
    rows : ndarray of int
        Numbers of rows of a table, rising.
    lengths : iterable of int
        Rows of each part of it.

    Examples
    --------
    >>> [own.tolist() for own in by_part(np.array([0, 2, 3]), [2, 2])]
    [[0], [0, 1]]
    """
    firsts = first_rows(lengths)
    cuts = np.split(rows, np.searchsorted(rows, firsts[1:]))
    return [own - first for own, first in zip(cuts, firsts, strict=True)]
