"""k-means on large tables comes to scikit-learn's inertia or a lower one, by fewer passes."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

from mall_app.algorithms import build_algorithm
from mall_app.geometry.points import Points
from mall_app.kernels.drawing import START_ROWS, drawn_rows
from mall_app.kernels.large_lloyd import lloyd_large
from mall_app.kernels.lloyd_step import LloydStep, lloyd_step
from mall_app.kernels.settling import race, settle, settle_over
from mall_app.kernels.thinning import Far, thinned


def groups(n_rows: int, n_groups: int, spread: float, seed: int = 0) -> Any:
    generator = np.random.default_rng(seed)
    centres = generator.uniform(-10, 10, (n_groups, 3))
    rows = centres[generator.integers(n_groups, size=n_rows)]
    return rows + generator.normal(size=(n_rows, 3)) * spread


@pytest.mark.parametrize(("n_groups", "spread"), [(5, 1.0), (5, 5.0), (10, 1.5)])
def test_inertia_is_that_of_scikit_learn_or_lower(n_groups: int, spread: float) -> None:
    values = groups(110_000, n_groups, spread)
    found = lloyd_large(values, n_groups)
    assert found is not None and found.converged
    peer = KMeans(n_groups, n_init=3, random_state=0).fit(values)
    assert found.inertia <= peer.inertia_ * (1 + 1e-6)


def test_labels_are_of_the_nearest_centre_and_inertia_is_theirs() -> None:
    values = groups(60_000, 4, 2.0)
    found = lloyd_large(values, 4)
    assert found is not None
    apart = ((values[:, None] - found.centres) ** 2).sum(axis=2)
    assert (found.labels == apart.argmin(axis=1)).all()
    assert found.inertia == pytest.approx(apart.min(axis=1).sum())


def test_the_same_seed_gives_the_same_bits_whatever_the_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = groups(150_000, 5, 5.0)
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        found.append(lloyd_large(values, 5, random_state=3))
    first, second = found
    assert first is not None and second is not None
    assert first.centres.tobytes() == second.centres.tobytes()
    assert (first.labels == second.labels).all()


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_a_large_table_far_from_zero_is_grouped_as_near_it(init: str) -> None:
    values = groups(60_000, 5, 1.0)
    near, far = (lloyd_large(values + away, 5, init=init) for away in (0.0, 2.0**24))
    assert near is not None and far is not None
    assert far.inertia == pytest.approx(near.inertia, rel=1e-6)


@pytest.mark.parametrize("algorithm", ["kmeans", "bisecting_kmeans", "minibatch_kmeans"])
def test_rows_that_differ_are_told_apart_though_a_sample_has_none_of_them(algorithm: str) -> None:
    values = np.zeros((2 * START_ROWS + 1, 2))
    values[:3] = [[1.0, 0.0], [5.0, 5.0], [9.0, 1.0]]
    labels = build_algorithm(algorithm, {}).cluster(Points(values), 4, 0).labels
    assert sorted(np.bincount(labels).tolist()) == [1, 1, 1, len(values) - 3]
    numbers = np.arange(300_000) % 5 + 0.1
    numbers[[7, 77, 777, 7_777, 77_777, 177_777]] = [101, 205, 309, 404, 513, 622]
    for k in (8, 11):
        labels = build_algorithm(algorithm, {}).cluster(Points(numbers[:, None]), k, 1).labels
        assert len(np.unique(labels)) == k


def test_few_values_in_many_rows_are_found_exactly() -> None:
    values = np.repeat([[0.0], [1.0], [9.0]], 50_000, axis=0)
    found = lloyd_large(values, 3)
    assert found is not None
    assert found.inertia == 0.0
    assert np.bincount(found.labels).tolist() == [50_000] * 3


def test_too_few_passes_are_said() -> None:
    values = groups(2 * START_ROWS + 1, 5, 5.0)
    grouping = build_algorithm("kmeans", {"max_iter": 1, "tol": 0.0}).cluster(Points(values), 5, 0)
    assert grouping.notes[0].startswith("The algorithm stopped before it converged")


def test_centres_come_to_the_rest_that_plain_passes_come_to() -> None:
    values = np.random.default_rng(0).normal(size=(20_000, 3))
    start = values[:4]
    passes = []

    def whole(centres: Any) -> Any:
        passes.append(1)
        return lloyd_step(values, centres)

    found = settle(whole, start, 2_000, 0.0)
    peer = KMeans(4, init=start, n_init=1, tol=0, max_iter=2_000).fit(values)
    assert found.inertia <= peer.inertia_ * (1 + 1e-6)
    assert len(passes) < peer.n_iter_


def test_the_better_start_wins_over_all_rows() -> None:
    values = np.array([[0.0], [1.0], [10.0], [11.0], [30.0], [31.0]])
    poor, good = np.array([[0.0], [1.0], [20.0]]), np.array([[0.0], [10.0], [30.0]])
    starts = [poor, poor, poor, good]
    best = race([partial(settle, partial(lloyd_step, values))], starts, 50, 0.0)
    assert best.inertia == 1.5 and best.converged


def test_passes_over_some_rows_save_passes_over_all() -> None:
    values = np.random.default_rng(0).normal(size=(80_000, 3))
    starts = [values[own : own + 4] for own in (0, 10, 20, 30)]

    def raced(*every: int) -> tuple[Any, int]:
        passes = []

        def whole(centres: Any) -> Any:
            passes.append(1)
            return lloyd_step(values, centres)

        some = [partial(settle_over, [thinned(values, own)]) for own in every]
        return race([*some, partial(settle, whole)], starts, 300, 1e-8), len(passes)

    (plain, n_plain), (found, n_found) = raced(), raced(20, 4)
    assert found.converged
    assert found.inertia == pytest.approx(plain.inertia, rel=5e-3)  # no one end
    np.testing.assert_allclose(found.centres, lloyd_step(values, found.centres).means(0), atol=2e-4)
    assert n_found < n_plain / 2


@pytest.mark.parametrize("n_rows", [1, 3, 4, 5, 1_000])
def test_a_row_of_each_four_is_drawn_whatever_the_order_of_the_rows(n_rows: int) -> None:
    drawn = thinned(np.arange(n_rows, dtype=float)[:, None], 4).near.ravel()
    assert (drawn // 4 == np.arange(-(-n_rows // 4))).all()
    if n_rows == 1_000:
        assert np.bincount((drawn % 4).astype(int)).min() > 40


def test_a_draw_is_seeded_sorted_and_without_repeats() -> None:
    rows = drawn_rows(1_000, 5, most=300)
    assert len(set(rows.tolist())) == 300 and (np.diff(rows) > 0).all()
    assert (rows == drawn_rows(1_000, 5, most=300)).all()
    assert (rows != drawn_rows(1_000, 6, most=300)).any()


@pytest.mark.parametrize("every", [3, 20])
def test_parts_of_a_table_draw_the_rows_that_the_whole_does(every: int) -> None:
    values = np.arange(1_001, dtype=float)[:, None]
    cuts = [0, 0, 7, 8, 500, 999, 1_001]
    far = Far(np.array([300.0]), 600.0**2)
    parts = [
        thinned(values[start:stop], every, start, len(values), far)
        for start, stop in zip(cuts, cuts[1:], strict=False)
    ]
    whole = thinned(values, every, far=far)
    for kind in ("far", "near"):
        together = np.concatenate([getattr(own, kind) for own in parts])
        np.testing.assert_array_equal(together, getattr(whole, kind))
    assert whole.far.ravel().tolist() == list(range(901, 1_001))
    assert whole.near.max() <= 900
    step = whole.step(np.array([[0.0]]))
    assert step.counts[0] == len(whole.near) * every + 100
    assert step.sums[0, 0] == whole.near.sum() * every + whole.far.sum()


@pytest.mark.parametrize("seed", range(3))
def test_rounding_makes_no_difference_to_where_centres_rest(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.gamma(2.0, 1.0, size=(12_000, 4))
    near = values * (1 + 1e-15 * generator.standard_normal(values.shape))
    first, second = (lloyd_large(own, 2, n_init=5, random_state=seed) for own in (values, near))
    assert first is not None and second is not None
    order = [np.argsort(own.centres[:, 0]) for own in (first, second)]
    np.testing.assert_allclose(first.centres[order[0]], second.centres[order[1]], rtol=1e-9)


def test_a_leap_to_where_it_came_from_is_no_rest() -> None:
    passes = iter([(1.0, 20.0), (2.0, 15.0), (0.5, 15.0), (0.0, 14.0)])
    places = []

    def whole(centres: Any) -> LloydStep:
        move, inertia = next(passes)
        places.append(float(centres[0, 0]))
        return LloydStep(centres + move, np.array([1]), inertia)

    found = settle(whole, np.zeros((1, 1)), 6, 1e-9)
    assert places == [0.0, 1.0, -1.0, 3.0]  # the third is a leap that does not pay
    assert (found.converged, found.inertia, found.away) == (True, 14.0, 0.0)
