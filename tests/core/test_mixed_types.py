"""Gower's distance and k-prototypes, held to definitions written out and to other libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from kmodes.kprototypes import KPrototypes as KmodesKPrototypes
from scipy.spatial.distance import pdist
from sklearn.metrics import adjusted_rand_score, silhouette_score

from mall_app.algorithms import algorithms, build_algorithm
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.features import build_features
from mall_app.fit import fit
from mall_app.geometry.points import Block, Points
from mall_app.kernels.prototypes import k_prototypes, prototypes_of
from mall_app.settings import Settings
from tests.core.tables import table_of

FEATURES = ("Gender", "Age", "Annual Income (k$)")
GOWER = [key for key, own in algorithms().items() if "gower" in own.distances]
EUCLIDEAN_ONLY = [key for key in algorithms() if key not in GOWER]


def gower(frame: pd.DataFrame, weights: dict[str, float]) -> npt.NDArray[np.float64]:
    """Gower's distance as it is defined, pair by pair and column by column."""
    total = np.zeros((len(frame), len(frame)))
    for name, column in frame.items():
        if pd.api.types.is_numeric_dtype(column):
            own = column.to_numpy(float)
            apart = np.abs(own[:, None] - own[None]) / (own.max() - own.min())
        else:
            text = column.to_numpy(str)
            apart = (text[:, None] != text[None]).astype(float)
        total += weights.get(str(name), 1.0) * apart
    return total / sum(weights.get(str(name), 1.0) for name in frame)


def settings(key: str = "kmedoids", **others: Any) -> Settings:
    return Settings(key, **{"n_clusters": 4, "features": FEATURES, "distance": "gower"} | others)


@pytest.mark.parametrize("weights", [{}, {"Gender": 2.5}, {"Age": 0.1, "Annual Income (k$)": 7.0}])
def test_distances_are_those_of_the_definition(mall: Table, weights: dict[str, float]) -> None:
    points = build_features(mall, settings(weights=weights)).points
    expected = gower(mall.frame[list(FEATURES)], weights)
    np.testing.assert_allclose(points.distances(), expected, atol=1e-12)


def test_a_distance_by_hand() -> None:
    table = table_of(age=[20.0, 30.0, 60.0], city=["York", "Leeds", "York"])
    wanted = Settings("kmedoids", 2, ("age", "city"), distance="gower", weights={"city": 3.0})
    expected = [[0.0, (10 / 40 + 3) / 4, 1 / 4], [(0.25 + 3) / 4, 0.0, (30 / 40 + 3) / 4]]
    found = build_features(table, wanted).points.distances()
    np.testing.assert_allclose(found[:2], expected, atol=1e-12)


@pytest.mark.parametrize("key", GOWER)
def test_the_silhouette_is_that_of_scikit_learn_on_all_distances(mall: Table, key: str) -> None:
    weights = {"Gender": 0.5}
    own = {"eps": 0.08} if key == "dbscan" else {}
    result = fit(mall, settings(key, weights=weights, params=own))
    kept = np.flatnonzero(result.labels >= 0)
    assert result.n_clusters >= 2
    distances = gower(mall.frame[list(FEATURES)], weights)[np.ix_(kept, kept)]
    expected = silhouette_score(distances, result.labels[kept], metric="precomputed")
    assert result.metrics["silhouette_score"].value == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("key", EUCLIDEAN_ONLY)
def test_who_does_not_know_the_distance_says_who_does(mall: Table, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        fit(mall, settings(key))
    assert str(caught.value) == (
        f"distance 'gower' is not served by {key}; use {', '.join(GOWER)}, or distance 'euclidean'."
    )
    assert caught.value.path == ("distance",)


def test_ward_linkage_says_why_it_cannot_use_gower(mall: Table) -> None:
    with pytest.raises(SettingsError) as caught:
        fit(mall, settings("agglomerative", params={"linkage": "ward"}))
    assert str(caught.value) == (
        "linkage 'ward' adds up squared Euclidean distances and cannot use Gower's; use "
        "'average', 'complete' or 'single', or distance 'euclidean'."
    )
    assert caught.value.path == ("params", "linkage")


@pytest.mark.parametrize(("metric", "linkage"), [("euclidean", "ward"), ("cityblock", "average")])
def test_linkage_left_open_fits_the_distance(metric: Any, linkage: str) -> None:
    points = Points(np.random.default_rng(0).normal(size=(60, 3)), metric)
    open_, named = (
        build_algorithm("agglomerative", own).cluster(points, 5, 0).labels
        for own in ({}, {"linkage": linkage})
    )
    np.testing.assert_array_equal(open_, named)


@pytest.mark.parametrize("key", GOWER)
def test_a_table_of_categories_alone_is_clustered(key: str) -> None:
    table = table_of(
        n=range(90),
        city=np.repeat(["York", "Leeds", "Hull"], 30),
        pays=np.repeat(["card", "cash", "bill"], 30),
        news=["yes", "no"] * 45,
    )
    wanted = Settings(key, 3, ("city", "pays", "news"), distance="gower")
    own = {"eps": 0.35} if key == "dbscan" else {}
    result = fit(table, wanted.changed(params=own))
    groups = np.repeat(np.arange(3), 30)
    assert adjusted_rand_score(groups, result.labels) >= (0.98 if result.n_clusters == 3 else 0.5)
    for rows in (slice(0, 30, 2), slice(1, 30, 2)):  # equal customers
        assert len(set(result.labels[rows])) == 1


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    generator = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "age": generator.normal(40, 12, 120),
            "spent": generator.gamma(2.0, 30.0, 120),
            "city": generator.choice(["York", "Leeds", "Hull"], 120),
            "pays": generator.choice(["card", "cash"], 120),
        }
    )


@pytest.mark.parametrize("weight", [1.0, 0.4])
def test_prototypes_cost_no_more_than_those_of_kmodes(
    customers: pd.DataFrame, weight: float
) -> None:
    weights = {"city": weight, "pays": weight}
    table = Table.from_frame(customers)
    points = build_features(
        table, Settings("kprototypes", 4, tuple(customers), weights=weights)
    ).points
    numbers = customers[["age", "spent"]].to_numpy()
    scaled = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
    mixed = np.concatenate([scaled.astype(object), customers[["city", "pays"]].to_numpy()], axis=1)
    theirs = KmodesKPrototypes(4, gamma=weight, n_init=10, init="Huang", random_state=0)
    labels = theirs.fit_predict(mixed, categorical=[2, 3])
    ours = k_prototypes(points, 4, n_init=20)
    assert ours.cost <= theirs.cost_ * (1 + 1e-9)
    # Their labels cost by our measure what they say: it is the same objective.
    centres = prototypes_of(points, labels.astype(np.int64), 4)
    cost = ((points.values - centres[labels]) ** 2).sum()
    assert cost == pytest.approx(theirs.cost_, rel=1e-6)


def test_a_prototype_by_hand() -> None:
    blocks = (Block("n", 0, 1, False), Block("c", 1, 3, True))
    values = np.array([[0.0, 1, 0], [1.0, 1, 0], [8.0, 0, 1], [5.0, 0, 1]])
    labels = np.array([0, 0, 0, 1])
    means = prototypes_of(Points(values, "euclidean", blocks), labels, 2)
    assert means.tolist() == [[3.0, 1.0, 0.0], [5.0, 0.0, 1.0]]
    medians = prototypes_of(Points(values, "cityblock", blocks), labels, 2)
    assert medians.tolist() == [[1.0, 1.0, 0.0], [5.0, 0.0, 1.0]]


@pytest.mark.parametrize("metric", ["euclidean", "cityblock"])
def test_no_better_labels_are_a_step_away(customers: pd.DataFrame, metric: Any) -> None:
    numbers = (customers[["age", "spent"]] / 50).to_numpy()
    onehot = pd.get_dummies(customers[["city"]]).to_numpy(float) / 2
    blocks = (Block("a", 0, 1, False), Block("s", 1, 2, False), Block("city", 2, 5, True))
    points = Points(np.hstack([numbers, onehot]), metric, blocks)
    found = k_prototypes(points, 4, n_init=2)
    distances = points.distances(found.centres)
    np.testing.assert_array_equal(found.labels, distances.argmin(axis=1))
    np.testing.assert_allclose(found.centres, prototypes_of(points, found.labels, 4))
    own = distances[np.arange(len(numbers)), found.labels]
    assert found.cost == pytest.approx(float((own**2 if metric == "euclidean" else own).sum()))
    assert found.converged and len(np.unique(found.labels)) == 4


def test_medoids_are_no_worse_than_any_exchange(customers: pd.DataFrame) -> None:
    points = Points(np.random.default_rng(5).normal(size=(40, 2)), "cityblock")
    grouping = build_algorithm("kmedoids", {}).cluster(points, 3, 0)
    distances = points.distances()
    np.testing.assert_allclose(distances[np.triu_indices(40, 1)], pdist(points.values, "cityblock"))
    medoids = [
        members[distances[np.ix_(members, members)].sum(axis=0).argmin()]
        for members in (np.flatnonzero(grouping.labels == own) for own in range(3))
    ]
    cost = distances[:, medoids].min(axis=1).sum()
    for place in range(3):
        for other in range(40):
            exchanged = [*medoids[:place], other, *medoids[place + 1 :]]
            assert distances[:, exchanged].min(axis=1).sum() >= cost - 1e-6
