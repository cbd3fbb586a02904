"""Bisecting k-means on large tables: splits that come to rest, by no more than scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import BisectingKMeans

from mall_app.algorithms import build_algorithm
from mall_app.assigners import CentreTree
from mall_app.geometry.points import Points
from mall_app.kernels import portions
from mall_app.kernels.halving import halve
from mall_app.kernels.lloyd_step import lloyd_step
from mall_app.kernels.portions import HeldPortion

STRATEGIES = ["biggest_inertia", "largest_cluster"]


@pytest.fixture(scope="module")
def values() -> Any:
    generator = np.random.default_rng(0)
    centres = generator.uniform(-10, 10, (7, 3))
    return centres[generator.integers(7, size=60_000)] + generator.normal(size=(60_000, 3))


def inertia(values: Any, labels: Any) -> float:
    parts = [values[labels == own] for own in np.unique(labels)]
    return float(sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_inertia_is_that_of_scikit_learn_or_lower(values: Any, strategy: Any) -> None:
    own = build_algorithm("bisecting_kmeans", {"bisecting_strategy": strategy})
    found = own.cluster(Points(values), 6, 0)
    peer = BisectingKMeans(6, n_init=5, bisecting_strategy=strategy, random_state=0).fit(values)
    assert inertia(values, found.labels) <= inertia(values, peer.labels_) * (1 + 1e-3)
    assert found.notes == ()


def test_each_split_is_at_rest_among_the_rows_above_it(values: Any) -> None:
    tree = build_algorithm("bisecting_kmeans", {}).cluster(Points(values), 5, 0).assigner
    assert isinstance(tree, CentreTree)
    rows = {0: values}
    for node, pair in enumerate(tree.children.tolist()):
        if pair[0] < 0:
            continue
        centres, nearest = tree.centres[pair], np.empty(len(rows[node]), dtype=np.int32)
        means = lloyd_step(rows[node], centres, nearest).means(centres)
        np.testing.assert_allclose(means, centres, atol=1e-4)
        rows |= {own: rows[node][nearest == side] for side, own in enumerate(pair)}


def test_a_larger_number_refines_a_smaller_one(values: Any) -> None:
    own = build_algorithm("bisecting_kmeans", {})
    few, more = (own.cluster(Points(values), k, 0).labels for k in (4, 5))
    assert all(len(np.unique(few[more == label])) == 1 for label in range(5))


def test_customers_are_placed_as_they_are_told_how_sure_it_is(values: Any) -> None:
    found = build_algorithm("bisecting_kmeans", {}).cluster(Points(values), 6, 0)
    assert found.assigner is not None
    assigned = found.assigner.assign(Points(values)).labels
    np.testing.assert_array_equal(found.labels, assigned)
    np.testing.assert_array_equal(found.assigner.place(Points(values[:90])), assigned[:90])


def test_rows_that_a_sample_does_not_show_are_told_apart() -> None:
    values = np.zeros((200_000, 2))
    values[7], values[11:13] = (3.0, 0.0), (0.0, 5.0)
    own = build_algorithm("bisecting_kmeans", {})
    labels = own.cluster(Points(values), 3, 0).labels
    assert sorted(np.bincount(labels).tolist()) == [1, 2, 199_997]
    tree = halve(
        HeldPortion(values),
        values[:5],
        9,
        n_init=1,
        max_iter=99,
        bisecting_strategy="largest_cluster",
        random_state=0,
    )
    assert (tree.labels >= 0).sum() == 3  # there are no more rows that differ


def test_no_more_rows_are_looked_at_than_are_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "MOST_DISTINCT", 4)
    rows = np.array([[5.0], [1.0], [5.0], [2.0], [9.0], [7.0]])
    assert portions.some_distinct(rows).ravel().tolist() == [1.0, 2.0, 5.0, 7.0]


@pytest.mark.parametrize("n_rows", [5_000, 60_000])
@pytest.mark.parametrize("kinds", [[0.1, 0.4, 0.7], [1.1, 2.2, 3.3]])
def test_equal_rows_are_not_split_however_their_sums_round(n_rows: int, kinds: Any) -> None:
    counts = [n_rows - n_rows // 10, n_rows // 20, n_rows // 20]
    values = np.repeat(kinds, counts)[:, None]
    own = build_algorithm("bisecting_kmeans", {"bisecting_strategy": "largest_cluster"})
    labels = own.cluster(Points(values), 3, 0).labels
    assert sorted(np.bincount(labels).tolist()) == sorted(counts)


def test_rows_that_differ_by_little_beside_a_large_coordinate_are_split() -> None:
    values = np.column_stack([np.full(20_000, 1e12), np.arange(20_000) % 3 * 1e-3])
    labels = build_algorithm("bisecting_kmeans", {}).cluster(Points(values), 3, 0).labels
    assert sorted(np.bincount(labels).tolist()) == [6_666, 6_667, 6_667]


def test_splits_that_do_not_come_to_rest_are_said(values: Any) -> None:
    own = build_algorithm("bisecting_kmeans", {"max_iter": 1})
    (note,) = own.cluster(Points(values), 4, 0).notes
    assert note.startswith("The algorithm stopped before it converged")
