"""Changes of a table that change what they should in every algorithm, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.settings import Settings
from tests.core.tables import table_of

# What the order of rows may change. Starts are drawn by position; OPTICS walks from neighbour to
# neighbour, the first among equals first.
BY_POSITION = (
    "kmeans",
    "bisecting_kmeans",
    "minibatch_kmeans",
    "kmedoids",
    "kprototypes",
    "gaussian_mixture",
    "optics",
)
PARAMS: dict[str, dict[str, Any]] = {"dbscan": {"eps": 0.6}}
GOWER_PARAMS: dict[str, dict[str, Any]] = {"dbscan": {"eps": 0.12}}
DOORS = [(key, distance) for key, own in algorithms().items() for distance in own.distances]
EXACT = [(key, distance) for key, distance in DOORS if key not in BY_POSITION]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Rounded numbers of three overlapping groups and a category: equal distances do occur."""
    generator = np.random.default_rng(11)
    centres = np.repeat([[20.0, 30.0], [60.0, 35.0], [40.0, 90.0]], 40, axis=0)
    numbers = (centres + generator.normal(size=(120, 2)) * 6).round(2)
    kind = np.where(generator.random(120) < 0.8, np.repeat(["a", "b", "c"], 40), "d")
    return pd.DataFrame({"income": numbers[:, 0], "spending": numbers[:, 1], "kind": kind})


def labels_of(frame: pd.DataFrame, key: str, distance: str, **others: Any) -> npt.NDArray[Any]:
    own = (GOWER_PARAMS if distance == "gower" else PARAMS).get(key, {})
    features = tuple(frame.columns)
    wanted = Settings(key, 3, features, distance=distance, params=own, **others)
    return fit(Table.from_frame(frame), wanted).labels


def same(first: Any, second: Any, least: float = 1.0) -> None:
    assert adjusted_rand_score(first, second) >= least - 1e-12
    if least == 1.0:
        np.testing.assert_array_equal(first < 0, second < 0)


@pytest.mark.parametrize(("key", "distance"), EXACT)
def test_the_order_of_rows_changes_no_partition(
    frame: pd.DataFrame, key: str, distance: str
) -> None:
    order = np.random.default_rng(1).permutation(len(frame))
    labels = labels_of(frame, key, distance)
    shuffled = labels_of(frame.iloc[order].reset_index(drop=True), key, distance)
    same(labels[order], shuffled)


@pytest.mark.parametrize("key", BY_POSITION)
def test_where_starts_are_drawn_by_position_groups_apart_stay(key: str) -> None:
    generator = np.random.default_rng(2)
    values = generator.normal(size=(90, 2)) + np.repeat([[0, 0], [20, 0], [0, 20]], 30, axis=0)
    frame = pd.DataFrame(values, columns=["a", "b"])
    order = generator.permutation(90)
    shuffled = labels_of(frame.iloc[order].reset_index(drop=True), key, "euclidean")
    same(labels_of(frame, key, "euclidean")[order], shuffled)


@pytest.mark.parametrize(("key", "distance"), DOORS)
def test_the_order_of_columns_changes_no_partition(
    frame: pd.DataFrame, key: str, distance: str
) -> None:
    mirrored = labels_of(frame.iloc[:, ::-1], key, distance)
    # The last digits of a distance depend on the order of its terms, and may tip a tie.
    same(labels_of(frame, key, distance), mirrored, least=0.95)


@pytest.mark.parametrize(("key", "distance"), DOORS)
def test_the_unit_of_a_column_changes_no_label(
    frame: pd.DataFrame, key: str, distance: str
) -> None:
    other = frame.assign(income=frame["income"] * 1000 + 5, spending=frame["spending"] / 64)
    same(labels_of(frame, key, distance), labels_of(other, key, distance))


@pytest.mark.parametrize(("key", "distance"), DOORS)
def test_equal_customers_share_a_segment(frame: pd.DataFrame, key: str, distance: str) -> None:
    twice = pd.concat([frame, frame, frame.iloc[:7]], ignore_index=True)
    labels = labels_of(twice, key, distance)
    np.testing.assert_array_equal(labels[:120], labels[120:240])
    np.testing.assert_array_equal(labels[:7], labels[240:])


@pytest.mark.parametrize("key", ["agglomerative", "birch", "spectral"])
def test_customers_that_stand_twice_change_nothing(frame: pd.DataFrame, key: str) -> None:
    twice = pd.concat([frame, frame], ignore_index=True)
    own = {"linkage": "single"} if key == "agglomerative" else {}
    once, both = (
        fit(Table.from_frame(each), Settings(key, 3, params=own)).labels for each in (frame, twice)
    )
    same(once, both[:120])


@pytest.mark.parametrize(("key", "distance"), DOORS)
def test_a_seed_decides_all_that_is_random(frame: pd.DataFrame, key: str, distance: str) -> None:
    first = labels_of(frame, key, distance, random_state=5)
    np.random.default_rng(0).normal(size=10)
    with threadpool_limits(1):
        np.testing.assert_array_equal(first, labels_of(frame, key, distance, random_state=5))


@pytest.mark.parametrize("key", algorithms())
@pytest.mark.parametrize("scale", [1e-140, 1e-20, 1e20, 1e140])
def test_no_scale_is_too_small_or_too_large(key: str, scale: float) -> None:
    generator = np.random.default_rng(3)
    values = generator.normal(size=(60, 2)) + np.repeat([[0, 0], [30, 0], [0, 30]], 20, axis=0)
    plain = pd.DataFrame(values, columns=["a", "b"])
    same(labels_of(plain, key, "euclidean"), labels_of(plain * scale, key, "euclidean"))


@pytest.mark.parametrize(("key", "distance"), DOORS)
def test_a_column_that_never_changes_changes_nothing(
    frame: pd.DataFrame, key: str, distance: str
) -> None:
    more = frame.assign(always=7.25)
    more = more[["income", "spending", "always", "kind"]]
    weights = dict.fromkeys(frame.columns, 4 / 3) if distance == "gower" else {}
    own = GOWER_PARAMS.get(key, {}) if distance == "gower" else PARAMS.get(key, {})
    if distance == "gower" and key == "dbscan":
        own = {"eps": 0.12 * 4 / 5}  # the mean over four features, one of them of no difference
    wanted = Settings(key, 3, tuple(more.columns), distance=distance, params=own, weights=weights)
    if distance == "gower":
        assert labels_agree(frame, more, wanted)
    else:
        same(labels_of(frame, key, distance), fit(Table.from_frame(more), wanted).labels)


def labels_agree(frame: pd.DataFrame, more: pd.DataFrame, wanted: Settings) -> bool:
    plain = wanted.changed(features=tuple(frame.columns), weights={})
    if wanted.algorithm == "dbscan":
        plain = plain.changed(params={"eps": 0.12})
    first = fit(Table.from_frame(frame), plain).labels
    return adjusted_rand_score(first, fit(Table.from_frame(more), wanted).labels) > 0.95


@pytest.mark.parametrize("key", [key for key, own in algorithms().items() if own.needs_n_clusters])
def test_as_many_segments_as_customers_that_differ(key: str) -> None:
    table = table_of(a=[0.0, 0.0, 1.0, 5.0, 5.0, 5.0, 9.0], b=[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 4.0])
    result = fit(table, Settings(key, 4))
    assert result.n_clusters == 4
    assert result.labels[0] == result.labels[1]
    assert len(set(result.labels[3:6].tolist())) == 1


@pytest.mark.parametrize(("key", "distance"), DOORS)
@pytest.mark.parametrize("rows", [2, 3, 5])
def test_a_handful_of_customers(key: str, distance: str, rows: int) -> None:
    params = {"min_cluster_size": 2} if key == "hdbscan" else {}
    table = table_of(a=[1.0, 2.0, 4.0, 9.0, 20.0][:rows], b=list("xyxyx")[:rows])
    features = ("a", "b") if "b" in table.features else ("a",)
    result = fit(table, Settings(key, 2, features, distance=distance, params=params))
    assert len(result.labels) == rows
    assert result.n_clusters == 2 or not algorithms()[key].needs_n_clusters
