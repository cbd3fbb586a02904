"""A Gaussian mixture of a large table is refined over all rows, and is as likely as any."""

from typing import Any

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from mall_app.algorithms import build_algorithm
from mall_app.assigners import MixtureAssigner
from mall_app.errors import SettingsError
from mall_app.geometry.points import Points
from mall_app.kernels.mixture_step import expected, maximised

SHAPES = ["full", "tied", "diag", "spherical"]


def ovals(n_rows: int) -> Any:
    generator = np.random.default_rng(0)
    groups = generator.integers(3, size=n_rows)
    values = generator.normal(size=(n_rows, 2)) @ np.array([[1.0, 0.6], [0.0, 0.5]])
    return values + groups[:, None] * [2.5, -1.0]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_step_is_that_of_scikit_learn(shape: Any) -> None:
    values = ovals(3_000) + 100.0
    fitted = GaussianMixture(3, covariance_type=shape, random_state=0, max_iter=3, tol=1e9)
    before = MixtureAssigner.of(fitted.fit(values))
    middle = values.mean(axis=0)
    after = maximised(before, expected(values, before, middle), middle, 1e-6)
    _, shares = fitted._estimate_log_prob_resp(values)
    fitted._m_step(values, shares)
    np.testing.assert_allclose(after.means, fitted.means_, rtol=1e-9)
    np.testing.assert_allclose(after.weights, fitted.weights_, rtol=1e-9)
    np.testing.assert_allclose(after.precisions, fitted.precisions_cholesky_, rtol=1e-6)


def test_what_parts_expect_adds_up_to_what_all_rows_do() -> None:
    values = ovals(2_000)
    mixture = MixtureAssigner.of(GaussianMixture(2, random_state=0).fit(values))
    whole = expected(values, mixture, values[0])
    parts = expected(values[:700], mixture, values[0]) + expected(values[700:], mixture, values[0])
    for name in ("weights", "sums", "squares", "likelihood"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-9)


def test_a_large_mixture_is_as_likely_as_that_of_scikit_learn() -> None:
    values = ovals(101_000)
    grouping = build_algorithm("gaussian_mixture", {"n_init": 1}).cluster(Points(values), 3, 0)
    assert isinstance(grouping.assigner, MixtureAssigner) and grouping.notes == ()
    ours = expected(values, grouping.assigner, values[0]).likelihood / len(values)
    peer = GaussianMixture(3, random_state=0).fit(values)
    assert ours >= peer.score(values) - 2e-3
    assert np.array_equal(grouping.labels, grouping.assigner.assign(Points(values)).labels)


def test_too_few_passes_over_all_rows_are_said() -> None:
    algorithm = build_algorithm("gaussian_mixture", {"n_init": 1, "max_iter": 1})
    with pytest.warns(UserWarning, match="did not converge"):
        grouping = algorithm.cluster(Points(ovals(101_000)), 3, 0)
    assert grouping.notes[0].startswith("The algorithm stopped before it converged")


def test_a_component_that_shrinks_to_a_line_is_refused() -> None:
    values = np.stack([np.arange(50.0), np.zeros(50)], axis=1)
    mixture = MixtureAssigner.of(GaussianMixture(1).fit(values))
    with pytest.raises(SettingsError, match=r"^reg_covar must be more than 0 for this table"):
        maximised(mixture, expected(values, mixture, values[0]), values[0], 0.0)
