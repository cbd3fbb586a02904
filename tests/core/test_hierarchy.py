"""The top of a hierarchy, held to scipy's linkage, dendrogram and flat clusters."""

from __future__ import annotations

from typing import Any

import fastcluster
import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import dendrogram, fcluster, is_valid_linkage, linkage
from sklearn.metrics import adjusted_rand_score

from mall_app.algorithms.agglomerative import cut, merges_of
from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.fit import resolve
from mall_app.geometry.hierarchy import Hierarchy, condensed, hierarchy
from mall_app.geometry.points import FloatArray, Points
from mall_app.settings import Settings
from mall_app.sweep import sweep

METHODS = ("ward", "complete", "average", "single")


def cloud(n_rows: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(n_rows, 3))


@pytest.mark.parametrize("method", METHODS)
def test_heights_are_those_of_scipy(method: str) -> None:
    values = cloud(80)
    merges = merges_of(Points(values), method)
    np.testing.assert_allclose(merges[:, 2], linkage(values, method)[:, 2], rtol=1e-9)


@pytest.mark.parametrize("method", ["complete", "average", "single"])
def test_heights_under_city_block_are_those_of_scipy(method: str) -> None:
    values = cloud(60)
    merges = merges_of(Points(values, "cityblock"), method)
    expected = linkage(values, method, metric="cityblock")
    np.testing.assert_allclose(merges[:, 2], expected[:, 2], rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("most", [2, 7, 80, 500])
def test_the_leaves_are_the_flat_clusters_of_scipy(method: str, most: int) -> None:
    merges = linkage(cloud(80), method)
    own = condensed(merges, most)
    assert own.n_leaves == min(most, 80)
    flat = fcluster(merges, own.n_leaves, "maxclust")
    assert adjusted_rand_score(own.leaves, flat) == 1.0
    assert own.sizes.sum() == 80
    assert is_valid_linkage(own.joins)
    np.testing.assert_array_equal(own.heights, merges[-(own.n_leaves - 1) :, 2])


@pytest.mark.parametrize("method", METHODS)
def test_the_picture_is_that_of_scipy(method: str) -> None:
    merges = linkage(cloud(80), method)
    own = condensed(merges, 12)
    drawn = dendrogram(merges, truncate_mode="lastp", p=12, no_plot=True)
    assert sorted(own.sizes.tolist()) == sorted(
        int(text.strip("()")) if "(" in text else 1 for text in drawn["ivl"]
    )
    mine = dendrogram(own.joins, no_plot=True)
    assert mine["leaves"] == list(range(12))  # no line crosses another
    tops = {
        (round((x[1] + x[2]) / 2, 6), y[1])
        for x, y in zip(mine["icoord"], mine["dcoord"], strict=True)
    }
    places = own.places[12:] * 10 + 5
    assert tops == {
        (round(place, 6), height)
        for place, height in zip(places.tolist(), own.heights.tolist(), strict=True)
    }


@pytest.mark.parametrize("n_clusters", range(1, 13))
def test_a_cut_at_the_height_of_k_leaves_k(n_clusters: int) -> None:
    merges = linkage(cloud(80), "average")
    own = condensed(merges, 12)
    height = own.height_of(n_clusters)
    assert own.n_clusters_at(height) == n_clusters
    assert len(np.unique(fcluster(merges, height, "distance"))) == n_clusters
    low, high = own.interval_of(n_clusters)
    assert low < height < high


def test_more_segments_than_leaves_are_at_the_bottom() -> None:
    own = condensed(linkage(cloud(80), "ward"), 12)
    assert own.height_of(13) == own.height_of(80) == own.floor > 0
    assert own.n_clusters_at(own.floor) == 12


def test_joins_at_one_height_leave_a_number_out() -> None:
    own = condensed(linkage(np.array([[0.0], [1.0], [10.0], [11.0]]), "single"))
    assert own.interval_of(3) == (1.0, 1.0)
    assert [own.n_clusters_at(height) for height in (0.5, 1.0, 2.0)] == [4, 2, 2]


def test_segments_of_a_cut_stand_side_by_side() -> None:
    merges = linkage(cloud(300, 3), "ward")
    own = condensed(merges, 40)
    for n_clusters in range(2, 41):
        groups = cut(merges, n_clusters)
        labels = np.empty(own.n_leaves, dtype=np.int64)
        labels[own.leaves] = groups
        assert (labels[own.leaves] == groups).all()  # no leaf in two segments
        assert (np.diff(labels) != 0).sum() == n_clusters - 1


def test_two_customers_have_one_join() -> None:
    own = condensed(linkage(np.array([[0.0], [2.0]]), "ward"))
    assert (own.n_leaves, own.heights.tolist(), own.height_of(2)) == (2, [2.0], 1.0)


def test_a_table_gives_the_hierarchy_of_its_scaled_features(mall: Table) -> None:
    features = ("Annual Income (k$)", "Spending Score (1-100)")
    settings = resolve(mall, Settings("agglomerative", n_clusters=5, features=features))
    own = hierarchy(mall, settings)
    columns: pd.DataFrame = mall.frame[list(features)]
    scaled = ((columns - columns.mean()) / columns.std(ddof=0)).to_numpy()
    assert isinstance(own, Hierarchy)
    last = linkage(scaled, "ward")[-20:, 2]  # below, equal distances are joined in any order
    np.testing.assert_allclose(own.heights[-20:], last, rtol=1e-9)
    assert own.nbytes < 10_000


def test_an_algorithm_without_a_hierarchy_is_refused(mall: Table) -> None:
    with pytest.raises(TypeError, match="k-means joins no segments"):
        hierarchy(mall, resolve(mall, Settings("kmeans")))


@pytest.mark.parametrize("method", ["ward", "average"])
def test_a_hierarchy_is_built_once_for_every_number_of_segments(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    built = []

    def counting(name: str) -> None:
        real = getattr(fastcluster, name)

        def build(*args: Any, **options: Any) -> Any:
            built.append(name)
            return real(*args, **options)

        monkeypatch.setattr(fastcluster, name, build)

    counting("linkage")
    counting("linkage_vector")
    table = Table.from_frame(pd.DataFrame(cloud(70, seed=41), columns=list("abc")))
    settings = Settings(algorithm="agglomerative", params={"linkage": method})
    found = sweep(table, settings, range(2, 9)).results
    assert len(built) == 1
    hierarchy(table, resolve(table, settings))
    assert len(built) == 1
    values = build_features(table, resolve(table, settings)).values
    for k, result in found.items():
        flat = fcluster(linkage(values, method), k, "maxclust")
        assert adjusted_rand_score(result.labels, flat) == 1


def test_hierarchies_of_other_values_linkages_and_metrics_are_not_mixed_up() -> None:
    first, second = cloud(30, seed=1), cloud(30, seed=2)
    merges = [
        merges_of(Points(values, metric), method)
        for _ in range(2)
        for values in (first, second, first.reshape(45, 2))
        for metric, method in (("euclidean", "single"), ("cityblock", "single"))
    ]
    half = len(merges) // 2
    for own, again in zip(merges[:half], merges[half:], strict=True):
        np.testing.assert_array_equal(own, again)
    assert len({own.tobytes() for own in merges[:half]}) == half
    with pytest.raises(ValueError, match="read-only"):
        merges[0][0] = 0.0
