"""Labels in a canonical order, so that a segment keeps its number between runs."""

from __future__ import annotations

import numpy as np

from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray, IntArray

NOISE = -1
_TIE_DIGITS = 9


def canonical_labels(values: FloatArray, labels: IntArray) -> IntArray:
    """Give each group its number: the largest is 0; ties by centre, then by the first row.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        What was clustered; centres are compared to 9 significant digits, column by column.
    labels : ndarray of shape (n_rows,)
        Any integers; negative ones are noise.

    Returns
    -------
    ndarray of shape (n_rows,)
        0 for the largest group and so on; -1 for noise. Read-only.

    Examples
    --------
    >>> canonical_labels(np.array([[9.0], [1.0], [1.1]]), np.array([4, 7, 7])).tolist()
    [1, 0, 0]
    """
    canonical = np.full(len(labels), NOISE, dtype=np.int64)
    kept = labels >= 0
    _, first, codes, sizes = np.unique(
        labels[kept], return_index=True, return_inverse=True, return_counts=True
    )
    centres = group_means(values[kept], codes, len(sizes))
    keys = [
        (-size, *map(_rounded, centre), position)
        for size, centre, position in zip(sizes, centres.tolist(), first, strict=True)
    ]
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(sizes))
    canonical[kept] = rank[codes]
    canonical.setflags(write=False)
    return canonical


def numbered(labels: IntArray, numbering: tuple[int, ...] | None) -> IntArray:
    """Give canonical labels the numbers their segments are known by.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        From `canonical_labels`.
    numbering : tuple of int, optional
        Number of segment 0, of segment 1 and so on; None leaves the labels as they are.

    Raises
    ------
    SettingsError
        There are more or fewer numbers than segments.

    Examples
    --------
    >>> numbered(np.array([0, 1, -1]), (4, 0)).tolist()
    [4, 0, -1]
    """
    if numbering is None:
        return labels
    found = int(labels.max()) + 1
    if len(numbering) != found:
        raise SettingsError(
            f"numbering must have a number for each of the {found} segments found, "
            f"not {len(numbering)}.",
            ("numbering",),
        )
    given = np.array([*numbering, NOISE], dtype=np.int64)[labels]
    given.setflags(write=False)
    return given


def compact_labels(labels: IntArray) -> IntArray:
    """Give labels without gaps, in the same order; noise stays noise.

    Examples
    --------
    >>> compact_labels(np.array([4, 0, -1, 4])).tolist()
    [1, 0, -1, 1]
    """
    codes = np.full(len(labels), NOISE, dtype=np.int64)
    kept = labels >= 0
    codes[kept] = np.unique(labels[kept], return_inverse=True)[1]
    return codes


def group_means(values: FloatArray, codes: IntArray, n_groups: int) -> FloatArray:
    """Mean of each column in each group, shape (n_groups, n_dimensions)."""
    counts = np.bincount(codes, minlength=n_groups)
    sums = [np.bincount(codes, weights=column, minlength=n_groups) for column in values.T]
    return np.stack(sums, axis=1) / counts[:, None]


def _rounded(value: float) -> float:
    return float(f"{value:.{_TIE_DIGITS}g}") + 0.0
