from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import silhouette_score

from mall_app.data.table import Table
from mall_app.evidence.references import References, grid_step
from mall_app.evidence.structure import judge, monte_carlo_ranks
from mall_app.evidence.unimodal import one_peak
from mall_app.features import build_features
from mall_app.fit import resolve
from mall_app.geometry.points import Block, Points
from mall_app.kernels.apartness import density_gap, mean_silhouette
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING
from tests.evidence.shapes import GROUPS, NOISE, structure_of


@pytest.mark.parametrize("name", NOISE)
def test_noise_has_no_structure(name: str) -> None:
    assert not structure_of(NOISE[name](1), 1).found


@pytest.mark.parametrize("name", GROUPS)
def test_groups_are_structure_whatever_their_shape(name: str) -> None:
    assert structure_of(GROUPS[name]()).found


def test_circles_are_connected_and_not_compact() -> None:
    assert structure_of(GROUPS["nested circles"]()).kinds == ("connected",)


def test_the_mall_customers_have_structure(mall: Table) -> None:
    settings = resolve(mall, Settings(features=INCOME_AND_SPENDING))
    found = structure_of(build_features(mall, settings).values)
    assert found.found
    assert "compact groups" in found.sentence


def test_the_silhouette_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    points = Points(generator.normal(size=(60, 3)), "cityblock")
    labels = np.r_[0, 1, 2, generator.integers(3, size=56), 3]
    expected = silhouette_score(points.values, labels, metric="cityblock")
    assert mean_silhouette(points.distances(), labels) == pytest.approx(expected)


def slow_density_gap(distances: np.ndarray) -> float:
    """By cutting the tree below every merge and looking at the two groups that join."""
    n_rows, neighbour = len(distances), 5
    least = int(np.ceil(n_rows / 10))
    core = np.sort(distances, axis=1)[:, neighbour]
    reach = np.maximum(distances, np.maximum.outer(core, core))
    np.fill_diagonal(reach, 0)
    tree = linkage(squareform(reach, checks=False), "single")
    heights = np.unique(tree[:, 2])
    levels = [fcluster(tree, height, "distance") for height in heights]

    def born(members: np.ndarray) -> float:
        for height, labels in zip(heights, levels, strict=True):
            if np.bincount(labels[members]).max() >= least:
                return float(height)
        return np.inf

    found = 0.0
    for before, after, height in zip(levels, levels[1:], heights[1:], strict=False):
        for group in np.unique(after):
            parts = [np.flatnonzero((after == group) & (before == p)) for p in np.unique(before)]
            births = sorted(born(p) for p in parts if len(p) >= least)
            if len(births) > 1:
                found = max(
                    found, float(np.log(height / births[-1])), float(np.log(height / births[1]))
                )
    return found


def test_the_density_gap_is_that_of_a_slow_one() -> None:
    for name in ("moons", "blobs", "uneven sizes"):
        distances = Points(GROUPS[name]()[::3]).distances()
        assert density_gap(distances) == pytest.approx(slow_density_gap(distances))


def test_equal_customers_do_no_harm() -> None:
    assert density_gap(np.zeros((12, 12))) == 0.0
    values = np.repeat([[0.0], [1.0]], 10, axis=0)
    assert np.isfinite(density_gap(Points(values).distances()))


def test_the_p_value_by_hand() -> None:
    pool = np.array([[5.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 0.0]])
    assert monte_carlo_ranks(pool)[0].tolist() == [0.25, 0.75]
    found = judge((5.0, 1.0), {"uniform": pool[1:], "one_peak": pool[1:]}, 30)
    # Of the four rows, the first and the third are the most extreme in one statistic each.
    assert found.p_value == 0.5
    assert not found.found
    assert found.sentence == (
        "The customers are not clearly more grouped than tables without segments: 1 of 3 uniform "
        "tables look at least as grouped (p = 0.5, to be at most 0.05)."
    )


def test_both_kinds_of_reference_must_be_ruled_out() -> None:
    below, above = np.zeros((99, 2)), np.full((99, 2), 9.0)
    found = judge((1.0, 1.0), {"uniform": below, "one_peak": above}, 30)
    assert found.p_values == {"uniform": 0.01, "one_peak": 1.0}
    assert not found.found
    assert "all 99 tables with one peak in every column look" in found.sentence


def test_references_are_like_the_customers_but_without_groups() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(4000, 2)) @ np.array([[2.0, 1.0], [0.0, 0.5]])
    references = References(Points(values))
    box = references.draw("uniform", np.random.default_rng(1)).values
    cloud = references.draw("one_peak", np.random.default_rng(1)).values
    assert np.cov(cloud.T) == pytest.approx(np.cov(values.T), rel=0.1)
    axes = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)[2]
    turned, own = (box - values.mean(axis=0)) @ axes.T, (values - values.mean(axis=0)) @ axes.T
    assert (turned.min(axis=0) >= own.min(axis=0) - 1e-9).all()
    assert np.ptp(turned, axis=0) == pytest.approx(np.ptp(own, axis=0), rel=0.01)


def test_a_reference_is_as_skewed_as_the_customers_but_has_one_peak() -> None:
    generator = np.random.default_rng(0)
    money = np.exp(generator.standard_normal(2000))
    two_peaks = np.r_[generator.normal(size=1000), generator.normal(8, 1, size=1000)]
    drawn = References(Points(np.column_stack([money, two_peaks]))).draw("one_peak", generator)
    assert np.quantile(drawn.values[:, 0], [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(money, [0.1, 0.5, 0.9]), rel=0.1
    )
    between = ((drawn.values[:, 1] > 3) & (drawn.values[:, 1] < 5)).mean()
    assert ((two_peaks > 3) & (two_peaks < 5)).mean() < 0.01
    assert between > 0.1


@pytest.mark.parametrize("step", [0.0, 1.0])
def test_the_nearest_distribution_with_one_peak_rises_and_falls(step: float) -> None:
    values = (
        np.rint(np.random.default_rng(3).gamma(2.0, 9.0, size=300))
        if step
        else (np.random.default_rng(3).standard_t(3, size=300))
    )
    knots, shares = one_peak(values, step)
    density = np.diff(shares) / np.diff(knots)
    assert (shares[0], shares[-1]) == pytest.approx((0.0, 1.0))
    peak = density.argmax()
    assert (np.diff(density[: peak + 1]) >= -1e-6).all()
    assert (np.diff(density[peak:]) <= 1e-6).all()
    # It is near: these values have one peak.
    share = np.searchsorted(np.sort(values), knots) / len(values)
    assert np.abs(share - shares).max() < 0.05


def test_a_fine_grid_takes_no_more_than_the_customers_on_it() -> None:
    knots, shares = one_peak(np.r_[np.arange(200.0), 1e9], 1.0)
    assert len(knots) == len(shares) == 203
    assert shares[-1] == pytest.approx(1.0)


def test_references_keep_grids_and_categories() -> None:
    years = np.arange(40.0) % 7 * 3
    women = (np.arange(40) % 4 == 0) * 0.5
    points = Points(
        np.column_stack([years, women, 0.5 - women]),
        "cityblock",
        (Block("Age", 0, 1, False), Block("Gender", 1, 3, True)),
    )
    for kind in ("uniform", "one_peak"):
        drawn = References(points).draw(kind, np.random.default_rng(0))
        assert (drawn.values[:, 0] % 3 == 0).all()
        assert set(map(tuple, drawn.values[:, 1:])) == {(0.5, 0.0), (0.0, 0.5)}
        assert drawn.metric == "cityblock"


@pytest.mark.parametrize(
    ("values", "step"),
    [([1.0, 1.0], 0.0), ([1, 2, 4.5, 9.3], 0.0), ([0.5, 1, 3], 0.5), (np.arange(9) / 7, 1 / 7)],
)
def test_the_step_of_a_grid(values: list[float], step: float) -> None:
    assert grid_step(np.asarray(values, dtype=float)) == pytest.approx(step)
