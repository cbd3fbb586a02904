"""Information criteria of a Gaussian mixture."""

from __future__ import annotations

import warnings

from mall_app.algorithms import Algorithm
from mall_app.geometry.points import Points

WHY_NOT = "Only a mixture says how likely the customers are; this algorithm has no likelihood."


def information_criteria(
    points: Points, algorithm: Algorithm, n_clusters: int, random_state: int
) -> tuple[float, float] | None:
    """Give BIC and AIC of the mixture that the algorithm fits, lower is better.

    Returns
    -------
    tuple of float, or None
        None for an algorithm that is no mixture.

    References
    ----------
    Fraley, C. and Raftery, A. E. (1998). How many clusters? Which clustering method? Answers via
    model-based cluster analysis. The Computer Journal 41(8), 578-588.
    """
    from sklearn.mixture import GaussianMixture

    if algorithm.key != "gaussian_mixture":
        return None
    mixture = GaussianMixture(n_clusters, random_state=random_state, **algorithm.params())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told once already, by the fit
        mixture.fit(points.values)
    return float(mixture.bic(points.values)), float(mixture.aic(points.values))
