from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.stats import percentileofscore

from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.fit import fit
from mall_app.geometry.points import Points
from mall_app.segments.members import DOUBTFUL_MARGIN, Doubt, find_members, medoid_of
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING

METRICS = ("euclidean", "cityblock")


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("seed", range(3))
def test_members_agree_with_the_definitions(metric: str, seed: int) -> None:
    """One customer at a time; numbers with gaps, noise among them."""
    generator = np.random.default_rng(seed)
    labels = generator.choice([-1, 0, 3, 4], 60)
    values = generator.normal(size=(60, 2)) + labels[:, None]
    members = find_members(Points(values, metric), labels)  # type: ignore[arg-type]
    numbers = np.array([0, 3, 4])
    centres = np.array([values[labels == own].mean(axis=0) for own in numbers])
    for row in range(60):
        doubt = members.doubt
        if labels[row] < 0:
            assert doubt.second[row] == -1
            assert np.isnan([doubt.margin[row], doubt.distance_percentile[row]]).all()
            continue
        away = cdist(values[row : row + 1], centres, metric)[0]
        others = numbers != labels[row]
        assert doubt.second[row] == numbers[others][away[others].argmin()]
        margin = max(0.0, 1 - away[~others][0] / away[others].min())
        assert doubt.margin[row] == pytest.approx(margin)
        group = values[labels == labels[row]]
        among = cdist(group, centres[~others], metric)[:, 0]
        assert doubt.distance_percentile[row] == pytest.approx(
            percentileofscore(among, away[~others][0] + 1e-12, kind="weak") / 100
        )
    for own in numbers:
        inside = np.flatnonzero(labels == own)
        medoid = inside[cdist(values[inside], values[inside], metric).sum(axis=1).argmin()]
        centre = centres[numbers == own]
        near = inside[cdist(values[inside], centre, metric)[:, 0].argsort()]
        assert members.typical[own].tolist() == [medoid, *near[near != medoid]][:5]
        unsure = inside[members.doubt.margin[inside] < DOUBTFUL_MARGIN]
        assert set(members.doubtful[own]) <= set(unsure)
        assert len(members.doubtful[own]) == min(5, len(unsure))
        assert (np.diff(members.doubt.margin[members.doubtful[own]]) >= 0).all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("n_rows", "n_columns"), [(301, 2), (2_000, 3), (900, 9)])
def test_a_medoid_of_many_rows_is_exact(metric: str, n_rows: int, n_columns: int) -> None:
    values = np.random.default_rng(n_rows).exponential(size=(n_rows, n_columns))
    sums = cdist(values, values, metric).sum(axis=1)
    assert medoid_of(values, metric) == sums.argmin()  # type: ignore[arg-type]


def test_a_medoid_of_very_many_rows_is_near_the_best() -> None:
    values = np.random.default_rng(0).normal(size=(60_000, 3))
    found = medoid_of(values)
    among = np.random.default_rng(1).choice(60_000, 300, replace=False)
    sums = cdist(values[[found, *among]], values).mean(axis=1)
    assert sums[0] <= sums[1:].min()


@pytest.mark.parametrize("metric", METRICS)
def test_a_medoid_of_many_skewed_rows_is_exact(metric: str) -> None:
    values = np.random.default_rng(0).lognormal(sigma=1.5, size=(8_000, 3))
    blocks = [cdist(values[at : at + 1_000], values, metric) for at in range(0, 8_000, 1_000)]
    best = np.concatenate([own.sum(axis=1) for own in blocks]).argmin()
    assert medoid_of(values, metric) == best  # type: ignore[arg-type]


@pytest.mark.parametrize("scale", [0.0, 1e-320, 1e-160, 1e150])
def test_a_medoid_of_rows_of_any_size(scale: float) -> None:
    values = np.random.default_rng(0).normal(size=(1_000, 2)) * scale
    with np.errstate(under="ignore"):
        sums = cdist(values, values).sum(axis=1)
    assert sums[medoid_of(values)] == pytest.approx(sums.min(), rel=1e-3)


def test_members_of_the_agreed_segments(mall: Table) -> None:
    result = fit(mall, Settings(features=INCOME_AND_SPENDING, scaling="none"))
    points = build_features(mall, result.settings).points
    members = find_members(points, result.labels)
    assert (members.doubt.margin >= 0).all() and (members.doubt.margin <= 1).all()
    doubtful = np.concatenate(list(members.doubtful.values()))
    assert 0 < len(doubtful) < 20
    assert result.silhouette[doubtful].max() < 0.2 < result.silhouette.mean()
    typical = [own[0] for own in members.typical.values()]
    assert result.silhouette[typical].min() > 0.5


def test_one_segment_has_no_second() -> None:
    members = find_members(Points(np.array([[0.0], [1.0], [5.0]])), np.zeros(3, dtype=int))
    assert members.doubt.second.tolist() == [-1, -1, -1]
    assert np.isnan(members.doubt.margin).all()
    assert members.doubtful == {0: pytest.approx([])}
    assert members.typical[0].tolist() == [1, 2, 0] or members.typical[0].tolist() == [1, 0, 2]


def test_all_noise_has_no_members() -> None:
    members = find_members(Points(np.zeros((3, 1))), np.full(3, -1))
    assert (members.typical, members.doubtful) == ({}, {})
    assert members.doubt.second.tolist() == [-1, -1, -1]


def test_equal_customers_in_two_segments_are_in_full_doubt() -> None:
    members = find_members(Points(np.ones((4, 2))), np.array([0, 0, 1, 1]))
    assert members.doubt.margin.tolist() == [0.0] * 4
    assert members.doubt.distance_percentile.tolist() == [1.0] * 4
    assert members.doubtful[1].tolist() == [2, 3]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(METRICS))
def test_doubt_follows_the_rows(seed: int, metric: str) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(-1, 4, 50)
    points = Points(generator.normal(size=(50, 3)), metric)  # type: ignore[arg-type]
    order = generator.permutation(50)
    plain = find_members(points, labels).doubt
    moved = find_members(points.take(order), labels[order]).doubt
    assert moved.second.tolist() == plain.second[order].tolist()
    np.testing.assert_allclose(moved.margin, plain.margin[order], atol=1e-9)
    np.testing.assert_allclose(moved.distance_percentile, plain.distance_percentile[order])


def test_doubt_stays_read_only_and_takes_new_numbers() -> None:
    doubt = Doubt(np.array([1, 0, -1]), np.array([0.5, 0.1, np.nan]), np.array([1.0, 1.0, np.nan]))
    copy = pickle.loads(pickle.dumps(doubt))
    assert not any(array.flags.writeable for array in vars(copy).values())
    assert copy.renumbered((7, 3)).second.tolist() == [3, 7, -1]
    assert doubt.nbytes == 72
