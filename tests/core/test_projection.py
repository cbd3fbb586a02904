"""The plane of a projection, held to scikit-learn and to an eigen-decomposition written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial.distance import cdist, pdist
from scipy.stats import spearmanr
from sklearn.decomposition import PCA

from mall_app.features import build_features
from mall_app.geometry.points import Points
from mall_app.geometry.projection import project
from mall_app.settings import Settings
from tests.core.tables import table_of

METRICS = pytest.mark.parametrize("metric", ["euclidean", "cityblock"])


def cloud(rows: int, columns: int = 5) -> npt.NDArray[np.float64]:
    generator = np.random.default_rng(4)
    return generator.normal(size=(rows, columns)) * np.arange(1, columns + 1) + 100


def test_it_is_the_principal_components_of_scikit_learn() -> None:
    values = cloud(300)
    fitted = PCA(2, svd_solver="full").fit(values)
    found = project(Points(values))
    expected = fitted.transform(values)
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(expected), atol=1e-9)
    np.testing.assert_allclose(found.explained, fitted.explained_variance_ratio_)
    assert found.n_landmarks == 300


def test_gower_is_scaled_as_the_definition_has_it(mall: Any) -> None:
    features = ("Gender", "Age", "Annual Income (k$)")
    points = build_features(mall, Settings("kmedoids", 3, features, distance="gower")).points
    n_rows = len(points)
    centring = np.eye(n_rows) - 1 / n_rows
    strengths, axes = np.linalg.eigh(-0.5 * centring @ points.distances() ** 2 @ centring)
    expected = axes[:, -2:][:, ::-1] * np.sqrt(strengths[-2:][::-1])
    found = project(points)
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(expected), atol=1e-9)
    positive = strengths[strengths > 0].sum()
    np.testing.assert_allclose(found.explained, strengths[-2:][::-1] / positive)
    assert found.method == "Classical scaling"


def test_classical_scaling_of_a_plane_keeps_every_distance() -> None:
    line = np.zeros((40, 3))
    line[:, 1] = np.random.default_rng(0).normal(size=40)  # along one axis both metrics agree
    found = project(Points(line, "cityblock"))
    np.testing.assert_allclose(pdist(found.coordinates), pdist(line), atol=1e-7)
    assert found.explained[0] == pytest.approx(1.0)


def test_a_sample_places_the_others_near_where_all_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mall_app.geometry.projection.LANDMARKS", 150)
    generator = np.random.default_rng(5)
    values = generator.normal(size=(400, 4)) * [9.0, 4.0, 1.0, 1.0]
    points = Points(values, "cityblock")
    found = project(points, random_state=1)
    assert found.n_landmarks == 150
    assert found.sentence.endswith("as 150 of 400 customers have them.")
    squared = cdist(values, values, "cityblock") ** 2
    means = squared.mean(axis=0)
    strengths, axes = np.linalg.eigh(-0.5 * (squared - means - means[:, None] + means.mean()))
    whole = axes[:, -2:][:, ::-1] * np.sqrt(strengths[-2:][::-1])
    for axis in (0, 1):
        assert abs(spearmanr(found.coordinates[:, axis], whole[:, axis]).statistic) > 0.99
    np.testing.assert_array_equal(project(points, 1).coordinates, found.coordinates)


@METRICS
def test_the_order_of_rows_moves_nobody(metric: Any) -> None:
    values = cloud(80)
    order = np.random.default_rng(6).permutation(80)
    found, shuffled = (project(Points(own, metric)) for own in (values, values[order]))
    np.testing.assert_allclose(found.coordinates[order], shuffled.coordinates, atol=1e-8)
    np.testing.assert_allclose(found.explained, shuffled.explained)


@METRICS
@pytest.mark.parametrize("scale", [1e-140, 1.0, 1e140])
def test_the_plane_grows_with_the_table(metric: Any, scale: float) -> None:
    values = cloud(50)
    plain, scaled = (project(Points(values * by, metric)) for by in (1.0, scale))
    size = np.abs(plain.coordinates).max()
    np.testing.assert_allclose(scaled.coordinates / scale, plain.coordinates, atol=1e-7 * size)
    assert plain.axis_titles == scaled.axis_titles


@METRICS
def test_the_farthest_customer_is_on_the_positive_side(metric: Any) -> None:
    found = project(Points(cloud(60), metric)).coordinates
    for axis in found.T:
        assert axis[np.abs(axis).argmax()] > 0


@METRICS
def test_one_dimension_and_two_customers_are_enough(metric: Any) -> None:
    found = project(Points(np.array([[1.0], [5.0]]), metric))
    np.testing.assert_allclose(found.coordinates, [[2.0, 0.0], [-2.0, 0.0]], atol=1e-12)
    assert found.explained == pytest.approx((1.0, 0.0))
    assert found.axis_titles[1].endswith("(0%)")
    with pytest.raises(ValueError, match="read-only"):
        found.coordinates[0] = 1


def test_categories_alone_are_laid_out() -> None:
    table = table_of(n=range(60), a=list("xyz") * 20, b=list("pq") * 30)
    points = build_features(table, Settings("kmedoids", 3, ("a", "b"), distance="gower")).points
    found = project(points)
    assert len(np.unique(found.coordinates.round(9), axis=0)) >= 4
    assert found.sentence.startswith("Classical scaling: the plane shows ")
