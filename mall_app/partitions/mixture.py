"""A Gaussian mixture over partitions: expectation-maximisation by sums over them."""

from __future__ import annotations

import numpy as np

from mall_app.algorithms import NOT_CONVERGED
from mall_app.algorithms.gaussian_mixture import GaussianMixture
from mall_app.assigners import MixtureAssigner
from mall_app.kernels.mixture_step import Expected, expected, refined
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.passes import Cloud
from mall_app.partitions.statistics import summed


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
    middle = np.asarray(cloud.sample.values).mean(axis=0)

    def whole(mixture: MixtureAssigner) -> Expected:
        found: Expected = summed(cloud.workers.collect(expected, cloud.values, mixture, middle))
        return found

    mixture, converged = refined(
        whole, begun, middle, cloud.n_rows, algorithm.max_iter, algorithm.reg_covar
    )
    return FoundInParts(mixture, () if converged else (NOT_CONVERGED,))
