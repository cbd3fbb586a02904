"""Starts of k-means on some rows: which ends go on, and how many are tried."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.cluster
from scipy.spatial.distance import cdist

from mall_app.kernels.starts import best_starts, weighted_starts

CHOICES: dict[str, Any] = {
    "n_init": 10,
    "init": "k-means++",
    "max_iter": 300,
    "tol": 1e-4,
    "random_state": 0,
}
CORNERS = np.array([[0.0, 0.0], [0.0, 10.0], [10.0, 0.0], [10.0, 10.0]])


def groups(centres: np.ndarray, n_rows: int = 6_000) -> np.ndarray:
    generator = np.random.default_rng(3)
    chosen = centres[generator.integers(len(centres), size=n_rows)]
    return chosen + generator.normal(size=chosen.shape)


def farthest(ones: np.ndarray, others: np.ndarray) -> float:
    """Give how far a centre is from the nearest of the others, at most."""
    apart = cdist(ones, others)
    return float(max(apart.min(axis=0).max(), apart.min(axis=1).max()))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An entry for each start that was drawn."""
    starts: list[int] = []
    draw = sklearn.cluster.kmeans_plusplus

    def counted(*arguments: Any, **choices: Any) -> Any:
        starts.append(1)
        return draw(*arguments, **choices)

    monkeypatch.setattr(sklearn.cluster, "kmeans_plusplus", counted)
    return starts


def test_starts_that_all_come_to_the_same_end_are_one_and_no_more_are_tried(
    drawn: list[int],
) -> None:
    [found] = best_starts(groups(CORNERS), 4, **CHOICES)
    assert len(drawn) == CHOICES["n_init"]
    assert farthest(found, CORNERS) < 0.2


def test_few_starts_are_not_taken_for_enough(drawn: list[int]) -> None:
    [_] = best_starts(groups(CORNERS), 4, **CHOICES | {"n_init": 1})
    assert len(drawn) == 3


def test_where_they_come_to_different_ends_more_are_tried_and_each_end_goes_on(
    drawn: list[int],
) -> None:
    # Four corners of a square in two clusters: side by side, or one above the other.
    found = best_starts(groups(CORNERS), 2, **CHOICES)
    assert len(drawn) == 3 * CHOICES["n_init"]
    upright = {bool(np.ptp(own[:, 0]) < np.ptp(own[:, 1])) for own in found}
    assert upright == {True, False}
    assert len(found) < 6


def test_weighted_rows_come_to_the_ends_of_the_rows_they_stand_for() -> None:
    rows = groups(CORNERS, 3_000)
    weights = np.where(rows[:, 0] > 5, 3.0, 1.0)
    [found] = weighted_starts(rows, weights, 4, **CHOICES)
    [plain] = best_starts(np.repeat(rows, weights.astype(int), axis=0), 4, **CHOICES)
    assert farthest(found, plain) < 0.1


def test_too_few_distinct_rows_start_nothing() -> None:
    assert weighted_starts(np.zeros((9, 2)), np.ones(9), 2, **CHOICES) == []
