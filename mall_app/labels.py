"""Labels in a canonical order, so that a segment keeps its number between runs."""

from __future__ import annotations

import numpy as np

from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray, IntArray, position_type

NOISE = -1
_TIE_DIGITS = 9
_DENSE = 8  # labels a row up to which a table of all of them is small
_BLOCK_ROWS = 100_000


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
    codes, n_groups = _coded(labels)
    sizes, first = _sizes(codes, n_groups)[1:], _first(codes, n_groups)
    centres = group_means(values, codes, n_groups)
    keys = [
        (-size, *map(_rounded, centre), position)
        for size, centre, position in zip(sizes, centres.tolist(), first, strict=True)
    ]
    rank = np.full(n_groups + 1, NOISE, dtype=np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(n_groups)
    canonical = rank[codes]
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


def members_of(labels: IntArray) -> dict[int, IntArray]:
    """Give the positions of the members of each segment, rising, by its number; noise has none.

    Examples
    --------
    >>> {number: own.tolist() for number, own in members_of(np.array([3, 0, -1, 3])).items()}
    {0: [1], 3: [0, 3]}
    """
    codes, n_groups = _coded(labels)
    ends = _sizes(codes, n_groups).cumsum()
    parts = np.split(_grouped(codes, n_groups, ends), ends[:-1])[1:]
    return {int(labels[own[0]]): own for own in parts}


def _grouped(codes: IntArray, n_groups: int, ends: IntArray) -> IntArray:
    """Give the positions of the rows of each group, those of noise first."""
    order = np.empty(len(codes), dtype=position_type(len(codes)))
    free = np.append(0, ends[:-1])  # the next place of each group
    for start in range(0, len(codes), _BLOCK_ROWS):
        part = codes[start : start + _BLOCK_ROWS]
        narrow = part.astype(np.int16) if n_groups < 2**15 else part  # these sort in one pass
        sizes = np.bincount(part + 1, minlength=n_groups + 1)
        places = np.repeat(free - (sizes.cumsum() - sizes), sizes) + np.arange(len(part))
        order[places] = np.argsort(narrow, kind="stable") + start
        free += sizes
    return order


def occurring(labels: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Give each label but noise, rising, the position where it comes first, and its size.

    Examples
    --------
    >>> [own.tolist() for own in occurring(np.array([4, 0, -1, 4]))]
    [[0, 4], [1, 0], [1, 2]]
    """
    codes, n_groups = _coded(labels)
    first = _first(codes, n_groups)
    return labels[first], first, _sizes(codes, n_groups)[1:]


def compact_labels(labels: IntArray) -> IntArray:
    """Give labels without gaps, in the same order; noise stays noise.

    Examples
    --------
    >>> compact_labels(np.array([4, 0, -1, 4])).tolist()
    [1, 0, -1, 1]
    """
    return _coded(labels)[0]


def _coded(labels: IntArray) -> tuple[IntArray, int]:
    """Give labels without gaps, noise as -1, and how many groups there are.

    Labels that are so already come back as they are.
    """
    highest = int(labels.max(initial=NOISE))
    if highest > _DENSE * len(labels):
        used = np.unique(labels[labels >= 0])
        codes = np.where(labels < 0, NOISE, np.searchsorted(used, labels))
        return codes, len(used)
    held = np.zeros(highest + 2, dtype=bool)
    for start in range(0, len(labels), _BLOCK_ROWS):
        held[np.maximum(labels[start : start + _BLOCK_ROWS], NOISE)] = True  # -1: the last place
    n_groups = int(held[:-1].sum())
    if n_groups == highest + 1 and int(labels.min(initial=0)) >= NOISE:
        return labels, n_groups
    code = held.cumsum() - 1
    code[-1] = NOISE
    return code[np.maximum(labels, NOISE)], n_groups


def _first(codes: IntArray, n_groups: int) -> IntArray:
    """Position of the first row of each group."""
    first = np.empty(n_groups + 1, dtype=np.int64)  # that of noise comes last
    for start in reversed(range(0, len(codes), _BLOCK_ROWS)):  # the one written last stays
        part = codes[start : start + _BLOCK_ROWS]
        first[part[::-1]] = np.arange(start, start + len(part))[::-1]
    return first[:-1]


def _sizes(codes: IntArray, n_groups: int) -> IntArray:
    """Count noise, then the rows of each group."""
    counts = np.zeros(n_groups + 1, dtype=np.int64)
    for start in range(0, len(codes), _BLOCK_ROWS):
        counts += np.bincount(codes[start : start + _BLOCK_ROWS] + 1, minlength=n_groups + 1)
    return counts


def group_sizes(codes: IntArray) -> IntArray:
    """Count the rows of each group; code -1 is in none.

    Examples
    --------
    >>> group_sizes(np.array([1, 0, -1, 1])).tolist()
    [1, 2]
    """
    return _sizes(codes, int(codes.max(initial=NOISE)) + 1)[1:]


def group_means(values: FloatArray, codes: IntArray, n_groups: int) -> FloatArray:
    """Mean of each column in each group, shape (n_groups, n_dimensions); code -1 is in none."""
    counts = np.zeros(n_groups + 1)
    sums = np.zeros((n_groups + 1, values.shape[1]))
    for start in range(0, len(codes), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        own = codes[part] + 1
        counts += np.bincount(own, minlength=n_groups + 1)
        for column in range(values.shape[1]):
            sums[:, column] += np.bincount(own, values[part, column], n_groups + 1)
    return sums[1:] / counts[1:, None]


def _rounded(value: float) -> float:
    return float(f"{value:.{_TIE_DIGITS}g}") + 0.0
