"""A sampled silhouette is honest: what it says of its own error is so."""

from __future__ import annotations

import numpy as np
import pytest

from mall_app.metrics import score, silhouette_samples
from mall_app.sampling import is_exact, sample_size, stratified_mean, stratified_sample

N_ROWS = 20_000


@pytest.fixture(scope="module")
def scored() -> tuple[np.ndarray, np.ndarray]:
    """Labels and silhouettes of 20 000 rows in segments of unequal size and tightness, one tiny."""
    generator = np.random.default_rng(7)
    shares = np.array([0.5, 0.25, 0.15, 0.0994, 0.0006])
    labels = generator.permutation(np.repeat(np.arange(5), (shares * N_ROWS).astype(int)))
    centres = np.array([[0, 0], [3, 0], [0, 4], [9, 9], [2, 2]])
    spread = np.array([1.5, 0.5, 1.0, 2.0, 0.1])
    values = generator.normal(centres[labels], spread[labels][:, None])
    return labels, silhouette_samples(values, labels)


@pytest.mark.parametrize(("size", "n_seeds"), [(500, 1_500), (2_000, 1_000), (12_000, 500)])
def test_the_interval_covers_the_exact_value_in_93_of_100_seeds(
    scored, size: int, n_seeds: int
) -> None:
    labels, silhouettes = scored
    exact, sizes = silhouettes.mean(), np.bincount(labels)
    found = []
    for seed in range(n_seeds):
        drawn = stratified_sample(labels, size, seed)
        found.append(stratified_mean(silhouettes[drawn], labels[drawn], sizes))
    means, errors = np.array(found).T
    covered = np.abs(means - exact) <= 1.96 * errors
    assert covered.mean() >= 0.93
    assert covered.mean() < 1  # an interval that is too wide is no better
    assert abs(means.mean() - exact) < 4 * errors.mean() / np.sqrt(n_seeds)
    assert errors.mean() == pytest.approx(means.std(), rel=0.1)


def test_each_segment_is_represented(scored) -> None:
    labels, _ = scored
    sizes = np.bincount(labels)
    drawn = stratified_sample(labels, 1_000, 0)
    assert np.bincount(labels[drawn]).tolist() == [500, 250, 150, 99, 10]
    assert len(set(drawn.tolist())) == len(drawn)
    assert np.bincount(labels[stratified_sample(labels, 10, 0)]).min() >= 2
    assert len(stratified_sample(labels, N_ROWS, 0)) == sizes.sum()


def test_noise_is_not_drawn_and_single_members_are() -> None:
    labels = np.repeat([-1, 0, 1, 2], [500, 3_000, 1, 2])
    drawn = stratified_sample(labels, 100, 3)
    assert set(labels[drawn]) == {0, 1, 2}
    assert set(np.flatnonzero(labels >= 1)) <= set(drawn)


def test_all_rows_leave_no_error(scored) -> None:
    labels, silhouettes = scored
    mean, error = stratified_mean(silhouettes, labels, np.bincount(labels))
    assert mean == pytest.approx(silhouettes.mean())
    assert error == 0


def test_a_seed_draws_the_same_rows_and_another_seed_others(scored) -> None:
    labels, _ = scored
    again = [stratified_sample(labels, 300, seed).tolist() for seed in (1, 1, 2)]
    assert again[0] == again[1] != again[2]


@pytest.mark.parametrize("n_dimensions", [1, 3, 8, 60, 500])
def test_a_sample_begins_where_the_exact_value_ends_and_costs_no_more(n_dimensions: int) -> None:
    last = max(n for n in range(1_000, 60_000, 100) if is_exact(n, n_dimensions))
    first = last + 100
    assert 500 < sample_size(first, n_dimensions) <= first / 2
    for n_rows in (first, 2 * first, 10 * first):
        pairs = sample_size(n_rows, n_dimensions) * n_rows
        assert pairs <= max(first * first / 2, 500 * n_rows)


def test_a_large_table_is_scored_by_a_sample_that_holds_the_exact_silhouettes() -> None:
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 3, 44_000)
    labels[::50], labels[[5, 6]] = -1, 3
    values = (generator.normal(size=(44_000, 2)) + labels[:, None]).astype(np.float32)
    scores, silhouettes = score(values, labels, random_state=2)
    given = scores["silhouette_score"]
    seen = np.flatnonzero(~np.isnan(silhouettes))
    assert (given.method, given.sample_size) == ("sampled", len(seen))
    assert set(labels[seen]) == {0, 1, 2, 3}
    exact = silhouette_samples(values[labels >= 0], labels[labels >= 0])
    everywhere = np.full(len(labels), np.nan)
    everywhere[labels >= 0] = exact
    np.testing.assert_allclose(silhouettes[seen], everywhere[seen], rtol=0, atol=1e-12)
    assert abs(given.value - exact.mean()) < 4 * given.standard_error
