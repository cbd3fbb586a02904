"""What is said of segments in large tables is what is said in small ones."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from mall_app.data.table import Table
from mall_app.geometry.points import Points
from mall_app.kernels.doubt import centre_margins
from mall_app.segments import contributions as separation
from mall_app.segments import members, profiles
from mall_app.segments.many_members import least, shares_no_farther
from mall_app.segments.segment import describe_segments

METRICS = ["euclidean", "cityblock"]


def customers(n_rows: int = 3_000, noise: bool = True) -> tuple[Points, Any]:
    generator = np.random.default_rng(n_rows)
    codes = generator.integers(4, size=n_rows // 2)
    values = generator.normal(size=(n_rows // 2, 3)) + codes[:, None] * 2.0
    labels = np.array([0, 3, 7, -1 if noise else 1])[codes]
    return Points(np.repeat(values, 2, axis=0)), np.repeat(labels, 2)


@pytest.mark.parametrize("metric", METRICS)
def test_margins_between_centres_are_those_of_scipy(metric: Any) -> None:
    generator = np.random.default_rng(0)
    values, centres = generator.normal(size=(300, 5)), generator.normal(size=(6, 5))
    labels = generator.integers(-1, 6, size=300)
    own, second, margin = centre_margins(values, labels, centres, metric)
    apart = cdist(values, centres, metric)
    for row, label in enumerate(labels):
        if label < 0:
            assert np.isnan([own[row], margin[row]]).all() and second[row] == -1
            continue
        assert own[row] == pytest.approx(apart[row, label])
        apart[row, label] = np.inf
        assert second[row] == apart[row].argmin()
        assert margin[row] == pytest.approx(max(0.0, 1 - own[row] / apart[row].min()), abs=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_members_of_a_large_table_are_found_as_in_a_small_one(
    metric: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, labels = customers()
    points = Points(points.values, metric)
    small = members.find_members(points, labels)
    monkeypatch.setattr(members, "MANY_ROWS", 0)
    large = members.find_members(points, labels)
    assert large.doubt.second.tolist() == small.doubt.second.tolist()
    np.testing.assert_allclose(large.doubt.margin, small.doubt.margin, atol=1e-6)
    np.testing.assert_allclose(
        large.doubt.distance_percentile, small.doubt.distance_percentile, atol=5e-3
    )  # two that float32 cannot tell apart are equally far
    assert large.doubt.nbytes < small.doubt.nbytes / 1.9
    for own in (0, 3, 7):
        assert large.typical[own].tolist() == small.typical[own].tolist()
        assert len(large.doubtful[own]) == len(small.doubtful[own])
        margins = [found.doubt.margin[found.doubtful[own]] for found in (large, small)]
        np.testing.assert_allclose(*margins, atol=1e-6)


def test_one_segment_and_all_noise_are_nobodys_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MANY_ROWS", 0)
    points = Points(np.array([[0.0], [1.0], [5.0]]))
    alone = members.find_members(points, np.zeros(3, dtype=int))
    assert alone.doubt.second.tolist() == [-1, -1, -1] and np.isnan(alone.doubt.margin).all()
    assert alone.typical[0].tolist()[0] == 1
    nobody = members.find_members(points, np.full(3, -1))
    assert nobody.typical == {} and np.isnan(nobody.doubt.distance_percentile).all()


def test_profiles_of_a_large_table_are_those_of_a_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points, labels = customers()
    frame = pd.DataFrame(points.values, columns=["a", "b", "c"])
    frame.loc[::7, "b"] = np.nan
    frame["constant"] = 4.0
    table = Table.from_frame(frame)
    rows = np.arange(len(frame))
    small = describe_segments(table, rows, labels, ["a", "b"])
    monkeypatch.setattr(profiles, "_MANY_ROWS", 0)
    large = describe_segments(table, rows, labels, ["a", "b"])
    for own, other in zip(small, large, strict=True):
        assert (own.segment, own.name, own.sentence) == (other.segment, other.name, other.sentence)
        for column in table.numeric:
            assert numbers_in(other.numeric[column]) == pytest.approx(
                numbers_in(own.numeric[column])
            )
            assert (own.numeric[column].effect is None) == (other.numeric[column].effect is None)


def numbers_in(profile: Any) -> list[float]:
    found = [own for own in vars(profile).values() if isinstance(own, float)]
    return found + list(vars(profile.effect).values() if profile.effect else [])


@pytest.mark.parametrize("metric", METRICS)
def test_shares_of_the_separation_do_not_depend_on_noise(metric: Any) -> None:
    points, labels = customers()
    kept = labels >= 0
    whole = separation.contributions(Points(points.values, metric), labels)
    alone = separation.contributions(Points(points.values[kept], metric), labels[kept])
    assert whole == pytest.approx(alone)


def test_shares_of_the_separation_of_a_large_table_are_those_of_a_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points, labels = customers()
    values = np.column_stack([points.values, np.full(len(labels), 0.1)]) + [0.0, 0.0, 1e6, 0.0]
    points = Points(values)
    small = separation.contributions(points, labels)
    monkeypatch.setattr(separation, "SMALL_ROWS", 0)
    large = separation.contributions(points, labels)
    assert large == pytest.approx(small) and large["3"] == 0.0
    assert separation.contributions(points, np.minimum(labels, 0)) == {}


@pytest.mark.parametrize("unit", [1e-60, 1e100])
def test_how_far_out_customers_are_does_not_depend_on_the_unit(
    unit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, labels = customers()
    monkeypatch.setattr(members, "MANY_ROWS", 0)
    plain = members.find_members(points, labels).doubt
    other = members.find_members(Points(points.values * unit), labels).doubt
    np.testing.assert_allclose(
        other.distance_percentile, plain.distance_percentile, atol=5e-3, rtol=0
    )


def test_the_least_values_come_rising_and_the_first_of_equals() -> None:
    values = np.array([3.0, 1.0, 2.0, 1.0, 2.0, 2.0])
    assert least(values, 4).tolist() == [1, 3, 2, 4]
    assert least(values, 9).tolist() == [1, 3, 2, 4, 5, 0]


def test_shares_count_equal_values_together() -> None:
    assert shares_no_farther(np.array([2.0, 2.0, 1.0, 5.0])).tolist() == [0.75, 0.75, 0.25, 1.0]
