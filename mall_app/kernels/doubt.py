"""How far each row is from the centre of its own cluster, and how much nearer than to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray, IntArray, Metric
from mall_app.kernels.compiled import as_input, as_labels, by_blocks, compiled

Halved = npt.NDArray[np.float32]
_TILE = 128  # rows worked on side by side


def centre_margins(
    values: FloatArray,
    labels: IntArray,
    centres: FloatArray,
    metric: Metric = "euclidean",
    unit: float = 1.0,
) -> tuple[Halved, npt.NDArray[np.int32], Halved]:
    """Give the distance of each row to its own centre, and how much nearer that is than another.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        Finite.
    labels : ndarray of shape (n_rows,)
        Centre of each row; negative ones are noise.
    centres : ndarray of shape (n_clusters, n_dimensions)
        At least one.
    metric : {"euclidean", "cityblock"}
        How far apart two rows are.
    unit : float, default 1.0
        What `own` is measured in, so that float32 can hold it.

    Returns
    -------
    own : ndarray of float32, shape (n_rows,)
        nan for noise.
    second : ndarray of int32, shape (n_rows,)
        The nearest other centre, the first of equals; -1 for noise, and where there is no other.
    margin : ndarray of float32, shape (n_rows,)
        ``1 - own / other``, 0 where the other centre is no farther; nan where there is none.

    Examples
    --------
    >>> rows, centres = np.array([[1.0], [8.0]]), np.array([[0.0], [9.0]])
    >>> given = centre_margins(rows, np.array([0, -1]), centres)
    >>> [own.tolist() for own in given]
    [[1.0, nan], [1, -1], [0.875, nan]]
    """
    rows, codes = as_input(values), as_labels(labels, len(values), len(centres))
    own = np.empty(len(rows), dtype=np.float32)
    second = np.empty(len(rows), dtype=np.int32)
    margin = np.empty(len(rows), dtype=np.float32)
    at = as_input(centres)

    def work(start: int, stop: int) -> None:
        _margins(rows, codes, at, metric == "euclidean", 1 / unit, start, stop, own, second, margin)

    by_blocks(len(rows), work)
    return own, second, margin


@compiled
def _margins(
    values: Any,
    labels: Any,
    centres: Any,
    squared: bool,
    share: float,
    start: int,
    stop: int,
    own: Any,
    second: Any,
    margin: Any,
) -> None:
    n_clusters, n_dimensions = centres.shape
    tile = np.zeros((n_dimensions, _TILE))
    apart = np.empty(_TILE)
    mine = np.empty(_TILE)
    least = np.empty(_TILE)
    which = np.empty(_TILE, dtype=np.int64)
    label = np.full(_TILE, -1, dtype=np.int64)
    for first in range(start, stop, _TILE):
        size = min(_TILE, stop - first)
        for row in range(size):
            label[row] = labels[first + row]
            for column in range(n_dimensions):
                tile[column, row] = values[first + row, column]
        mine[:] = np.nan
        least[:] = np.inf
        which[:] = -1
        for cluster in range(n_clusters):
            apart[:] = 0.0
            for column in range(n_dimensions):
                place = centres[cluster, column]
                for row in range(_TILE):
                    step = tile[column, row] - place
                    apart[row] += step * step if squared else abs(step)
            for row in range(_TILE):
                at_home = label[row] == cluster
                mine[row] = apart[row] if at_home else mine[row]
                closer = (not at_home) and apart[row] < least[row]
                least[row] = apart[row] if closer else least[row]
                which[row] = cluster if closer else which[row]
        for row in range(size):
            alone = label[row] < 0 or which[row] < 0
            near = np.sqrt(mine[row]) if squared else mine[row]
            away = np.sqrt(least[row]) if squared else least[row]
            own[first + row] = near * share
            second[first + row] = -1 if alone else which[row]
            if alone:
                margin[first + row] = np.nan
            else:
                margin[first + row] = 1.0 - near / away if near < away else 0.0
