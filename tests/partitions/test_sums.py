"""What partitions come to adds up to what the whole table comes to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall_app.kernels.moments import column_moments
from mall_app.kernels.tallies import Frame, tally
from mall_app.labels import group_means
from mall_app.partitions.groups import Groups
from mall_app.partitions.quantiles import look_within, order_statistics
from mall_app.partitions.statistics import NumberSummary, summed

numbers = st.one_of(st.floats(-1e9, 1e9), st.integers(-3, 3).map(float))


def summary_of(values: np.ndarray) -> NumberSummary:
    count, *others = column_moments(values)
    return NumberSummary(count, len(values) - count, *others)


@given(st.lists(st.lists(numbers, max_size=8), min_size=1, max_size=5).filter(any))
def test_means_and_spreads_add_up(parts: list[list[float]]) -> None:
    whole = np.concatenate([np.array(own, dtype=float) for own in parts])
    found = summed([summary_of(np.array(own, dtype=float)) for own in parts])
    assert (found.count, found.low, found.high) == (len(whole), whole.min(), whole.max())
    assert found.mean == pytest.approx(whole.mean(), rel=1e-9, abs=1e-6)
    assert found.variance == pytest.approx(whole.var(), rel=1e-6, abs=1e-3)


def test_spreads_far_from_zero_keep_their_digits() -> None:
    parts = [1e9 + np.random.default_rng(own).normal(size=500) for own in range(4)]
    found = summed([summary_of(own) for own in parts])
    assert found.variance == pytest.approx(np.concatenate(parts).var(), rel=1e-6)


@given(st.lists(numbers, min_size=1, max_size=60), st.integers(1, 4), st.data())
def test_order_statistics_are_those_of_the_sorted_values(
    values: list[float], n_parts: int, data: st.DataObject
) -> None:
    rising = np.sort(values)
    ranks = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, max_size=4))
    parts = np.array_split(np.array(values), n_parts)
    found = order_statistics(
        lambda *own: [look_within(part, *own) for part in parts], ranks, rising[0], rising[-1]
    )
    assert found == rising[ranks].tolist()


def test_order_statistics_of_values_that_hardly_differ() -> None:
    values = np.array([0.0, 0.0, 5e-324, 1e-323])
    ranks = list(range(len(values)))
    assert order_statistics(lambda *own: [look_within(values, *own)], ranks, 0.0, 1e-323) == list(
        values
    )


@pytest.mark.parametrize("kind", ["heavy tail", "few values", "narrow and far"])
def test_order_statistics_of_many_values(kind: str) -> None:
    generator = np.random.default_rng(5)
    values = {
        "heavy tail": np.exp(generator.normal(size=50_000) * 6),
        "few values": generator.integers(0, 3, 50_000).astype(float),
        "narrow and far": 1e12 + generator.random(50_000),
    }[kind]
    rising = np.sort(values)
    ranks = [0, 12_499, 12_500, 24_999, 37_500, 49_999]
    looks = [0]

    def look(low: float, high: float, bring: bool) -> list[object]:
        looks[0] += 1
        return [look_within(part, low, high, bring) for part in np.array_split(values, 3)]

    assert order_statistics(look, ranks, rising[0], rising[-1]) == rising[ranks].tolist()
    assert looks[0] < 40


def test_groups_add_up_and_join() -> None:
    generator = np.random.default_rng(1)
    values, labels = generator.normal(size=(90, 2)), generator.integers(0, 3, 90)
    parts = [
        Groups(np.bincount(own, minlength=3), group_means(rows, own, 3), 1)
        for rows, own in zip(np.split(values, 3), np.split(labels, 3), strict=True)
    ]
    found = summed(parts)
    assert found.n_noise == 3
    np.testing.assert_array_equal(found.sizes, np.bincount(labels))
    np.testing.assert_allclose(found.centres, group_means(values, labels, 3))
    joined = found.joined({0: 1, 1: 0, 2: 1}, 2)
    np.testing.assert_allclose(joined.centres[1], values[labels != 1].mean(axis=0))
    np.testing.assert_array_equal(joined.sizes, [(labels == 1).sum(), (labels != 1).sum()])


def test_tallies_add_up_with_gaps_left_out() -> None:
    generator = np.random.default_rng(2)
    values, labels = generator.normal(size=1_000) + 50, generator.integers(0, 2, 1_000)
    values[::7] = np.nan
    frame = Frame(50.0, 2.0, np.array([49.0, 49.5]), np.array([51.0, 50.5]), 10)
    parts = [
        tally(rows, own, frame)
        for rows, own in zip(np.split(values, 4), np.split(labels, 4), strict=True)
    ]
    found = summed(parts)
    for own in (0, 1):
        known = values[(labels == own) & ~np.isnan(values)]
        assert found.counts[own] == len(known) == found.bins[own].sum()
        assert found.sums[own] == pytest.approx(((known - 50) / 2).sum())
        assert found.squares[own] == pytest.approx((((known - 50) / 2) ** 2).sum())
        assert (found.least[own], found.most[own]) == (known.min(), known.max())
        low, high = frame.low[own], frame.high[own]
        counted, _ = np.histogram(known, 10, (low, high))
        np.testing.assert_array_equal(found.bins[own, 1:-1], counted)
