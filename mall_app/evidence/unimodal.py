"""The table with one peak in every column that is nearest to the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from mall_app.geometry.points import FloatArray

_MODES = 21


@dataclass(frozen=True, eq=False)
class OnePeak:
    """Draws numbers that depend on each other like the customers', with one peak in every column.

    Each column has the distribution nearest to the customers' among those with a single peak, so
    it is as skewed and as heavy in the tails; columns are tied by a Gaussian copula. A column of
    money, skewed as money is, so does not pass for groups.

    Parameters
    ----------
    columns : tuple of (knots, shares)
        From `one_peak`, for each column.
    principal : ndarray of shape (n_axes, n_columns)
        Principal axes of the normal scores, each as long as the standard deviation along it.
    """

    columns: tuple[tuple[FloatArray, FloatArray], ...]
    principal: FloatArray

    @classmethod
    def of(cls, values: FloatArray, steps: Sequence[float]) -> OnePeak:
        """Fit to the customers; `steps` are those of the grids their columns lie on, or 0.

        Examples
        --------
        >>> drawn = OnePeak.of(np.array([[0.0], [1.0], [5.0]]), [0.0]).draw(
        ...     9, np.random.default_rng(0))
        >>> drawn.shape, bool(drawn.min() >= 0), bool(drawn.max() <= 5)
        ((9, 1), True, True)
        """
        from scipy.stats import rankdata

        columns = tuple(one_peak(own, step) for own, step in zip(values.T, steps, strict=True))
        scores = ndtri((rankdata(values, axis=0) - 0.5) / len(values))
        spread = scores.std(axis=0)
        scores = scores / np.where(spread > 0, spread, 1.0)
        _, lengths, axes = np.linalg.svd(scores, full_matrices=False)
        return cls(columns, np.asarray(axes * lengths[:, None] / np.sqrt(len(values))))

    def draw(self, n_rows: int, generator: np.random.Generator) -> FloatArray:
        """Draw so many rows."""
        scores = generator.standard_normal((n_rows, len(self.principal))) @ self.principal
        drawn = [
            np.interp(ranks, shares, knots)
            for ranks, (knots, shares) in zip(ndtr(scores).T, self.columns, strict=True)
        ]
        return np.column_stack(drawn)


def one_peak(values: FloatArray, step: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Give the distribution with one peak that is nearest to that of some values.

    Its density rises up to the peak and falls from there: isotonic regression of the slopes of
    the distribution function on either side, at the peak where the largest difference to it is
    least. That difference is what the dip test measures.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        A column.
    step : float
        Of the grid they lie on; 0 for none.

    Returns
    -------
    knots, shares : ndarray of shape (n_knots,)
        Values, rising, and the share that lies below each; straight lines between them.

    References
    ----------
    Hartigan, J. A. and Hartigan, P. M. (1985). The dip test of unimodality. Annals of Statistics
    13(1), 70-84.

    Examples
    --------
    >>> knots, shares = one_peak(np.array([0.0, 0.0, 1.0, 3.0, 3.0]), 1.0)
    >>> knots.tolist(), shares.round(2).tolist()
    ([-0.5, 0.5, 1.5, 2.5, 3.5], [0.0, 0.4, 0.6, 0.8, 1.0])
    """
    knots, shares = _distribution(values, step)
    widths = np.diff(knots)
    slopes = np.diff(shares) / widths
    best, least = shares, np.inf
    for peak in np.unique(np.linspace(0, len(slopes), _MODES).astype(int)):
        density = np.r_[
            _monotone(slopes[:peak], widths[:peak], True),
            _monotone(slopes[peak:], widths[peak:], False),
        ]
        found = np.r_[0.0, np.cumsum(density * widths)]
        difference = float(np.abs(found - shares).max())
        if difference < least:
            best, least = found, difference
    return knots, best


def _distribution(values: FloatArray, step: float) -> tuple[FloatArray, FloatArray]:
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) == 1:
        return distinct, np.ones(1)
    if step:  # between the lines of the grid: rounding to it gives the shares back
        lines = np.rint((distinct - distinct[0]) / step)
        edges = np.unique(np.r_[lines - 0.5, lines + 0.5])  # few, however fine the grid
        below = np.r_[0, np.cumsum(counts)][np.searchsorted(lines, edges)]
        return distinct[0] + edges * step, below / len(values)
    shares = (np.cumsum(counts) - counts / 2) / len(values)
    shares[0], shares[-1] = 0.0, 1.0
    return distinct, shares


def _monotone(slopes: FloatArray, widths: FloatArray, rising: bool) -> FloatArray:
    from scipy.optimize import isotonic_regression

    if len(slopes) < 2:
        return slopes
    return np.asarray(isotonic_regression(slopes, weights=widths, increasing=rising).x)
