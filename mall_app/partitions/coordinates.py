"""The coordinates of the customers of each partition, and where they are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mall_app.geometry.encoding import Encoding
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.lloyd_step import Rows
from mall_app.partitions.columns import Columns

_LABEL_BYTES = 4
_BLOCK_ROWS = 16_384  # whose coordinates stay in the processor's cache


def coordinates(columns: Columns, encoding: Encoding, features: Sequence[str], drop: bool) -> Rows:
    """Give the coordinates of the rows of a partition that are clustered.

    Parameters
    ----------
    columns : Columns
        With all features.
    encoding : Encoding
        Learned from the whole table.
    features : sequence of str
        What is clustered on.
    drop : bool
        Whether a row that lacks a feature is left out; else it is filled.

    Returns
    -------
    ndarray of float32 or float64, shape (n_used, n_dimensions)
        float32 where every coordinate stays the same number, as with float32 columns or whole
        numbers up to 16 million that are not scaled; else float64. C-contiguous, read-only.
    """
    present = columns.present(features) if drop else None
    rows = None if present is None else np.flatnonzero(present)
    n_rows = columns.n_rows if rows is None else len(rows)
    codes = {own.name: columns.codes(own.name, own.values) for own in encoding.categories}

    def block(start: int) -> FloatArray:
        own = slice(start, start + _BLOCK_ROWS)
        return _encoded(columns, codes, encoding, own if rows is None else rows[own])

    found: Rows = np.empty((n_rows, len(encoding.dimensions)), dtype=np.float32)
    starts = range(0, n_rows, _BLOCK_ROWS)
    for start in starts:
        wide = block(start)
        narrow = narrowed(wide)
        if narrow is wide:
            found = np.concatenate([block(own) for own in starts])
            break
        found[start : start + _BLOCK_ROWS] = narrow
    found.setflags(write=False)
    return found


def _encoded(
    columns: Columns, codes: dict[str, IntArray], encoding: Encoding, rows: slice | IntArray
) -> FloatArray:
    """Give the coordinates of some rows."""
    numbers = {}
    for own in encoding.numbers:
        values = np.asarray(columns.numbers[own.name][rows], dtype=np.float64)
        gaps = np.isnan(values)
        numbers[own.name] = np.where(gaps, own.filling, values) if gaps.any() else values
    filled = {}
    for each in encoding.categories:
        given = codes[each.name][rows]
        filled[each.name] = np.where(given < 0, each.filling, given)
    return encoding.encode(numbers, filled)


def narrowed(values: Rows) -> Rows:
    """Give the same numbers in half the memory, where they stay the same.

    Examples
    --------
    >>> narrowed(np.array([[0.5], [3.0]])).dtype.name, narrowed(np.array([[0.1]])).dtype.name
    ('float32', 'float64')
    """
    with np.errstate(over="ignore"):
        small = values.astype(np.float32)
    if not np.array_equal(small, values):
        return values
    small.setflags(write=False)
    return small


def bytes_of(n_rows: int, n_dimensions: int) -> int:
    """Give what the coordinates and the labels of rows take at most."""
    return n_rows * (8 * n_dimensions + _LABEL_BYTES)
