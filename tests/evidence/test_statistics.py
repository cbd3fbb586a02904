"""Each statistic against somebody else's, or against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from mall_app.algorithms import Grouping, build_algorithm
from mall_app.data.table import Table
from mall_app.evidence.conclude import most_stable
from mall_app.evidence.criteria import information_criteria
from mall_app.evidence.gap import gap, inertia_of
from mall_app.evidence.knee import knee
from mall_app.evidence.refit import regrouped, regrouped_each
from mall_app.evidence.stability import (
    Stability,
    adjusted_rand,
    best_jaccards,
    bootstraps,
    place_all,
    summarise,
)
from mall_app.geometry.points import Points
from tests.evidence.shapes import GROUPS, gaussian, standardised


def test_adjusted_rand_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    for n_rows, one, two in [(2, 2, 2), (30, 3, 4), (30, 1, 4), (500, 6, 2), (9, 9, 9)]:
        first = generator.integers(-1, one, size=n_rows)
        second = generator.integers(two, size=n_rows)
        expected = adjusted_rand_score(first, second)
        assert adjusted_rand(first, second) == pytest.approx(expected)


def test_jaccard_by_sets() -> None:
    generator = np.random.default_rng(0)
    first, second = generator.integers(-1, 4, size=80), generator.integers(-1, 3, size=80)
    expected = []
    for own in range(4):
        mine = set(np.flatnonzero(first == own))
        theirs = [set(np.flatnonzero(second == each)) for each in range(3)]
        expected.append(max(len(mine & each) / len(mine | each) for each in theirs))
    assert best_jaccards(first, second) == pytest.approx(expected)


def test_a_segment_lost_in_noise_is_not_found_again() -> None:
    assert best_jaccards(np.array([0, 0, 1]), np.array([-1, -1, -1])).tolist() == [0.0, 0.0]


def test_gap_of_a_textbook() -> None:
    """Tibshirani, Walther and Hastie, step by step, with scikit-learn's k-means."""
    generator = np.random.default_rng(0)
    values = np.vstack([gaussian(30, 2, 1), gaussian(30, 2, 2) + 8])
    ks, tables = range(1, 5), [generator.uniform(-2, 10, size=(60, 2)) for _ in range(4)]

    def inertia(data: np.ndarray, k: int) -> float:
        return float(KMeans(k, n_init=2, random_state=0).fit(data).inertia_)

    logs = {k: [np.log(inertia(table, k)) for table in tables] for k in ks}
    gaps = {k: np.mean(logs[k]) - np.log(inertia(values, k)) for k in ks}
    errors = {k: np.sqrt(np.mean((logs[k] - np.mean(logs[k])) ** 2)) * np.sqrt(5 / 4) for k in ks}
    chosen = min(k for k in (1, 2, 3) if gaps[k] >= gaps[k + 1] - errors[k + 1])
    found = gap({k: inertia(values, k) for k in ks}, {k: np.exp(logs[k]) for k in ks})
    assert found.values == pytest.approx(gaps)
    assert found.standard_errors == pytest.approx(errors)
    assert found.best_k == chosen == 2


def test_gap_leaves_out_where_nothing_is_left_to_explain() -> None:
    references = {k: np.full(3, 4.0 / k) for k in (1, 2, 3)}
    assert list(gap({1: 4.0, 2: 1.0, 3: 0.0}, references).values) == [1, 2]
    assert gap({1: 4.0}, references).best_k is None


def test_inertia_under_both_distances() -> None:
    values = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 3.0], [9.0, 9.0]])
    labels = np.array([0, 0, 0, -1])
    assert inertia_of(Points(values), labels) == pytest.approx(2.0 + 6.0)
    assert inertia_of(Points(values, "cityblock"), labels) == pytest.approx(2.0 + 3.0)


def test_information_criteria_are_those_of_scikit_learn() -> None:
    points = standardised(GROUPS["blobs"]())
    algorithm = build_algorithm("gaussian_mixture", {"covariance_type": "diag"})
    fitted = GaussianMixture(3, covariance_type="diag", n_init=3, max_iter=200, random_state=4).fit(
        points.values
    )
    expected = fitted.bic(points.values), fitted.aic(points.values)
    assert information_criteria(points, algorithm, 3, 4) == pytest.approx(expected)
    # BIC by its definition: two means and two variances a component, and two free weights.
    likelihood = fitted.score(points.values) * len(points)
    assert expected[0] == pytest.approx(14 * np.log(len(points)) - 2 * likelihood)
    assert information_criteria(points, build_algorithm("kmeans", {}), 3, 4) is None


@pytest.mark.parametrize(
    ("inertias", "place"),
    [
        ({k: 100 / k for k in range(1, 9)}, None),
        ({k: 50.0 for k in range(1, 9)}, None),
        ({1: 90, 2: 50, 3: 9, 4: 7, 5: 6, 6: 5}, 3),
        ({1: 90, 2: 40, 3: 0.0, 4: 0.0}, 3),
        ({2: 90, 3: 50}, None),
        ({}, None),
    ],
)
def test_the_knee(inertias: dict[int, float], place: int | None) -> None:
    assert knee(inertias) == place


def test_the_knee_of_the_agreed_inertias() -> None:
    assert (
        knee({1: 269981.28, 2: 181363.60, 3: 106348.37, 4: 73679.79, 5: 44448.46, 6: 37233.81}) == 5
    )


def test_groups_apart_come_back_every_time() -> None:
    points = standardised(GROUPS["blobs"]())
    algorithm = build_algorithm("kmeans", {})
    found, sizes = bootstraps(points, algorithm, 3, 0, range(10))
    stable = summarise(found, sizes)
    assert stable.adjusted_rand is not None and stable.adjusted_rand > 0.9
    assert [own.verdict for own in stable.segments] == ["stable"] * 3
    assert sum(own.size for own in stable.segments) == 150
    noise = summarise(*bootstraps(Points(gaussian(150, 2, 0)), algorithm, 5, 0, range(10)))
    assert noise.adjusted_rand is not None and noise.adjusted_rand < 0.75


def test_bootstraps_do_not_depend_on_how_they_are_cut() -> None:
    points = standardised(GROUPS["moons"]())
    algorithm = build_algorithm("kmeans", {})
    whole, _ = bootstraps(points, algorithm, 4, 7, range(6))
    parts = [bootstraps(points, algorithm, 4, 7, cut)[0] for cut in (range(2), range(2, 6))]
    assert (whole == np.vstack(parts)).all()


@pytest.mark.parametrize(("key", "n_clusters"), [("kmeans", 1), ("kmeans", 4), ("genie", 4)])
def test_tables_side_by_side_come_out_as_each_does_alone(key: str, n_clusters: int) -> None:
    tables = [Points(gaussian(40, 2, seed)) for seed in range(5)]
    tables[2] = Points(np.repeat([[0.0, 1.0], [2.0, 5.0]], 20, axis=0))  # two that differ
    algorithm, distinct = build_algorithm(key, {}), [own.n_distinct for own in tables]
    together = regrouped_each(tables, algorithm, n_clusters, range(5), distinct)
    assert [own is None for own in together] == [n == 2 and n_clusters > 2 for n in range(5)]
    for place, found in enumerate(together):
        if found is None:
            continue
        alone = regrouped(tables[place], algorithm, n_clusters, place, distinct[place])
        assert (np.asarray(found.labels) == np.asarray(alone.labels)).all()
        assert found.notes == alone.notes
        placed = [place_all(tables[0], tables[place], own) for own in (found, alone)]
        assert (placed[0] == placed[1]).all()


def test_bootstraps_that_cannot_be_clustered_are_counted() -> None:
    points = Points(np.arange(4.0)[:, None])
    stable = summarise(*bootstraps(points, build_algorithm("kmeans", {}), 4, 0, range(30)))
    assert stable.n_bootstraps + stable.n_failed == 30
    assert stable.n_failed > 0
    nothing = summarise(*bootstraps(points, build_algorithm("kmeans", {}), 5, 0, range(3)))
    assert nothing == Stability(None, None, (), 0, 3)


def test_without_a_way_to_place_the_nearest_decides() -> None:
    points = Points(np.array([[0.0], [4.0], [6.0], [10.0]]))
    drawn = points.take(np.array([0, 3]))
    placed = place_all(points, drawn, Grouping(np.array([1, 0])))
    assert placed.tolist() == [1, 1, 0, 0]


def test_of_equally_stable_numbers_the_largest() -> None:
    def own(mean: float) -> Stability:
        return Stability(mean, 0.02, (), 100, 0)

    assert most_stable({2: own(0.99), 4: own(0.975), 5: own(0.96)}) == 4
    assert most_stable({2: Stability(None, None, (), 0, 9)}) is None


def test_summaries_by_hand(mall: Table) -> None:
    found = summarise(np.array([[0.5, 0.2], [1.0, 1.0], [np.nan, np.nan]]), np.array([9]))
    assert (found.adjusted_rand, found.spread, found.n_failed) == (0.75, 0.25, 1)
    assert found.segments[0].to_dict() == {
        "segment": 0,
        "size": 9,
        "jaccard": pytest.approx(0.6),
        "spread": pytest.approx(0.4),
        "verdict": "doubtful",
    }
