"""Some of the rows of a table, for passes before those over all; together they stand for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray
from mall_app.kernels.compiled import BLOCK_ROWS
from mall_app.kernels.drawing import lots
from mall_app.kernels.lloyd_step import LloydStep, Rows, lloyd_step


@dataclass(frozen=True, eq=False)
class Far:
    """Which rows lie so far out that one may not stand for several.

    Parameters
    ----------
    middle : ndarray of shape (n_dimensions,)
        What they are far from.
    squares : float
        The squared distance beyond which they are.
    """

    middle: FloatArray
    squares: float

    def of(self, values: Rows) -> npt.NDArray[np.bool_]:
        """Say of each row whether it is far."""
        blocks = [own > self.squares for own in squared_distances(values, self.middle)]
        return np.concatenate([np.empty(0, dtype=np.bool_), *blocks])


@dataclass(frozen=True, eq=False)
class Thinned:
    """Rows that count alone, and rows that each stand for several.

    Parameters
    ----------
    far : ndarray of shape (n_far, n_dimensions)
        Rows that count alone.
    near : ndarray of shape (n_near, n_dimensions)
        Rows that stand for several.
    every : int
        For how many.
    """

    far: Rows
    near: Rows
    every: int

    def step(self, centres: FloatArray) -> LloydStep:
        """Pass over them as over the rows they stand for."""
        return lloyd_step(self.far, centres) + lloyd_step(self.near, centres).times(self.every)


def thinned(
    values: Rows, every: int, start: int = 0, n_rows: int | None = None, far: Far | None = None
) -> Thinned:
    """Draw one row of each so many that follow each other, and take all that are far.

    Where in a run of rows the drawn one stands varies, as rows may be sorted or repeat; the draw
    is the same each time, and that of parts of a table together that of the whole.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        A table, or a part of one.
    every : int
        How many follow each other.
    start : int
        Which row of the table the first of them is.
    n_rows : int, optional
        Rows of the table; by default these are its last.
    far : Far, optional
        Which rows are all taken; by default none.

    Examples
    --------
    >>> some = thinned(np.array([[0.0], [1.0], [0.0], [9.0]]), 2, far=Far(np.zeros(1), 50.0))
    >>> some.far.tolist(), some.near.tolist()
    ([[9.0]], [[0.0], [0.0]])
    """
    stop = start + len(values)
    runs = np.arange(start // every, -(-stop // every))
    lengths = np.minimum(every, (stop if n_rows is None else n_rows) - runs * every)
    rows = runs * every + (lots(every, len(runs), start // every) * lengths).astype(np.int64)
    rows = rows[(rows >= start) & (rows < stop)] - start
    if far is None:
        return Thinned(values[:0], values[rows], every)
    is_far = far.of(values)
    return Thinned(values[is_far], values[rows[~is_far[rows]]], every)


def passed(part: Rows | Thinned, centres: FloatArray) -> LloydStep:
    """Pass over all rows of a part of a table, or over some."""
    return part.step(centres) if isinstance(part, Thinned) else lloyd_step(part, centres)


def squared_distances(values: Rows, middle: FloatArray) -> Iterator[FloatArray]:
    """Give the squared distances of rows to a point, block by block."""
    for start in range(0, len(values), BLOCK_ROWS):
        apart = values[start : start + BLOCK_ROWS] - middle
        yield np.einsum("ij,ij->i", apart, apart)
