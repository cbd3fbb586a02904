"""How many customers each algorithm takes, the memory of that, and what it says of more."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from mall_app.algorithms import algorithms, build_algorithm
from mall_app.errors import DataError, SettingsError
from mall_app.fit import fit
from mall_app.geometry.points import Points
from mall_app.kernels.lloyd_step import lloyd_step
from mall_app.settings import Settings
from tests.core.tables import blobs, table_of

WITH_A_NUMBER = [key for key, own in algorithms().items() if own.needs_n_clusters]
GOWER = [key for key, own in algorithms().items() if "gower" in own.distances]


def limit(monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    for key, largest in limits.items():
        monkeypatch.setattr(algorithms()[key], "largest_n", largest)


def refusal(**settings: Any) -> str:
    with pytest.raises(DataError) as caught:
        fit(blobs()[0], Settings(**settings, strategy="full"))
    assert caught.value.path == ("algorithm",)
    return str(caught.value)


def test_too_many_customers_are_refused_with_the_memory_and_the_alternatives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit(monkeypatch, kmedoids=100, spectral=149)
    able = [key for key in WITH_A_NUMBER if key not in ("kmedoids", "spectral")]
    assert refusal(algorithm="kmedoids") == (
        "kmedoids serves at most 100 customers with these parameters, and there are 150, for which "
        f"it would take about 1 MB of memory and too long; use {', '.join(able)}, or draw a "
        "sample first."
    )


def test_the_alternatives_know_the_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, kmedoids=100, spectral=149)
    able = "kprototypes, agglomerative, genie"
    sentence = refusal(algorithm="kmedoids", distance="gower")
    assert sentence.endswith(f"too long; use {able}, or draw a sample first.")


def test_a_method_that_finds_the_number_offers_every_method(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit(monkeypatch, optics=100, affinity_propagation=149)
    able = [key for key in algorithms() if key not in ("optics", "affinity_propagation")]
    assert f"use {', '.join(able)}, or draw" in refusal(algorithm="optics")


def test_a_refusal_is_before_the_start_and_says_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(a=np.arange(100_001) % 977, b=np.arange(100_001) % 1009)
    monkeypatch.setattr(algorithms()["kmedoids"], "cluster", None)
    with pytest.raises(DataError, match=r"for which it would take about 40 GB of memory"):
        fit(table, Settings("kmedoids", strategy="full"))


def test_parameters_and_distance_change_the_limit() -> None:
    built = {own: build_algorithm("agglomerative", {"linkage": own}) for own in ("ward", "single")}
    assert [own.row_limit() for own in built.values()] == [50_000, 50_000]
    for linkage in ("complete", "average"):
        assert build_algorithm("agglomerative", {"linkage": linkage}).row_limit() == 15_000
    left_open = build_algorithm("agglomerative", {})
    assert (left_open.row_limit(), left_open.row_limit("cityblock")) == (50_000, 15_000)
    assert left_open.serves(20_000, "euclidean") and not left_open.serves(20_000, "cityblock")
    assert not build_algorithm("kmeans", {}).serves(10, "cityblock")
    for key in ("genie", "hdbscan", "kprototypes"):
        own = build_algorithm(key, {})
        assert own.row_limit("cityblock") < own.row_limit() == own.largest_n
    assert build_algorithm("hdbscan", {"min_samples": 1}).row_limit() == 50_000


@pytest.mark.parametrize("key", algorithms())
def test_the_catalogue_tells_the_memory_of_its_largest_table(key: str) -> None:
    own = algorithms()[key]
    entry = own.describe()
    assert entry["largest_n_memory_bytes"] == own().memory_bytes(own.largest_n, 10)
    assert 10**6 < entry["largest_n_memory_bytes"] < 8 * 10**9
    sizes = [own().memory_bytes(n, 4) for n in (100, 1_000, 10_000)]
    assert sizes[0] * 5 < sizes[1] < sizes[2] / 5


@pytest.mark.parametrize(
    ("key", "metric", "rows"),
    [
        ("kmedoids", "euclidean", 2_000),
        ("kmedoids", "cityblock", 1_500),
        ("affinity_propagation", "euclidean", 600),
        ("agglomerative", "cityblock", 1_500),
        ("bisecting_kmeans", "euclidean", 100_000),
        ("minibatch_kmeans", "euclidean", 200_000),
        ("gaussian_mixture", "euclidean", 50_000),
        ("kprototypes", "euclidean", 50_000),
    ],
)
def test_the_estimated_memory_is_near_the_measured(key: str, metric: Any, rows: int) -> None:
    values = np.random.default_rng(0).normal(size=(rows, 4))
    values += np.repeat(np.arange(8) * 10.0, -(-rows // 8))[:rows, None]
    own = build_algorithm(key, {"max_iter": 60} if key == "affinity_propagation" else {})
    own.cluster(Points(values[::50], metric), 8, 0)
    lloyd_step(values[:9], values[:2])  # loads the kernels, which few rows do without
    tracemalloc.start()
    try:
        own.cluster(Points(values, metric), 8, 0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak / 2 <= own.memory_bytes(rows, 4, metric) <= peak * 2


def test_a_reach_whose_neighbours_fill_the_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mall_app.algorithms.dbscan.MOST_BYTES", 200_000)
    table, _ = blobs()
    assert fit(table, Settings("dbscan", params={"eps": 0.3})).n_clusters == 3
    with pytest.raises(SettingsError) as caught:
        fit(table, Settings("dbscan", params={"eps": 50.0}))
    assert str(caught.value) == (
        "eps must be less than 50 for this table: it reaches 150 customers from each, and their "
        "list would take about 1 MB."
    )
    assert caught.value.path == ("params", "eps")
