"""Distances to neighbours, held to scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import DBSCAN
from sklearn.datasets import make_blobs
from sklearn.neighbors import NearestNeighbors

from mall_app.data.table import Table
from mall_app.fit import resolve
from mall_app.geometry.k_distance import MOST_CUSTOMERS, KDistance, k_distance, neighbour_distances
from mall_app.geometry.points import Points
from mall_app.settings import Settings


@pytest.mark.parametrize("metric", ["euclidean", "cityblock"])
@pytest.mark.parametrize("min_samples", [1, 2, 5, 40])
def test_distances_are_those_of_scikit_learn(metric: str, min_samples: int) -> None:
    values = np.random.default_rng(0).normal(size=(40, 3))
    own = neighbour_distances(Points(values, metric), min_samples)  # type: ignore[arg-type]
    model = NearestNeighbors(n_neighbors=min_samples, metric=metric).fit(values)
    expected = np.sort(model.kneighbors(values)[0][:, -1])[::-1]
    np.testing.assert_allclose(own.distances, expected, atol=1e-9)


@pytest.mark.parametrize("eps", [0.1, 0.4, 1.0, 9.0])
def test_the_share_of_cores_is_that_of_dbscan(eps: float) -> None:
    values = np.random.default_rng(1).normal(size=(200, 2))
    cores = DBSCAN(eps=eps, min_samples=5).fit(values).core_sample_indices_
    own = neighbour_distances(Points(values), 5)
    assert own.core_share(eps) == pytest.approx(len(cores) / 200)


def test_the_knee_is_a_reach_that_finds_the_groups_and_the_noise() -> None:
    centres = [[0, 0], [10, 0], [0, 10]]
    groups, truth = make_blobs(300, centers=centres, cluster_std=0.5, random_state=0)
    far = np.random.default_rng(0).uniform(20, 60, size=(15, 2))
    own = neighbour_distances(Points(np.vstack([groups, far])), 5)
    assert own.knee is not None
    labels = DBSCAN(eps=own.knee, min_samples=5).fit(np.vstack([groups, far])).labels_
    assert set(labels[300:]) == {-1}
    assert len(set(labels[:300]) - {-1}) == 3
    assert (labels[:300] >= 0).mean() > 0.9


@pytest.mark.parametrize("distances", [[1.0, 1.0, 1.0], [3.0, 2.0, 1.0], [2.0, 1.0], [1.0]])
def test_a_straight_curve_has_no_knee(distances: list[float]) -> None:
    assert KDistance(np.array(distances), 2, len(distances)).knee is None


def test_more_neighbours_than_customers_are_all() -> None:
    assert neighbour_distances(Points(np.array([[0.0], [3.0]])), 9).distances.tolist() == [3, 3]


def test_of_many_customers_a_fixed_sample_is_measured_among_all() -> None:
    values = np.random.default_rng(2).uniform(size=(MOST_CUSTOMERS + 3_000, 1))
    own = neighbour_distances(Points(values), 3)
    again = neighbour_distances(Points(values), 3)
    assert (len(own.distances), own.n_rows) == (MOST_CUSTOMERS, MOST_CUSTOMERS + 3_000)
    np.testing.assert_array_equal(own.distances, again.distances)
    full = np.sort(NearestNeighbors(n_neighbors=3).fit(values).kneighbors(values)[0][:, -1])
    assert np.isin(own.distances.round(12), full.round(12)).all()
    assert np.median(own.distances) == pytest.approx(np.median(full), rel=0.05)


def test_a_table_gives_distances_between_scaled_features(mall: Table) -> None:
    settings = resolve(mall, Settings("dbscan", features=("Age",), scaling="none"))
    own = k_distance(mall, settings)
    assert own.min_samples == 5
    ages = mall.frame["Age"].to_numpy()
    nearest = np.sort(np.abs(ages[:, None] - ages), axis=1)[:, 4]
    assert own.distances.tolist() == sorted(nearest.tolist(), reverse=True)
    assert own.nbytes == 1600
