"""One pass of expectation-maximisation over any number of rows, as sums that add up over parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mall_app.assigners import MixtureAssigner
from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray
from mall_app.kernels.lloyd_step import Rows
from mall_app.progress import step

_TOLERANCE = 1e-3  # of the mean log-likelihood, as scikit-learn has it
_BLOCK_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Expected:
    """What rows add to each component, weighted by how likely they are its own.

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


def expected(values: Rows, mixture: MixtureAssigner, middle: FloatArray) -> Expected:
    """Take the expectation step over some rows, block by block.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        The rows.
    mixture : MixtureAssigner
        As it is now.
    middle : ndarray of shape (n_dimensions,)
        About where the rows lie; sums are taken from there, which keeps their digits.
    """
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


def maximised(
    mixture: MixtureAssigner, found: Expected, middle: FloatArray, reg_covar: float
) -> MixtureAssigner:
    """Give the mixture that is likeliest for what the expectation step found over all rows.

    Parameters
    ----------
    mixture : MixtureAssigner
        Before.
    found : Expected
        Over all rows.
    middle : ndarray of shape (n_dimensions,)
        That of `expected`.
    reg_covar : float
        Added to every variance.

    Raises
    ------
    SettingsError
        A component collapsed; `reg_covar` must be larger.
    """
    from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky

    weights = found.weights + 10 * np.finfo(np.float64).eps
    means = found.sums / weights[:, None]
    covariances = _covariances(mixture.shape, found, weights, means, reg_covar)
    try:
        precisions = _compute_precision_cholesky(covariances, mixture.shape)
    except ValueError as error:
        raise collapsed(reg_covar) from error
    return replace(
        mixture, means=means + middle, precisions=precisions, weights=weights / weights.sum()
    )


def refined(
    whole: Callable[[MixtureAssigner], Expected],
    mixture: MixtureAssigner,
    middle: FloatArray,
    n_rows: int,
    max_iter: int,
    reg_covar: float,
) -> tuple[MixtureAssigner, bool]:
    """Refine a mixture by passes over all rows until their likelihood rests.

    Parameters
    ----------
    whole : callable
        Takes a mixture and gives what `expected` finds over all rows.
    mixture : MixtureAssigner
        Where it starts.
    middle : ndarray of shape (n_dimensions,)
        That of `expected`.
    n_rows : int
        All of them.
    max_iter : int
        Most passes.
    reg_covar : float
        Added to every variance.

    Returns
    -------
    mixture : MixtureAssigner
    converged : bool
        Whether it came to rest.

    Raises
    ------
    SettingsError
        A component collapsed; `reg_covar` must be larger.
    """
    before = -np.inf
    for number in range(max_iter):
        found = whole(mixture)
        mixture = maximised(mixture, found, middle, reg_covar)
        likelihood = found.likelihood / n_rows
        step(number + 1, 0, "Passes over all customers")
        if abs(likelihood - before) < _TOLERANCE:
            return mixture, True
        before = likelihood
    return mixture, False


def collapsed(reg_covar: float) -> SettingsError:
    """Say that a component shrank to nothing."""
    return SettingsError(
        f"reg_covar must be more than {reg_covar:g} for this table: a segment shrank "
        "to a point or a line. Use fewer segments or a larger reg_covar.",
        ("params", "reg_covar"),
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
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(len(mixture.means), covariance_type=mixture.shape)
    model.means_, model.precisions_cholesky_ = mixture.means, mixture.precisions
    model.weights_ = mixture.weights / mixture.weights.sum()
    return model
