"""A mixture of Gaussians, fitted by expectation-maximisation."""

from __future__ import annotations

import param
from sklearn.mixture import GaussianMixture as SklearnGaussianMixture

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.assigners import MixtureAssigner
from mall_app.errors import SettingsError
from mall_app.geometry.points import Metric, Points


class GaussianMixture(Algorithm):
    """Gaussian mixture: each customer goes to the component most likely to have made it."""

    key = "gaussian_mixture"
    title = "Gaussian mixture"
    summary = "Oval segments of different size and direction that may overlap."
    citation = (
        "Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977). Maximum likelihood from incomplete "
        "data via the EM algorithm. JRSS B 39, 1-38."
    )
    order = 30
    soft_membership = True
    native_predict = True
    largest_n = 2_000_000
    sample_rows = 200_000

    covariance_type: param.Selector[str] = param.Selector(
        default="full",
        objects=["full", "tied", "diag", "spherical"],
        doc="Shape of a segment: any oval, one oval for all, upright ovals, or circles.",
    )
    n_init = param.Integer(default=3, bounds=(1, 100), doc="Starts; the most likely is kept.")
    max_iter = param.Integer(default=200, bounds=(1, 10_000), doc="Most passes of one start.")
    reg_covar = param.Number(
        default=1e-6,
        bounds=(0.0, 1e6),
        doc="Added to every variance, in squared units of the scaled features; keeps a segment "
        "from shrinking to a point.",
    )

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit of 10 segments: shares in each, and the table once more."""
        return 8 * n_rows * (2 * n_dimensions + 4 * 10)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`.

        Raises
        ------
        SettingsError
            A component collapsed; `reg_covar` must be larger.
        """
        mixture = SklearnGaussianMixture(
            n_clusters,
            covariance_type=self.covariance_type,
            n_init=self.n_init,
            max_iter=self.max_iter,
            reg_covar=self.reg_covar,
            random_state=random_state,
        )
        try:
            labels = mixture.fit_predict(points.values)
        except ValueError as error:
            if "covariance" not in str(error):
                raise
            raise SettingsError(
                f"reg_covar must be more than {self.reg_covar:g} for this table: a segment shrank "
                "to a point or a line. Use fewer segments or a larger reg_covar.",
                ("params", "reg_covar"),
            ) from error
        return Grouping(labels, assigner=MixtureAssigner.of(mixture))
