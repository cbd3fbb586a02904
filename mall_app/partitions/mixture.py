"""A Gaussian mixture over partitions: expectation-maximisation by sums over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.mixture import GaussianMixture as SklearnGaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky

from mall_app.algorithms import NOT_CONVERGED
from mall_app.algorithms.gaussian_mixture import GaussianMixture
from mall_app.assigners import MixtureAssigner
from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray
from mall_app.kernels.lloyd_step import Rows
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud
from mall_app.partitions.statistics import summed
from mall_app.progress import step

_TOLERANCE = 1e-3  # of the mean log-likelihood, scikit-learn's
_BLOCK_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Expected:
    """What the rows of a partition add to each component, weighted by how likely they are its own.

    Parameters
    ----------
    weights : ndarray of shape (n_components,)
        Sums of the shares.
    sums : ndarray of shape (n_components, n_dimensions)
        Of the coordinates less a middle.
    squares : ndarray of shape (n_components, n_dimensions[, n_dimensions])
        Of their products with each other; of their squares alone for upright shapes.
    likelihood : float
        Sum of the logarithms of the density of the rows.
    """

    weights: FloatArray
    sums: FloatArray
    squares: FloatArray
    likelihood: float

    def __add__(self, other: Expected) -> Expected:
        """Give what the rows of both add."""
        return Expected(
            self.weights + other.weights,
            self.sums + other.sums,
            self.squares + other.squares,
            self.likelihood + other.likelihood,
        )


def gaussian_mixture(
    cloud: Cloud, algorithm: GaussianMixture, n_clusters: int, random_state: int
) -> FoundInParts:
    """Fit a mixture to the customers.

    The starts run on the sample; the best is then refined by passes over all rows.

    Parameters
    ----------
    cloud, algorithm, n_clusters, random_state
        As in `mall_app.partitions.kmeans.kmeans`.

    Raises
    ------
    SettingsError
        A component collapsed; `reg_covar` must be larger.
    """
    begun = algorithm.cluster(cloud.sample, n_clusters, random_state).assigner
    if not isinstance(begun, MixtureAssigner):
        raise TypeError("A mixture on a sample is no mixture.")
    mixture, before = begun, -np.inf
    middle = np.asarray(cloud.sample.values).mean(axis=0)
    for number in range(algorithm.max_iter):
        parts = cloud.workers.collect(_expected, cloud.values, mixture, middle)
        found: Expected = summed(parts)
        mixture = _maximised(mixture, found, middle, algorithm)
        likelihood = found.likelihood / cloud.n_rows
        step(number + 1, 0, "Passes over all customers")
        if abs(likelihood - before) < _TOLERANCE:
            return FoundInParts(mixture)
        before = likelihood
    return FoundInParts(mixture, (NOT_CONVERGED,))


def _expected(values: Rows, mixture: MixtureAssigner, middle: FloatArray) -> Expected:
    """Take the expectation step over a partition, block by block."""
    n_components, n_dimensions = mixture.means.shape
    oval = mixture.shape in ("full", "tied")
    shape = (n_components, n_dimensions, n_dimensions) if oval else (n_components, n_dimensions)
    total = Expected(
        np.zeros(n_components), np.zeros((n_components, n_dimensions)), np.zeros(shape), 0.0
    )
    model = _model(mixture)
    for start in range(0, len(values), _BLOCK_ROWS):
        block = np.asarray(values[start : start + _BLOCK_ROWS], dtype=np.float64)
        density, shares = model._estimate_log_prob_resp(block)
        shares, away = np.exp(shares), block - middle
        if oval:
            squares = np.stack([(own[:, None] * away).T @ away for own in shares.T])
        else:
            squares = shares.T @ away**2
        total += Expected(shares.sum(axis=0), shares.T @ away, squares, float(density.sum()))
    return total


def _maximised(
    mixture: MixtureAssigner, found: Expected, middle: FloatArray, algorithm: GaussianMixture
) -> MixtureAssigner:
    weights = found.weights + 10 * np.finfo(np.float64).eps
    means = found.sums / weights[:, None]
    covariances = _covariances(mixture.shape, found, weights, means, algorithm.reg_covar)
    try:
        precisions = _compute_precision_cholesky(covariances, mixture.shape)
    except ValueError as error:
        raise SettingsError(
            f"reg_covar must be more than {algorithm.reg_covar:g} for this table: a segment shrank "
            "to a point or a line. Use fewer segments or a larger reg_covar.",
            ("params", "reg_covar"),
        ) from error
    return replace(
        mixture, means=means + middle, precisions=precisions, weights=weights / weights.sum()
    )


def _covariances(
    shape: str, found: Expected, weights: FloatArray, means: FloatArray, least: float
) -> FloatArray:
    """Give the covariances in the form scikit-learn keeps them for a shape."""
    n_dimensions = means.shape[1]
    if shape == "tied":
        products = found.squares.sum(axis=0) - (weights[:, None] * means).T @ means
        return np.asarray(products / weights.sum() + least * np.eye(n_dimensions))
    if shape == "full":
        products = found.squares / weights[:, None, None] - means[:, :, None] * means[:, None, :]
        return np.asarray(products + least * np.eye(n_dimensions))
    upright = found.squares / weights[:, None] - means**2 + least
    return np.asarray(upright if shape == "diag" else upright.mean(axis=1))


def _model(mixture: MixtureAssigner) -> Any:
    model = SklearnGaussianMixture(len(mixture.means), covariance_type=mixture.shape)
    model.means_, model.precisions_cholesky_ = mixture.means, mixture.precisions
    model.weights_ = mixture.weights / mixture.weights.sum()
    return model
