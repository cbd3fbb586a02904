"""The nearest of many centres, by all distances or by a tree, whichever is sooner done."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from mall_app.geometry.points import FloatArray
from mall_app.kernels.compiled import by_blocks
from mall_app.kernels.lloyd_step import Labels, lloyd_step

_FEW_ROWS = 5_000  # loading a kernel takes longer than asking a tree for as many
_CENTRES = 100  # times two for each dimension: from here on a tree is sooner done


def nearest_centres(values: FloatArray, centres: FloatArray) -> Labels:
    """Give the position of the nearest centre of each row, by Euclidean distance.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        Finite.
    centres : ndarray of shape (n_centres, n_dimensions)
        At least one, no two equal.

    Returns
    -------
    ndarray of int32, shape (n_rows,)

    Examples
    --------
    >>> nearest_centres(np.array([[0.0], [1.0], [9.0]]), np.array([[8.0], [0.0]])).tolist()
    [1, 1, 0]
    """
    n_rows, n_dimensions = values.shape
    nearest = np.empty(n_rows, dtype=np.int32)
    if n_rows > _FEW_ROWS and len(centres) < _CENTRES * 2.0**n_dimensions:
        lloyd_step(np.ascontiguousarray(values), centres, nearest)
        return nearest
    tree = KDTree(centres)

    def work(start: int, stop: int) -> None:
        nearest[start:stop] = tree.query(values[start:stop])[1]

    by_blocks(n_rows, work)
    return nearest
