"""Mini-batches of a large table: near k-means, and the same whoever holds the rows."""

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

from mall_app.algorithms import build_algorithm, minibatch_kmeans
from mall_app.geometry.points import Points
from mall_app.kernels.lloyd_step import lloyd_step
from mall_app.kernels.mini_batches import Following, follow_batches, mini_batches


@pytest.fixture(scope="module")
def values() -> Any:
    generator = np.random.default_rng(0)
    centres = generator.uniform(-10, 10, (6, 3))
    return centres[generator.integers(6, size=80_000)] + generator.normal(size=(80_000, 3)) * 2


def centres_of(values: Any, **choices: Any) -> tuple[Any, list[int]]:
    """The centres, and how many rows were asked for each time."""
    asked: list[int] = []

    def follow(rows: Any, *rest: Any) -> Following:
        asked.append(len(rest[0]))
        cuts = np.split(np.arange(len(values)), [7_000, 7_000, 60_000])
        parts = [values[rows[np.isin(rows, cut)]] for cut in cuts]
        return follow_batches(parts, *rest)

    own = {"batch_size": 500, "n_init": 2, "most": 10_000, "random_state": 3} | choices
    return mini_batches(follow, values[::4], len(values), 6, **own), asked


@pytest.mark.parametrize("seed", [0, 1])
def test_inertia_is_near_that_of_k_means(values: Any, seed: int) -> None:
    best = KMeans(6, n_init=5, random_state=seed).fit(values).inertia_
    found = build_algorithm("minibatch_kmeans", {}).cluster(Points(values), 6, seed)
    assert found.assigner is not None
    assert lloyd_step(values, found.assigner.centres).inertia <= best * (1 + 1e-3)
    np.testing.assert_array_equal(found.labels, found.assigner.assign(Points(values)).labels)


def test_centres_do_not_depend_on_how_many_rows_come_in_one_go(values: Any) -> None:
    at_once, few = centres_of(values)
    in_turn, many = centres_of(values, together=500)
    assert at_once.tobytes() == in_turn.tobytes()
    assert len(few) < len(many)
    assert set(many) == {500}


def test_another_seed_draws_other_batches(values: Any) -> None:
    assert not np.array_equal(centres_of(values)[0], centres_of(values, random_state=4)[0])


def test_batches_end_when_they_bring_no_gain_or_are_used_up(values: Any) -> None:
    _, asked = centres_of(values, most=10**9, together=500)
    assert 10 < len(asked) < 10**6
    _, asked = centres_of(values, most=1_700, together=500)
    assert len(asked) == 3


def test_a_centre_moves_the_less_the_more_it_has_seen() -> None:
    begun = Following(np.array([[0.0], [100.0]]), np.array([3, 1]))
    after = begun.after(np.array([[4.0], [90.0]]), 0.5)
    assert after.centres.ravel().tolist() == [1.0, 95.0]
    assert after.seen.tolist() == [4, 2]
    assert (after.n_batches, after.smooth, after.without_gain) == (1, 58.0, 0)
    again = after.after(np.array([[11.0]]), 0.5)
    assert (again.smooth, again.least, again.without_gain) == (79.0, 58.0, 1)


def test_a_large_table_has_as_many_segments_as_were_asked_for(
    values: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = np.concatenate([values[:5], [[1e6, 0.0, 0.0]]])
    monkeypatch.setattr(minibatch_kmeans, "mini_batches", lambda *_, **__: lost)
    found = build_algorithm("minibatch_kmeans", {}).cluster(Points(values), 6, 0)
    assert np.bincount(found.labels).min() > 0
    assert len(np.bincount(found.labels)) == 6
