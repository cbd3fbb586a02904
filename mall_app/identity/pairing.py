"""Which customer of one table is which of another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from pandas.api import types

from mall_app.data.table import Table
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.identity.numbers import ABSENT

_ENOUGH = 0.5
_ALIKE = 0.5
_FEWEST_TO_COMPARE = 3


@dataclass(frozen=True, eq=False)
class Labelling:
    """A table and the segments of its customers.

    Parameters
    ----------
    table : Table
        The customers.
    rows : ndarray of shape (n_used,)
        Positions in the table of those that were clustered.
    labels : ndarray of shape (n_used,)
        Their segments, -1 for noise.
    features : tuple of str, optional
        The columns clustered on; all usable ones of the table when empty.
    """

    table: Table
    rows: IntArray
    labels: IntArray
    features: tuple[str, ...] = ()

    def of_rows(self) -> IntArray:
        """Give the segment of every row of the table; -2 for a customer that was left out."""
        labels = np.full(len(self.table), ABSENT, dtype=np.int64)
        labels[self.rows] = self.labels
        return labels


@dataclass(frozen=True, eq=False)
class Pairing:
    """The customers of two tables, each once, with both their segments.

    Parameters
    ----------
    previous, current : ndarray of shape (n_customers,)
        Segment of each customer of either table; -1 for noise, -2 where not in that clustering.
        All customers of the former table come first, in its order.
    positions : ndarray of shape (n_previous_rows,)
        Row in the current table of each row of the former, -1 if it has none.
    by : str
        What showed it: ``the same table``, ``the same columns`` or the name of an identifier.
    """

    previous: IntArray
    current: IntArray
    positions: IntArray
    by: str

    @cached_property
    def n_common(self) -> int:
        """Number of customers in both clusterings, noise included."""
        return int(((self.previous > ABSENT) & (self.current > ABSENT)).sum())

    @property
    def enough(self) -> bool:
        """Whether at least half of the smaller clustering's customers are in both."""
        fewer = min((self.previous > ABSENT).sum(), (self.current > ABSENT).sum())
        return self.n_common > 0 and self.n_common >= _ENOUGH * int(fewer)

    def relabelled(self, previous: Labelling, current: Labelling) -> Pairing:
        """Give the same customers with other labels, such as those after edits."""
        return _paired(previous, current, self.positions, self.by)


def pair(previous: Labelling, current: Labelling) -> Pairing | None:
    """Find the customers that two clusterings have in common.

    They are the same row by row if the tables are equal, or have as many rows and equal values in
    all columns of the same name, one a number at least. Otherwise a column decides that is an
    identifier in both, with no value twice and none missing. A mere count of the rows (1, 2, 3)
    is believed only if those it pairs are alike: the median correlation of the numbers both tables
    have is at least 0.5; two lists of other customers are often counted from 1 as well.

    Parameters
    ----------
    previous, current : Labelling
        The two clusterings.

    Returns
    -------
    Pairing or None
        None if nothing shows who is who.

    Examples
    --------
    >>> table = Table.from_frame(pd.DataFrame({"id": [71, 75], "Age": [20, 60]}))
    >>> later = Table.from_frame(pd.DataFrame({"id": [75, 80], "Age": [61, 30]}))
    >>> rows = np.arange(2)
    >>> found = pair(Labelling(table, rows, rows), Labelling(later, rows, rows))
    >>> found.by, found.positions.tolist(), found.current.tolist()
    ('id', [-1, 0], [-2, 0, 1])
    """
    former, table = previous.table, current.table
    if former is table or (len(former) == len(table) and former.sha256 == table.sha256):
        return _paired(previous, current, np.arange(len(former)), "the same table")
    if len(former) == len(table) and _equal_columns(former, table):
        return _paired(previous, current, np.arange(len(former)), "the same columns")
    for name in former.identifiers:
        if name not in table.identifiers:
            continue
        positions = _by_identifier(former, table, name)
        if positions is not None and (positions >= 0).any():
            return _paired(previous, current, positions, name)
    return None


def _paired(previous: Labelling, current: Labelling, positions: IntArray, by: str) -> Pairing:
    here = positions >= 0
    labels = current.of_rows()
    if len(positions) == len(labels) and np.array_equal(positions, np.arange(len(labels))):
        return Pairing(previous.of_rows(), labels, positions, by)
    of_former = np.full(len(positions), ABSENT, dtype=np.int64)
    of_former[here] = labels[positions[here]]
    others = np.delete(labels, positions[here])
    return Pairing(
        np.concatenate([previous.of_rows(), np.full(len(others), ABSENT, dtype=np.int64)]),
        np.concatenate([of_former, others]),
        positions,
        by,
    )


def _equal_columns(former: Table, table: Table) -> bool:
    shared = [name for name in former.frame if name in table.frame]
    numbers = set(former.numeric) & set(table.numeric)
    if not numbers:
        return False
    one, other = former.frame[shared], table.frame[shared]
    return one.reset_index(drop=True).equals(other.reset_index(drop=True))


def _by_identifier(former: Table, table: Table, name: str) -> IntArray | None:
    before, after = former.frame[name], table.frame[name]
    for column in (before, after):
        if column.isna().any() or not column.is_unique:
            return None
    positions = np.asarray(pd.Index(after).get_indexer(pd.Index(before)), dtype=np.int64)
    if _is_count(before) and _is_count(after) and not _are_alike(former, table, positions):
        return None
    return positions


def _is_count(column: pd.Series) -> bool:
    """Whether a column without repeats only counts the rows, from 0 or from 1."""
    if not types.is_integer_dtype(column):
        return False
    first = int(column.min())
    return first in (0, 1) and int(column.max()) == first + len(column) - 1


def _are_alike(former: Table, table: Table, positions: IntArray) -> bool:
    here = positions >= 0
    found = []
    for name in set(former.numeric) & set(table.numeric):
        before = former.number(name)[here]
        after = table.number(name)[positions[here]]
        known = np.isfinite(before) & np.isfinite(after)
        found += _correlation(before[known], after[known])
    return bool(found) and float(np.median(found)) >= _ALIKE


def _correlation(one: FloatArray, other: FloatArray) -> list[float]:
    """Give Pearson's correlation, or nothing where it is not defined."""
    if len(one) < _FEWEST_TO_COMPARE or not np.ptp(one) or not np.ptp(other):
        return []
    return [float(np.corrcoef(one, other)[0, 1])]
