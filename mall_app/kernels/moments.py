"""What a column comes to: how many values, their mean, how they scatter, and the ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.kernels.compiled import as_input, compiled


def column_moments(values: npt.ArrayLike) -> tuple[int, float, float, float, float]:
    """Work out the moments of a column, in two passes so that no digits are lost.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        nan where missing; float32 is added up in float64.

    Returns
    -------
    count : int
        Values that are there.
    mean, scatter : float
        Their mean, and the sum of the squared differences from it; 0 where there are none.
    low, high : float
        The least and the largest; infinite where there are none.

    Examples
    --------
    >>> column_moments([1.0, np.nan, 3.0])
    (2, 2.0, 2.0, 1.0, 3.0)
    """
    own = as_input(values)
    count = len(own) - int(np.count_nonzero(np.isnan(own)))
    if not count:
        return 0, 0.0, 0.0, np.inf, -np.inf
    about = _away(own, 0.0)[0] / count
    away, squares = _away(own, about)
    scatter = max(squares - away**2 / count, 0.0)
    low, high = float(np.fmin.reduce(own)), float(np.fmax.reduce(own))
    return count, about + away / count, scatter, low, high


@compiled
def _away(values: Any, middle: float) -> tuple[float, float]:
    """Sum the differences from a number, and their squares; what is missing adds nothing."""
    total = squares = 0.0
    for row in range(len(values)):
        apart = np.float64(values[row]) - middle
        apart = np.float64(apart if apart == apart else 0.0)
        total += apart
        squares += apart * apart
    return total, squares
