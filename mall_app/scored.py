"""What is scored: rows and labels that anybody may hand in, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.checks import shown
from mall_app.errors import DataError
from mall_app.geometry.points import IntArray
from mall_app.labels import NOISE, compact_labels

_LARGEST, _SMALLEST = 1e150, 1e-150  # the square of a difference is still a number


def checked_rows(X: npt.ArrayLike) -> npt.NDArray[Any]:
    """Give rows as floats, float32 as it is; scaled where squares of them would not be numbers.

    Parameters
    ----------
    X : array-like of shape (n_rows, n_columns)
        Finite numbers.

    Returns
    -------
    ndarray of float64 or float32

    Raises
    ------
    DataError
        There is no row or column, or something is no finite number.

    Examples
    --------
    >>> checked_rows([[1, 2]]).tolist()
    [[1.0, 2.0]]
    """
    try:
        found = np.asarray(X)
    except ValueError:
        raise DataError("X must have as many columns in each row.") from None
    if found.dtype.kind == "O" and found.ndim == 0:
        raise DataError(f"X must be a table of numbers, not {shown(X)}.")
    if found.ndim != 2:
        raise DataError(f"X must have rows and columns, not {found.ndim} dimensions.")
    if 0 in found.shape:
        raise DataError(f"X has {found.shape[0]} rows and {found.shape[1]} columns.")
    values = _as_floats(found)
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0].tolist()
        raise DataError(
            f"X must be finite: row {row}, column {column} is {float(values[row, column])}."
        )
    if np.ma.is_masked(X):  # what lies under the mask is no value
        row, column = np.argwhere(np.ma.getmaskarray(np.ma.asarray(X)))[0].tolist()
        raise DataError(f"X must be finite: row {row}, column {column} is masked.")
    scale = float(np.abs(values).max())
    if scale > _LARGEST or 0 < scale < _SMALLEST:
        return np.asarray(values / scale)
    return values


def checked_labels(labels: npt.ArrayLike, n_rows: int) -> IntArray:
    """Give the number of the cluster of each row, without gaps; -1 is noise.

    Parameters
    ----------
    labels : array-like of shape (n_rows,)
        Numbers, names or truth values; negative integers are noise.
    n_rows : int
        How many there must be.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    DataError
        There are more or fewer, one is missing or no whole number, or all are noise.

    Examples
    --------
    >>> checked_labels(["b", "a", "b"], 3).tolist(), checked_labels([7, -1, 3], 3).tolist()
    ([1, 0, 1], [1, -1, 0])
    """
    found = np.asarray(labels)
    if found.ndim != 1:
        raise DataError(f"labels must be one for each row, not of {found.ndim} dimensions.")
    if len(found) != n_rows:
        raise DataError(f"There are {n_rows} rows and {len(found)} labels.")
    if np.ma.is_masked(labels):
        row = int(np.flatnonzero(np.ma.getmaskarray(np.ma.asarray(labels)))[0])
        raise DataError(f"The label of row {row} is missing.")
    if found.dtype.kind not in "biuf":
        found = _numbered(found.tolist())
    if found.dtype.kind == "f":
        whole = np.isfinite(found) & (found == np.round(found))
        if not whole.all():
            row = int(np.flatnonzero(~whole)[0])
            raise DataError(
                f"Labels that are numbers must be whole: that of row {row} is {float(found[row])}."
            )
    if found.dtype.kind in "fu":  # the largest of them are no int64
        ordered = np.unique(found, return_inverse=True)[1]
        found = np.where(found < 0, NOISE, ordered)
    codes = compact_labels(found.astype(np.int64, copy=False))
    if codes.max() == NOISE:
        raise DataError("Every row is noise: there is no cluster to score.")
    return codes


def _as_floats(found: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if found.dtype.type is np.float32:
        return found
    try:
        if found.dtype.kind in "biuf":
            return found.astype(np.float64, copy=False)
        if found.dtype.kind == "O" and not any(isinstance(own, str) for own in found.ravel()):
            return found.astype(np.float64)
    except (TypeError, ValueError):
        pass
    raise DataError("X must hold numbers only.")


def _numbered(labels: list[Any]) -> npt.NDArray[Any]:
    """Give labels of any kind numbers in the order of their text; integers stay as they are."""
    for row, own in enumerate(labels):
        if own is None or own != own:
            raise DataError(f"The label of row {row} is missing.")
    if all(isinstance(own, int) for own in labels):
        return np.array(labels)
    try:
        codes = {own: code for code, own in enumerate(sorted(set(labels), key=str))}
    except TypeError:
        raise DataError(f"A label cannot be {shown(labels[0])}.") from None
    return np.array([codes[own] for own in labels], dtype=np.int64)
