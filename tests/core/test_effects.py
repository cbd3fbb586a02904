from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mall_app.data.table import Table
from mall_app.segments.effects import Effect, cohens_h, share_difference
from mall_app.segments.segment import Segment, describe_segments
from tests.core.tables import table_of


def described(table: Table, labels: list[int]) -> tuple[Segment, ...]:
    return describe_segments(table, np.arange(len(labels)), np.array(labels), table.features)


def hedges(group: pd.Series, rest: pd.Series) -> tuple[float, float, float]:
    """Hedges' g by way of the t statistic, with the interval of Borenstein et al. (2009)."""
    first, second = len(group), len(rest)
    t = stats.ttest_ind(group, rest).statistic
    d = t * np.sqrt(1 / first + 1 / second)
    correction = 1 - 3 / (4 * (first + second - 2) - 1)
    variance = 1 / first + 1 / second + d * d / (2 * (first + second))
    half = NormalDist().inv_cdf(0.975) * correction * np.sqrt(variance)
    return correction * d, correction * d - half, correction * d + half


def test_effects_agree_with_a_t_test_noise_among_the_rest(mall: Table) -> None:
    labels = np.random.default_rng(0).integers(-1, 4, len(mall))
    for own in described(mall, labels.tolist()):
        inside = labels == own.segment
        for column in mall.numeric:
            values = mall.frame[column]
            effect = own.numeric[column].effect
            assert effect is not None
            found = (effect.value, effect.low, effect.high)
            assert found == pytest.approx(hedges(values[inside], values[~inside]), rel=1e-9)


def test_the_interval_is_near_the_exact_one(mall: Table) -> None:
    """The exact interval is that of the noncentral t distribution."""
    labels = (mall.frame["Age"] > 40).astype(int).tolist()
    effect = described(mall, labels)[1].numeric["Annual Income (k$)"].effect
    assert effect is not None
    first, second = sum(labels), 200 - sum(labels)
    scale = np.sqrt(first * second / 200)
    t = effect.value / (1 - 3 / (4 * 198 - 1)) * scale
    ends = stats.nct(198, np.array([effect.low, effect.high]) * scale).cdf(t)
    assert ends == pytest.approx([0.975, 0.025], abs=0.003)


def test_missing_values_are_left_out_of_an_effect() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0, 4.0, 9.0, 8.0, np.nan, 5.0], "b": range(8)})
    labels = [0, 0, 0, 0, 1, 1, 1, 1]
    effect = described(Table.from_frame(frame), labels)[0].numeric["a"].effect
    assert effect is not None
    expected = hedges(frame["a"][:4].dropna(), frame["a"][4:].dropna())
    assert (effect.value, effect.low, effect.high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("column", "labels"),
    [
        ([7.0, 7.0, 7.0, 7.0], [0, 0, 1, 1]),  # constant
        ([1e9 / 3, 1e9 / 3, 1e9, 1e9], [0, 0, 1, 1]),  # constant within each
        ([1.0, 2.0, 3.0, 4.0], [0, 0, 0, 1]),  # one member
        ([1.0, 2.0, 3.0, 4.0], [0, 0, 0, 0]),  # no rest
        ([1.0, 2.0, np.nan, np.nan], [0, 0, 1, 1]),  # no value in one
        ([1.0, 2.0, np.inf, 3.0], [0, 0, 1, 1]),  # infinite
        ([1e300, 2.0, -1e300, 3.0], [0, 0, 1, 1]),  # squares too large
    ],
)
def test_an_effect_that_does_not_exist_is_none(column: list[float], labels: list[int]) -> None:
    table = table_of(a=column, b=[1.0, 2.0, 4.0, 8.0])
    assert [own.numeric["a"].effect for own in described(table, labels)] == [None] * len(
        set(labels)
    )


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.integers(-1000, 1000), min_size=6, max_size=40),
    factor=st.sampled_from([0.001, 0.5, 3.0, 1e6]),
    offset=st.sampled_from([0.0, -17.0, 1e5]),
)
def test_an_effect_does_not_depend_on_the_unit(
    values: list[int], factor: float, offset: float
) -> None:
    labels = [0, 1] * (len(values) // 2) + [0] * (len(values) % 2)
    numbers = np.array(values, dtype=float)
    table = table_of(a=numbers, b=numbers * factor + offset, c=np.arange(float(len(values))))
    for own in described(table, labels):
        plain, scaled = (own.numeric[name].effect for name in "ab")
        assert (plain is None) == (scaled is None)
        if plain and scaled:
            assert tuple(vars(scaled).values()) == pytest.approx(
                tuple(vars(plain).values()), rel=1e-6, abs=1e-6
            )


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_differences_of_shares_agree_with_scipy(
    first: int, second: int, data: st.DataObject
) -> None:
    """Newcombe's interval from scipy's Wilson intervals, Cohen's h from its definition."""
    hits = data.draw(st.integers(0, first)), data.draw(st.integers(0, second))
    own, rest = hits[0] / first, hits[1] / second
    sides = [np.array([float(part)]) for part in (own, first, rest, second)]
    one, two = (
        stats.binomtest(hit, size).proportion_ci(0.95, "wilson")
        for hit, size in zip(hits, (first, second), strict=True)
    )
    expected = (
        own - rest,
        own - rest - np.sqrt((own - one.low) ** 2 + (two.high - rest) ** 2),
        own - rest + np.sqrt((one.high - own) ** 2 + (rest - two.low) ** 2),
    )
    assert [float(part[0]) for part in share_difference(*sides)] == pytest.approx(expected)
    h, half = cohens_h(*sides)
    assert float(h[0]) == pytest.approx(2 * (np.arcsin(own**0.5) - np.arcsin(rest**0.5)))
    assert float(half[0]) == pytest.approx(stats.norm.ppf(0.975) * (1 / first + 1 / second) ** 0.5)


def test_contrasts_of_a_category_agree_with_pandas(mall: Table) -> None:
    labels = np.random.default_rng(1).integers(-1, 3, len(mall))
    female = mall.frame["Gender"] == "Female"
    for own in described(mall, labels.tolist()):
        inside = labels == own.segment
        found = own.contrasts["Gender"]["Female"]
        assert found.share == pytest.approx(female[inside].mean())
        assert found.rest_share == pytest.approx(female[~inside].mean())
        assert found.standardized_difference == pytest.approx(
            (female[inside].mean() - female.mean()) / female.std(ddof=0)
        )
        assert found.risk_difference is not None and found.effect is not None
        assert found.risk_difference.value == pytest.approx(
            female[inside].mean() - female[~inside].mean()
        )


def test_a_category_with_gaps_or_without_others() -> None:
    table = table_of(n=[1.0, 2.0, 3.0, 4.0], kind=["x", None, "y", "x"])
    first, second = described(table, [0, 0, 1, 1])
    assert first.categorical == {"kind": {"x": 0.5, "y": 0.0, "(missing)": 0.5}}
    # By hand: Wilson's interval of 1 in 2 is 0.5 +- 0.4055, and 0.4055 sqrt(2) = 0.5734.
    assert second.contrasts["kind"]["x"].risk_difference == Effect(
        0.0, pytest.approx(-0.5734, abs=1e-4), pytest.approx(0.5734, abs=1e-4)
    )
    (alone,) = described(table, [0, 0, 0, 0])
    assert alone.contrasts["kind"]["x"].rest_share is None
    assert alone.contrasts["kind"]["x"].risk_difference is None
    assert alone.contrasts["kind"]["x"].effect is None
