"""How much a segment differs from the rest of the customers, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray

_NORMAL_95 = 1.959963984540054
_NO_SPREAD = 1e-12


@dataclass(frozen=True)
class Effect:
    """A difference with its 95 % confidence interval.

    Parameters
    ----------
    value : float
        The estimate; above 0 when the segment has more than the rest.
    low, high : float
        Ends of the interval.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ShareContrast:
    """One value of a category: how common it is in a segment and in the rest of the customers.

    Parameters
    ----------
    share : float from 0 to 1
        In the segment.
    rest_share : float from 0 to 1, or None
        Among all other customers; None when there are none.
    standardized_difference : float or None
        Share in the segment less share of all customers, in standard deviations of a column that
        is 1 for the value and 0 otherwise: the scale of a quantity's `standardized_difference`.
    risk_difference : Effect or None
        Share in the segment less share in the rest; see `share_difference`.
    effect : Effect or None
        Cohen's h; see `cohens_h`.
    """

    share: float
    rest_share: float | None
    standardized_difference: float | None
    risk_difference: Effect | None
    effect: Effect | None


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, sum and sum of squares of each column in each group of rows.

    Parameters
    ----------
    counts, sums, squares : ndarray of shape (n_groups, n_columns)
        Of the values that are there.
    """

    counts: FloatArray
    sums: FloatArray
    squares: FloatArray

    def rest(self, total: Moments) -> Moments:
        """Give the moments of all rows outside each group."""
        return Moments(
            total.counts - self.counts, total.sums - self.sums, total.squares - self.squares
        )

    @classmethod
    def beside(cls, columns: Sequence[Moments]) -> Moments:
        """Put the moments of several columns beside each other."""
        return cls(
            np.hstack([own.counts for own in columns]),
            np.hstack([own.sums for own in columns]),
            np.hstack([own.squares for own in columns]),
        )

    @property
    def means(self) -> FloatArray:
        """Mean of each column; nan where there is no value."""
        return np.asarray(self.sums / self.counts)

    @property
    def scatter(self) -> FloatArray:
        """Sum of squared differences from the mean."""
        return np.asarray(np.maximum(self.squares - self.sums * self.means, 0.0))


@np.errstate(invalid="ignore", divide="ignore", over="ignore")
def hedges_g(group: Moments, rest: Moments) -> tuple[FloatArray, FloatArray]:
    """Standardised mean difference of two groups, corrected for their size.

    Parameters
    ----------
    group, rest : Moments
        Of columns that were centred, and divided by their standard deviation over all rows, so
        that what is left of a variance that is zero is known for rounding.

    Returns
    -------
    g : ndarray of shape (n_groups, n_columns)
        Difference of the means in pooled standard deviations, times ``1 - 3 / (4 df - 1)``. Not
        finite where a group has fewer than two values, or where neither varies.
    half : ndarray of shape (n_groups, n_columns)
        Half the width of the 95 % confidence interval.

    References
    ----------
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size and related
    estimators. Journal of Educational Statistics 6, 107-128.

    Borenstein, M. et al. (2009). Introduction to Meta-Analysis, chapter 4, equations 4.18 to 4.24
    (the interval is the normal one).

    Examples
    --------
    Means 103 and 100, both standard deviations 5.5 and 4.5, 50 in each: d = 3 / 5.0249 = 0.5970,
    J = 1 - 3 / 391 = 0.99233, g = 0.5924; variance J^2 (100 / 2500 + d^2 / 200) = 0.0411
    (Borenstein et al., page 27).

    >>> def moments(mean, deviation, n):
    ...     squares = 49 * deviation**2 + n * mean**2
    ...     return Moments(*(np.array([[own]], float) for own in (n, n * mean, squares)))
    >>> g, half = hedges_g(moments(3, 5.5, 50), moments(0, 4.5, 50))
    >>> round(float(g[0, 0]), 4), round(float((half[0, 0] / 1.96) ** 2), 4)
    (0.5924, 0.0411)
    """
    first, second = group.counts, rest.counts
    freedom = first + second - 2
    variance = (group.scatter + rest.scatter) / freedom
    usable = (first >= 2) & (second >= 2) & (variance > _NO_SPREAD)
    correction = 1 - 3 / (4 * freedom - 1)
    cohens_d = (group.means - rest.means) / np.sqrt(np.where(usable, variance, np.nan))
    error = np.sqrt((first + second) / (first * second) + cohens_d**2 / (2 * (first + second)))
    return correction * cohens_d, _NORMAL_95 * correction * error


@np.errstate(invalid="ignore", divide="ignore")
def cohens_h(
    share: FloatArray, size: FloatArray, rest_share: FloatArray, rest_size: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Difference of two shares on the scale where their spread does not depend on them.

    Returns
    -------
    h : ndarray
        ``2 asin(sqrt(share)) - 2 asin(sqrt(rest_share))``, -pi to pi; 0.2 is small, 0.5 medium and
        0.8 large, as for a standardised mean difference.
    half : ndarray
        Half the width of the 95 % confidence interval, 1.96 ``sqrt(1 / size + 1 / rest_size)``.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, chapter 6.

    Examples
    --------
    3 of 4 against 1 of 4: 2 asin(sqrt(0.75)) = 2 pi / 3 and 2 asin(sqrt(0.25)) = pi / 3.

    >>> h, half = cohens_h(*(np.array([own]) for own in (0.75, 4.0, 0.25, 4.0)))
    >>> round(float(h[0]), 4), round(float(half[0]), 4)
    (1.0472, 1.3859)
    """
    angle = 2 * np.arcsin(np.sqrt(share)) - 2 * np.arcsin(np.sqrt(rest_share))
    return angle, _NORMAL_95 * np.sqrt(1 / size + 1 / rest_size)


@np.errstate(invalid="ignore", divide="ignore")
def share_difference(
    share: FloatArray, size: FloatArray, rest_share: FloatArray, rest_size: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Difference of two shares with a 95 % interval that holds for shares of 0 and 1 as well.

    Returns
    -------
    difference, low, high : ndarray
        From -1 to 1. The interval combines the two Wilson score intervals.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions:
    comparison of eleven methods. Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    56 of 70 against 48 of 80 is 0.0524 to 0.3339 in Newcombe's table II.

    >>> found = share_difference(*(np.array([own]) for own in (56 / 70, 70.0, 48 / 80, 80.0)))
    >>> [round(float(own[0]), 4) for own in found]
    [0.2, 0.0524, 0.3339]
    """
    own_low, own_high = _wilson(share, size)
    rest_low, rest_high = _wilson(rest_share, rest_size)
    difference = share - rest_share
    return (
        difference,
        difference - np.hypot(share - own_low, rest_high - rest_share),
        difference + np.hypot(own_high - share, rest_share - rest_low),
    )


def _wilson(share: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray]:
    squared = _NORMAL_95**2
    middle = share + squared / (2 * size)
    spread = _NORMAL_95 * np.sqrt(share * (1 - share) / size + squared / (4 * size**2))
    scale = 1 + squared / size
    return (middle - spread) / scale, (middle + spread) / scale
