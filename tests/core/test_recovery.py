"""Standard shapes are found again by the algorithms that should manage them, and only by those."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.metrics import adjusted_rand_score

from mall_app.algorithms import algorithms
from mall_app.fit import fit
from mall_app.settings import Settings
from tests.core.shapes import SHAPES, mixed

NEAR = {"dbscan": {"eps": 0.3}}
THIN = {"dbscan": {"eps": 0.35}, "agglomerative": {"linkage": "single"}}

# Least adjusted Rand index, measured and rounded down by 0.02 or more.
BY_CENTRE = ("kmeans", "bisecting_kmeans", "minibatch_kmeans", "kmedoids", "kprototypes")
BY_NEIGHBOUR = ("genie", "spectral", "dbscan", "hdbscan", "optics", "agglomerative")
EVERYONE = tuple(algorithms())
MANAGED: dict[str, dict[tuple[str, ...], float]] = {
    "round": {EVERYONE: 0.98},
    "slanted": {("gaussian_mixture", "genie"): 0.93, ("spectral",): 0.9, ("birch",): 0.85},
    "moons": {BY_NEIGHBOUR: 0.95},
    "circles": {BY_NEIGHBOUR: 0.98},
    "densities": {
        (*BY_CENTRE, "gaussian_mixture", "birch", "agglomerative", "genie", "spectral"): 0.98,
        ("hdbscan", "optics", "mean_shift"): 0.95,
        ("dbscan",): 0.9,
    },
    "uneven": {
        (*BY_CENTRE, "gaussian_mixture", "birch", "agglomerative", "spectral"): 0.98,
        ("dbscan", "hdbscan", "optics", "mean_shift"): 0.95,
    },
}
CASES = [
    (shape, key, least)
    for shape, managed in MANAGED.items()
    for keys, least in managed.items()
    for key in keys
]


def found(shape: str, key: str) -> float:
    table, groups = SHAPES[shape]()
    own = (THIN if shape in ("moons", "circles") else NEAR).get(key, {})
    result = fit(table, Settings(key, len(set(groups)), params=own))
    return float(adjusted_rand_score(groups, result.labels))


@pytest.mark.parametrize(("shape", "key", "least"), CASES)
def test_a_shape_is_found_by_those_that_should_manage(shape: str, key: str, least: float) -> None:
    assert found(shape, key) >= least


@pytest.mark.parametrize("key", [*BY_CENTRE, "gaussian_mixture", "mean_shift"])
@pytest.mark.parametrize("shape", ["moons", "circles"])
def test_methods_of_round_segments_cannot_follow_a_curve(shape: str, key: str) -> None:
    assert found(shape, key) < 0.65


@pytest.mark.parametrize(
    ("key", "distance", "params", "least"),
    [
        ("kmeans", "euclidean", {}, 0.9),
        ("kprototypes", "euclidean", {}, 0.85),
        ("gaussian_mixture", "euclidean", {}, 0.9),
        ("kmedoids", "gower", {}, 0.85),
        ("kprototypes", "gower", {}, 0.85),
        ("genie", "gower", {}, 0.85),
        ("spectral", "gower", {}, 0.85),
        ("dbscan", "gower", {"eps": 0.1}, 0.85),
        ("hdbscan", "gower", {}, 0.85),
        ("optics", "gower", {}, 0.75),
        ("affinity_propagation", "gower", {}, 0.85),
    ],
)
def test_quantities_and_categories_together_tell_segments_apart(
    key: str, distance: str, params: dict[str, Any], least: float
) -> None:
    table, groups = mixed()
    wanted = Settings(key, 3, ("Income", "Channel"), distance=distance, params=params)
    assert adjusted_rand_score(groups, fit(table, wanted).labels) >= least
    for alone in ("Income", "Channel"):
        half = fit(table, Settings("kmeans", 3, (alone,)))
        assert adjusted_rand_score(groups, half.labels) < 0.75


def test_a_weight_decides_whether_a_rare_value_makes_a_segment() -> None:
    table, groups = mixed()
    wanted = Settings("agglomerative", 3, ("Income", "Channel"), distance="gower")
    heavy = fit(table, wanted.changed(weights={"Income": 2.0}))
    assert adjusted_rand_score(groups, fit(table, wanted).labels) < 0.6
    assert adjusted_rand_score(groups, heavy.labels) > 0.9
