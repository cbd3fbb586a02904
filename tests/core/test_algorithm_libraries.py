"""The newer algorithms, held to the libraries they come from or to a definition written out."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist
from sklearn import cluster as sklearn_cluster
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from mall_app.algorithms import build_algorithm
from mall_app.algorithms.affinity_propagation import UNSETTLED
from mall_app.algorithms.agglomerative import cut
from mall_app.errors import SettingsError
from mall_app.fit import fit
from mall_app.geometry.points import Points
from mall_app.kernels.spectral_embedding import WEAKEST_LINK, embedding, neighbour_graph
from mall_app.settings import Settings
from tests.core.tables import blobs

Values = npt.NDArray[np.float64]
EITHER = pytest.mark.parametrize("metric", ["euclidean", "cityblock"])


@pytest.fixture(scope="module")
def values() -> Values:
    return make_blobs(160, n_features=3, centers=5, cluster_std=2.0, random_state=8)[0]


def labels_of(
    key: str, values: Values, k: int = 4, metric: Any = "euclidean", **params: Any
) -> Any:
    return build_algorithm(key, params).cluster(Points(values, metric), k, 0).labels


def agree(first: Any, second: Any) -> None:
    np.testing.assert_array_equal(np.asarray(first) < 0, np.asarray(second) < 0)
    assert adjusted_rand_score(first, second) == 1.0


@EITHER
@pytest.mark.parametrize("linkage_", ["single", "complete", "average"])
def test_hierarchies_are_those_of_scipy(values: Values, metric: Any, linkage_: str) -> None:
    expected = cut(linkage(values, linkage_, metric), 6)
    agree(expected, labels_of("agglomerative", values, 6, metric, linkage=linkage_))


@EITHER
def test_density_methods_are_those_of_scikit_learn(values: Values, metric: Any) -> None:
    expected = sklearn_cluster.DBSCAN(eps=2.5, metric=metric).fit(values).labels_
    assert expected.max() > 0
    agree(expected, labels_of("dbscan", values, metric=metric, eps=2.5))
    expected = sklearn_cluster.HDBSCAN(min_cluster_size=8, metric=metric, copy=True).fit(values)
    agree(expected.labels_, labels_of("hdbscan", values, metric=metric, min_cluster_size=8))
    expected = sklearn_cluster.OPTICS(min_samples=6, xi=0.1, metric=metric).fit(values)
    agree(expected.labels_, labels_of("optics", values, metric=metric, min_samples=6, xi=0.1))


def test_genie_without_its_correction_is_single_linkage(values: Values) -> None:
    expected = cut(linkage(values, "single"), 4)
    agree(expected, labels_of("genie", values, gini_threshold=1.0))


def test_genie_finds_what_its_library_finds(values: Values) -> None:
    from genieclust import Genie

    for threshold in (0.1, 0.5):
        expected = Genie(5, gini_threshold=threshold).fit_predict(values.copy())
        agree(expected, labels_of("genie", values, 5, gini_threshold=threshold))
    one = values[:, :1].copy()
    agree(labels_of("genie", one, 3), labels_of("genie", np.hstack([one, one * 0]), 3))


@EITHER
def test_examples_are_those_of_scikit_learn(values: Values, metric: Any) -> None:
    expected = sklearn_cluster.AffinityPropagation(
        damping=0.8, affinity="precomputed", random_state=0
    ).fit(-(cdist(values, values, metric) ** 2))
    agree(expected.labels_, labels_of("affinity_propagation", values, metric=metric, damping=0.8))


def test_a_preference_is_in_minus_squared_distances(values: Values) -> None:
    expected = sklearn_cluster.AffinityPropagation(damping=0.9, preference=-300, max_iter=500)
    found = labels_of("affinity_propagation", values, preference=-300)
    agree(expected.set_params(random_state=0).fit(values).labels_, found)


def test_messages_that_do_not_settle_are_said() -> None:
    table, _ = blobs(100, spread=4.0)
    result = fit(table, Settings("affinity_propagation", params={"max_iter": 40}))
    assert UNSETTLED in result.warnings
    with pytest.raises(SettingsError) as caught:
        fit(table, Settings("affinity_propagation", params={"max_iter": 1}))
    assert str(caught.value) == (
        "max_iter must be more than 1 for this table and damping 0.9: no customer was chosen as "
        "an example."
    )


def test_customers_all_equally_far_apart_make_no_warning() -> None:
    corners = np.eye(5) * 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(set(labels_of("affinity_propagation", corners))) in (1, 5)


def test_peaks_are_those_of_scikit_learn(values: Values) -> None:
    expected = sklearn_cluster.MeanShift(bandwidth=5.0).fit(values)
    agree(expected.labels_, labels_of("mean_shift", values, bandwidth=5.0))


def test_the_estimated_bandwidth_is_told_and_used(values: Values) -> None:
    reach = sklearn_cluster.estimate_bandwidth(values, quantile=0.15)
    grouping = build_algorithm("mean_shift", {"quantile": 0.15}).cluster(Points(values), 0, 0)
    assert grouping.notes == (f"The bandwidth was estimated as {reach:.4g}.",)
    expected = sklearn_cluster.MeanShift(bandwidth=reach).fit(values).labels_
    # Climbs begin at one customer a cell here, at every customer there: edges may differ.
    assert adjusted_rand_score(expected, grouping.labels) > 0.95


def test_birch_joins_the_groups_of_scikit_learn(values: Values) -> None:
    expected = sklearn_cluster.Birch(threshold=1.5, n_clusters=4).fit(values)
    assert 10 < len(expected.subcluster_centers_) < 120
    agree(expected.labels_, labels_of("birch", values, threshold=1.5))


def test_birch_of_a_small_table_is_ward_linkage(values: Values) -> None:
    agree(labels_of("agglomerative", values, linkage="ward"), labels_of("birch", values))


@pytest.mark.parametrize(
    ("threshold", "sentence"),
    [
        (
            1e6,
            "threshold must be less than 1e+06: it leaves 1 small groups, and 3 segments are to be "
            "made of them.",
        ),
        (
            1e-6,
            "threshold must be more than 1e-06: it leaves 150 small groups, and at most 100 can be "
            "joined.",
        ),
    ],
)
def test_a_threshold_that_leaves_nothing_to_join_is_refused(
    threshold: float, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_app.algorithms.birch.MOST_GROUPS", 100)
    with pytest.raises(SettingsError) as caught:
        fit(blobs()[0], Settings("birch", 3, params={"threshold": threshold}))
    assert (str(caught.value), caught.value.path) == (sentence, ("params", "threshold"))


def test_birch_makes_enough_groups_of_a_large_table_by_itself() -> None:
    table, groups = blobs(3_000, spread=1.0)
    assert adjusted_rand_score(groups, fit(table, Settings("birch", 3)).labels) == 1.0
    assert fit(table, Settings("birch", 900)).n_clusters == 900


def test_batches_end_near_the_inertia_of_whole_passes() -> None:
    values = make_blobs(4_000, centers=6, cluster_std=0.7, random_state=9)[0]
    best = sklearn_cluster.KMeans(6, n_init=5, random_state=0).fit(values).inertia_
    labels = labels_of("minibatch_kmeans", values, 6)
    parts = [values[labels == own] for own in range(6)]
    inertia = sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts)
    assert best * 0.999 <= inertia <= best * 1.05


@EITHER
def test_the_graph_of_neighbours_is_as_defined(values: Values, metric: Any) -> None:
    k = 7
    distances = cdist(values, values, metric)
    order = np.argsort(distances, axis=1)
    reach = np.take_along_axis(distances, order, axis=1)[:, k]
    expected = np.zeros_like(distances)
    for row, near in enumerate(order[:, 1 : k + 1]):
        expected[row, near] = np.exp(-(distances[row, near] ** 2) / (reach[row] * reach[near]))
    expected = np.maximum(expected, expected.T).clip(min=WEAKEST_LINK) * (expected + expected.T > 0)
    graph = neighbour_graph(Points(values, metric), k).toarray()
    bridges = (graph > 0) & (expected == 0)
    assert (graph[bridges] == WEAKEST_LINK).all()
    np.testing.assert_allclose(graph[~bridges], expected[~bridges], atol=1e-12)
    assert connected_components(graph)[0] == 1


def test_the_embedding_is_made_of_eigenvectors(monkeypatch: pytest.MonkeyPatch) -> None:
    values = make_blobs(300, centers=3, cluster_std=2.5, random_state=3)[0]
    graph = neighbour_graph(Points(values), 10)
    dense = graph.toarray()
    degree = dense.sum(axis=1)
    vectors = np.linalg.eigh(dense / np.sqrt(np.outer(degree, degree)))[1][:, -3:]
    expected = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = [embedding(graph, 3, 0)]
    monkeypatch.setattr("mall_app.kernels.spectral_embedding.DENSE_ROWS", 10)
    found.append(embedding(graph, 3, 0))
    for own in found:  # the sign of an eigenvector is free
        np.testing.assert_allclose(own @ own.T, expected @ expected.T, atol=1e-6)


def test_spectral_finds_sane_segments_on_raw_units(mall: Any) -> None:
    features = ("Annual Income (k$)", "Spending Score (1-100)")
    result = fit(mall, Settings("spectral", 5, features, scaling="none"))
    reference = fit(mall, Settings("kmeans", 5, features, scaling="none"))
    assert adjusted_rand_score(reference.labels, result.labels) > 0.85
    assert result.warnings == ()
