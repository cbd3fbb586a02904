"""The estimate of a silhouette whose rows are too many to compare, with no cluster behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mall_app.geometry.points import Points
from mall_app.metrics import Score, score
from mall_app.partitions import scores as partition_scores
from mall_app.partitions.groups import Groups
from mall_app.partitions.passes import Cloud
from mall_app.partitions.rare import held_rows
from mall_app.partitions.workers import Parted
from mall_app.silhouette import silhouette_widths

N_ROWS, N_HELD, N_PARTS = 20_000, 4_000, 4
LENGTHS = (N_ROWS // N_PARTS,) * N_PARTS
CENTRES = np.array([[0.0, 0.0], [30.0, 5.0], [10.0, 35.0]])


class Here:
    """Workers that are this process."""

    def keep(self, value: Any) -> Any:
        return value

    def collect(self, function: Callable[..., Any], *arguments: Any) -> list[Any]:
        each = [own.items if isinstance(own, Parted) else [own] * N_PARTS for own in arguments]
        return [function(*own) for own in zip(*each, strict=True)]


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    """Rows in three groups, one of which trails off far, and the group of each."""
    generator = np.random.default_rng(2)
    codes = generator.choice(3, N_ROWS, p=[0.6, 0.3, 0.1])
    values = CENTRES[codes] + generator.normal(size=(N_ROWS, 2)) * 8
    values[codes == 2] += generator.lognormal(1.5, 1.2, (int((codes == 2).sum()), 2))
    return values, codes


def estimate(values: np.ndarray, codes: np.ndarray, seed: int) -> Score:
    """Score a table of which a fifth is held, another for each seed."""
    drawn = np.random.default_rng((9, seed)).choice(N_ROWS, N_HELD, replace=False)
    parts, parted = (Parted(np.array_split(own, N_PARTS)) for own in (values, codes))
    cloud = Cloud(Here(), parts, Points(values[drawn]), LENGTHS)  # type: ignore[arg-type]
    sizes = np.bincount(codes)
    centres = np.stack([values[codes == own].mean(axis=0) for own in range(len(sizes))])
    groups = Groups(sizes, centres, 0)
    held = held_rows(cloud, parted, groups, codes[drawn], seed)
    found, _, _ = partition_scores.scores(cloud, parted, groups, held, seed)
    return found["silhouette_score"]


def test_the_interval_covers_the_exact_value(rows: tuple[np.ndarray, np.ndarray]) -> None:
    exact = silhouette_widths(*rows).mean()
    covered = 0
    for seed in range(100):
        found = estimate(*rows, seed)
        assert found.value is not None
        assert found.standard_error is not None
        covered += abs(found.value - exact) <= 1.96 * found.standard_error
    assert covered >= 93


def test_to_compare_more_rows_would_make_the_estimate_little_better(
    rows: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []
    against_all = partition_scores._against_all

    def counted(*arguments: Any) -> Any:
        compared.append(len(arguments[-1]))
        return against_all(*arguments)

    monkeypatch.setattr(partition_scores, "_against_all", counted)
    found = estimate(*rows, 0)
    monkeypatch.setattr(partition_scores, "_enough", lambda *_: N_ROWS)
    best = estimate(*rows, 0)
    assert compared[0] < compared[1] / 2
    assert found.standard_error is not None
    assert best.standard_error is not None
    assert found.standard_error < 1.07 * best.standard_error


def test_silhouettes_belong_to_the_customers_they_are_told_of(
    rows: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition_scores, "QUICK_ROWS", 500)
    values, codes = rows
    parts, parted = (Parted(np.array_split(own, N_PARTS)) for own in rows)
    cloud = Cloud(Here(), parts, Points(values[:N_HELD]), LENGTHS)  # type: ignore[arg-type]
    centres = np.stack([values[codes == own].mean(axis=0) for own in range(3)])
    groups = Groups(np.bincount(codes), centres, 0)
    held = held_rows(cloud, parted, groups, codes[:N_HELD], 0)
    _, places, widths = partition_scores.scores(cloud, parted, groups, held, 0)
    assert len(places) == len(np.unique(places)) == len(widths) == pytest.approx(500, abs=3)
    exact = silhouette_widths(values, codes)[held.rows[places]]
    assert np.abs(widths - exact).max() < 0.1  # among 2 828 of the rows; of one another's 1.2
    assert np.abs(widths - exact).mean() < 0.02


def test_a_customer_alone_in_a_segment_is_no_obstacle(rows: tuple[np.ndarray, np.ndarray]) -> None:
    values, codes = rows[0].copy(), rows[1].copy()
    values[7], codes[7] = (5e3, 5e3), 3
    exact = silhouette_widths(values, codes).mean()
    for seed in (0, 1):
        found = estimate(values, codes, seed)
        assert found.value == pytest.approx(exact, abs=4 * (found.standard_error or 0.0))


@pytest.mark.parametrize("apart", [0.0, 1e-3])
def test_rows_that_are_equal_within_segments_have_no_ratio_of_scatters(apart: float) -> None:
    codes = np.arange(N_ROWS) % 2
    values = np.column_stack([0.7 * codes + 0.1, np.full(N_ROWS, 1 / 3)])
    values[5, 0] += apart
    parts, parted = (Parted(np.array_split(own, N_PARTS)) for own in (values, codes))
    cloud = Cloud(Here(), parts, Points(values[:N_HELD]), LENGTHS)  # type: ignore[arg-type]
    centres = np.stack([values[codes == own].sum(axis=0) / (N_ROWS / 2) for own in (0, 1)])
    groups = Groups(np.bincount(codes), centres, 0)
    held = held_rows(cloud, parted, groups, codes[:N_HELD], 0)
    found, _, _ = partition_scores.scores(cloud, parted, groups, held, 0)
    expected, _ = score(values, codes)
    assert found["inertia"].value == pytest.approx(expected["inertia"].value, rel=1e-6, abs=1e-15)
    ratio, wanted = (own["calinski_harabasz_score"].value for own in (found, expected))
    assert (ratio is None) == (wanted is None) == (apart == 0)
    assert ratio == (wanted and pytest.approx(wanted, rel=1e-6))
