"""k-means on large tables whose scatter few rows make."""

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

from mall_app.algorithms import build_algorithm
from mall_app.geometry.points import Points
from mall_app.kernels import large_lloyd, thinning
from mall_app.kernels.far_rows import far_sample, spread_of
from mall_app.kernels.large_lloyd import lloyd_large
from mall_app.kernels.lloyd_step import lloyd_step


def heavy(kind: str) -> Any:
    generator = np.random.default_rng(5)
    if kind == "spending":
        return generator.lognormal(0, 2, size=(110_000, 1))
    return generator.standard_t(1.5, size=(110_000, 3))


@pytest.mark.parametrize("kind", ["spending", "outliers"])
def test_inertia_of_heavy_tails_is_that_of_scikit_learn_or_lower(kind: str) -> None:
    values = heavy(kind)
    peer = KMeans(4, n_init=2, random_state=0).fit(values)
    found = build_algorithm("kmeans", {"n_init": 4}).cluster(Points(values), 4, 0)
    labels = np.asarray(found.labels)
    means = np.array([values[labels == own].mean(axis=0) for own in range(4)])
    assert ((values - means[labels]) ** 2).sum() <= peer.inertia_ * (1 + 2e-3)


def test_rows_of_a_far_sample_stand_for_all_rows() -> None:
    values = heavy("spending")
    middle = values.mean(axis=0)
    whole = spread_of(values, middle)
    rows, weights = far_sample(values, middle, whole, 20_000, 3)
    assert len(rows) <= 20_000
    assert weights.sum() == pytest.approx(len(values), rel=0.02)
    squares = ((rows - middle) ** 2).sum(axis=1)
    assert weights @ squares == pytest.approx(whole.squares, rel=0.02)


def test_the_same_seed_gives_the_same_bits() -> None:
    first, second = (lloyd_large(heavy("outliers"), 3, n_init=2, random_state=3) for _ in range(2))
    assert first is not None and second is not None
    assert first.centres.tobytes() == second.centres.tobytes()
    assert (first.labels == second.labels).all()


def test_rows_without_far_ones_start_from_a_plain_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(large_lloyd, "weighted_starts", lambda *_, **__: asked.append(1) or [])
    lloyd_large(np.random.default_rng(0).normal(size=(110_000, 2)) + 1e6, 4, n_init=1)
    assert asked == []
    lloyd_large(heavy("spending"), 2, n_init=1)
    assert asked == [1]


def test_passes_over_the_far_rows_and_some_near_ones_save_passes_over_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.random.default_rng(1).lognormal(size=(900_000, 2))
    passed: list[int] = []
    step = thinning.lloyd_step

    def counted(rows: Any, *rest: Any) -> Any:
        passed.append(len(rows))
        return step(rows, *rest)

    monkeypatch.setattr(thinning, "lloyd_step", counted)
    found = lloyd_large(values, 4, n_init=3)
    assert found is not None and found.converged
    assert passed.count(len(values)) < len(passed) / 4
    means = lloyd_step(values, found.centres).means(found.centres)
    np.testing.assert_allclose(means, found.centres, atol=1e-4)


def test_one_customer_far_from_all_is_found_in_a_table_of_some_thousands() -> None:
    values = np.random.default_rng(0).normal(size=(20_001, 2))
    values[-2] = 1e4
    labels = build_algorithm("kmeans", {}).cluster(Points(values), 2, 0).labels
    assert np.bincount(labels).min() == 1


def test_centres_of_some_thousands_rest_to_five_digits() -> None:
    generator = np.random.default_rng(0)
    middles = generator.normal(size=(4, 3)) * 6
    values = middles[generator.integers(0, 4, 20_000)] + generator.normal(size=(20_000, 3))
    assigner = build_algorithm("kmeans", {}).cluster(Points(values), 4, 0).assigner
    found = lloyd_step(values, assigner.centres)
    np.testing.assert_allclose(found.means(assigner.centres), assigner.centres, atol=1e-5)


def test_parts_of_a_table_draw_the_far_rows_that_the_whole_does() -> None:
    values = heavy("spending")
    middle = values.mean(axis=0)
    whole = spread_of(values, middle)
    cuts = [0, 10, 10, 70_001, len(values)]
    parts = [
        far_sample(values[start:stop], middle, whole, 5_000, 3, start)
        for start, stop in zip(cuts, cuts[1:], strict=False)
    ]
    rows, weights = far_sample(values, middle, whole, 5_000, 3)
    np.testing.assert_array_equal(np.concatenate([own[0] for own in parts]), rows)
    np.testing.assert_array_equal(np.concatenate([own[1] for own in parts]), weights)
