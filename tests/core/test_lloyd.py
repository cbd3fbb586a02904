"""The small k-means, either of them, held to scikit-learn's and to what k-means promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans as SklearnKMeans
from sklearn.datasets import make_blobs

from mall_app.data.table import Table
from mall_app.kernels.lloyd import Partition, is_small, lloyd
from mall_app.kernels.lloyd_each import lloyd_each

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
KMeans = Callable[..., Partition]


def lloyd_alone(
    values: np.ndarray, n_clusters: int, *, random_state: int = 0, **params: Any
) -> Partition:
    [found] = lloyd_each([values], n_clusters, [random_state], **params)
    return found


@pytest.fixture(params=[lloyd, lloyd_alone])
def kmeans(request: pytest.FixtureRequest) -> KMeans:
    return request.param


@pytest.fixture
def points(mall: Table) -> np.ndarray:
    return mall.frame[FEATURES].to_numpy(float)


@pytest.mark.parametrize("seed", range(20))
def test_five_segments_of_the_mall_are_the_known_optimum(
    kmeans: KMeans, points: np.ndarray, seed: int
) -> None:
    assert kmeans(points, 5, random_state=seed).inertia == pytest.approx(44448.45544793371)


@pytest.mark.parametrize("n_clusters", [1, 2, 3, 4, 6, 8, 10, 15])
def test_inertia_is_as_low_as_scikit_learns(
    kmeans: KMeans, points: np.ndarray, n_clusters: int
) -> None:
    ours = np.median([kmeans(points, n_clusters, random_state=s).inertia for s in range(15)])
    theirs = np.median(
        [
            SklearnKMeans(n_clusters, n_init=10, random_state=s).fit(points).inertia_
            for s in range(15)
        ]
    )
    assert ours <= theirs * 1.005


@pytest.mark.parametrize("init", ["k-means++", "random"])
@pytest.mark.parametrize("n_dimensions", [1, 2, 7])
def test_it_comes_to_rest_where_every_row_is_nearest_its_mean(
    kmeans: KMeans, init: str, n_dimensions: int
) -> None:
    values, _ = make_blobs(150, n_dimensions, centers=4, random_state=1)
    found = kmeans(values, 6, init=init, tol=0.0, random_state=3)
    assert found.converged
    means = np.array([values[found.labels == own].mean(axis=0) for own in range(6)])
    assert (cdist(values, means).argmin(axis=1) == found.labels).all()
    assert found.inertia == pytest.approx(((values - means[found.labels]) ** 2).sum())


def test_it_does_not_matter_how_far_from_zero_the_values_lie(kmeans: KMeans) -> None:
    values, truth = make_blobs(120, 2, centers=3, cluster_std=0.3, random_state=0)
    assert (kmeans(values, 3).labels == kmeans(values + 1e6, 3).labels).all()


@pytest.mark.parametrize("n_clusters", [2, 5, 9, 10])
@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_every_cluster_is_used_also_among_copies(
    kmeans: KMeans, n_clusters: int, init: str
) -> None:
    values = np.repeat(np.arange(10.0), 7)[:, None]
    found = kmeans(values, n_clusters, init=init, n_init=4, random_state=5)
    assert sorted(set(found.labels.tolist())) == list(range(n_clusters))


def test_one_pass_is_said_not_to_have_converged(kmeans: KMeans, points: np.ndarray) -> None:
    assert not kmeans(points, 8, max_iter=1, tol=0.0).converged


def test_the_same_seed_gives_the_same_labels(kmeans: KMeans, points: np.ndarray) -> None:
    first, again = (kmeans(points, 7, random_state=11).labels for _ in range(2))
    assert (first == again).all()


@pytest.mark.parametrize("init", ["k-means++", "random"])
@pytest.mark.parametrize("n_dimensions", [1, 2, 5])
def test_each_of_many_tables_comes_out_as_one_alone_does(init: str, n_dimensions: int) -> None:
    generator = np.random.default_rng(n_dimensions)
    tables = generator.normal(size=(40, 60, n_dimensions))
    tables[:, 50:] = tables[:, :10]  # some rows are equal, but none is as near to two centres
    seeds = generator.integers(1000, size=len(tables)).tolist()
    together = lloyd_each(tables, 7, seeds, n_init=4, init=init)
    for values, seed, found in zip(tables, seeds, together, strict=True):
        alone = lloyd(values, 7, n_init=4, init=init, random_state=seed)
        assert (found.labels == alone.labels).all()
        assert found.inertia == pytest.approx(alone.inertia, rel=1e-12)
        assert found.converged == alone.converged


def test_as_many_clusters_as_rows_leave_no_inertia(kmeans: KMeans) -> None:
    assert kmeans(np.arange(6.0)[:, None], 6).inertia == 0.0


def test_only_small_work_is_small() -> None:
    assert is_small(200, 25, 10)
    assert not is_small(200, 26, 10)
