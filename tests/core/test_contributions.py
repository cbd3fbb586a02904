from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.fit import fit
from mall_app.geometry.points import Block, Points
from mall_app.segments.contributions import contributions, one_hot_warning
from mall_app.settings import Settings

BLOCKS = (Block("a", 0, 1, False), Block("b", 1, 2, False), Block("kind", 2, 4, True))


def some_points(seed: int, metric: str) -> tuple[Points, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(-1, 3, 40)
    values = generator.normal(size=(40, 4)) + labels[:, None] * [3.0, 0.0, 1.0, 0.5]
    return Points(values, metric, BLOCKS), labels  # type: ignore[arg-type]


def dispersion(values: np.ndarray, metric: str) -> float:
    """Half n times the mean distance over all pairs, by the definition."""
    squared = "sqeuclidean" if metric == "euclidean" else metric
    return float(cdist(values, values, squared).mean() * len(values) / 2)


@pytest.mark.parametrize("metric", ["euclidean", "cityblock"])
@pytest.mark.parametrize("seed", range(3))
def test_shares_agree_with_all_pairs(metric: str, seed: int) -> None:
    points, labels = some_points(seed, metric)
    apart = {}
    for block in BLOCKS:
        part = points.values[:, block.start : block.stop]
        within = sum(dispersion(part[labels == own], metric) for own in range(3))
        apart[block.feature] = dispersion(part[labels >= 0], metric) - within
    total = sum(apart.values())
    expected = {name: value / total for name, value in apart.items()}
    assert contributions(points, labels) == pytest.approx(expected)


def test_euclidean_shares_are_sums_of_squares_between(mall: Table) -> None:
    result = fit(mall, Settings())
    points = build_features(mall, result.settings).points
    centres = np.array([points.values[result.labels == own].mean(axis=0) for own in range(5)])
    between = np.bincount(result.labels) @ (centres - points.values.mean(axis=0)) ** 2
    found = list(contributions(points, result.labels).values())
    assert found == pytest.approx(between / between.sum())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["euclidean", "cityblock"]))
def test_shares_sum_to_one_and_ignore_order_and_numbers(seed: int, metric: str) -> None:
    points, labels = some_points(seed, metric)
    found = contributions(points, labels)
    assert sum(found.values()) == pytest.approx(1.0)
    assert min(found.values()) >= 0
    order = np.random.default_rng(seed).permutation(len(labels))
    renamed = np.where(labels < 0, -1, labels * 3 + 4)
    assert contributions(points.take(order), renamed[order]) == pytest.approx(found)


@pytest.mark.parametrize("labels", [[0, 0, 0], [-1, -1, -1], [0, 1, 1]])
def test_nothing_apart_has_no_shares(labels: list[int]) -> None:
    points = Points(np.full((3, 2), 0.1))
    assert contributions(points, np.array(labels)) == {}


def test_a_category_that_decides_a_euclidean_fit_is_warned_of(mall: Table) -> None:
    features = ("Age", "Annual Income (k$)", "Gender")
    heavy = Settings(features=features, n_clusters=2, weights={"Gender": 9.0})
    for own, warned in ((heavy, True), (heavy.changed(weights={}), False)):
        result = fit(mall, own)
        points = build_features(mall, result.settings).points
        sentence = one_hot_warning(points, contributions(points, result.labels))
        assert bool(sentence) == warned
    assert one_hot_warning(points, {"Gender": 0.97, "Age": 0.03}) == (
        "'Gender' makes 97% of the separation, because as columns of ones and zeros a category "
        "outweighs quantities in Euclidean distances; use distance 'gower', or give it a weight "
        "below 1."
    )


def test_categories_alone_and_other_distances_are_not_warned_of() -> None:
    only = Points(np.zeros((2, 2)), "euclidean", (Block("kind", 0, 2, True),))
    assert one_hot_warning(only, {"kind": 1.0}) is None
    gower = Points(np.zeros((2, 4)), "cityblock", BLOCKS)
    assert one_hot_warning(gower, {"kind": 1.0}) is None
