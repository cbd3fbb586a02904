"""A mixture of Gaussians, fitted by expectation-maximisation."""

from __future__ import annotations

import param

from mall_app.algorithms.base import NOT_CONVERGED, Algorithm, Grouping
from mall_app.assigners import MixtureAssigner
from mall_app.geometry.points import FloatArray, Metric, Points
from mall_app.kernels.compiled import by_blocks
from mall_app.kernels.drawing import START_ROWS, drawn_rows
from mall_app.kernels.mixture_step import Expected, collapsed, expected, refined


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
        from sklearn.mixture import GaussianMixture as SklearnGaussianMixture

        if len(points) > START_ROWS:
            return self._cluster_large(points, n_clusters, random_state)
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
            raise collapsed(self.reg_covar) from error
        return Grouping(labels, assigner=MixtureAssigner.of(mixture))

    def _cluster_large(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Let all starts run on a sample, and refine the best by passes over all rows."""
        sample = points.take(drawn_rows(len(points), random_state))
        begun = self.cluster(sample, n_clusters, random_state)
        if not isinstance(begun.assigner, MixtureAssigner):
            raise TypeError("A mixture on a sample is no mixture.")
        middle = sample.values.mean(axis=0)

        def whole(mixture: MixtureAssigner) -> Expected:
            return _expected_of_all(points.values, mixture, middle)

        mixture, converged = refined(
            whole, begun.assigner, middle, len(points), self.max_iter, self.reg_covar
        )
        return Grouping(mixture.place(points), () if converged else (NOT_CONVERGED,), mixture)


def _expected_of_all(values: FloatArray, mixture: MixtureAssigner, middle: FloatArray) -> Expected:
    parts = by_blocks(
        len(values), lambda start, stop: expected(values[start:stop], mixture, middle)
    )
    return sum(parts[1:], parts[0])
