from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.segments.segment import Segment, describe_segments, split_unit
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING, table_of

STATISTICS = {
    "mean": "mean",
    "median": "50%",
    "lower_quartile": "25%",
    "upper_quartile": "75%",
    "minimum": "min",
    "maximum": "max",
}


def described(table: Table, labels: list[int], features: list[str]) -> tuple[Segment, ...]:
    return describe_segments(table, np.arange(len(labels)), np.array(labels), features)


@pytest.fixture(scope="module")
def agreed(mall: Table) -> tuple[Segment, ...]:
    return fit(mall, Settings(features=INCOME_AND_SPENDING, scaling="none")).profiles


def test_profiles_agree_with_pandas(mall: Table) -> None:
    labels = np.random.default_rng(0).integers(-1, 4, len(mall))
    segments = describe_segments(mall, np.arange(len(mall)), labels, mall.numeric)
    groups = mall.frame.groupby(labels)
    for own in segments:
        part = mall.frame[labels == own.segment]
        assert own.size == len(part)
        assert own.share == len(part) / 200
        for column, profile in own.numeric.items():
            expected = groups[column].describe().loc[own.segment]
            for name, row in STATISTICS.items():
                assert getattr(profile, name) == pytest.approx(expected[row], rel=1e-12)
            assert profile.standardized_difference == pytest.approx(
                (part[column].mean() - mall.frame[column].mean()) / mall.frame[column].std(ddof=0)
            )
        expected = part["Gender"].value_counts(normalize=True).to_dict()
        assert own.categorical["Gender"] == pytest.approx(expected)


def test_missing_values_are_left_out_of_a_profile() -> None:
    frame = pd.DataFrame(
        {
            "a": [1.0, 2.0, 30.0, 31.0, 32.0, 33.0],
            "some": [np.nan, 5.0, 7.0, np.nan, 9.0, 8.0],
            "none_here": [np.nan, np.nan, 1.0, 2.0, 3.0, 6.0],
            "kind": ["x", None, "y", "y", "x", None],
        }
    )
    small, large = described(Table.from_frame(frame), [0, 0, 1, 1, 1, 1], ["a"])
    expected = frame.groupby([0, 0, 1, 1, 1, 1])["some"].describe()
    for own in (small, large):
        for name, row in STATISTICS.items():
            value = getattr(own.numeric["some"], name)
            assert value == pytest.approx(expected.loc[own.segment, row])
    assert set(vars(small.numeric["none_here"]).values()) == {None}
    assert small.categorical == {"kind": {"x": 0.5, "y": 0.0, "(missing)": 0.5}}
    assert large.categorical == {"kind": {"x": 0.25, "y": 0.5, "(missing)": 0.25}}
    json.dumps([own.to_dict() for own in (small, large)], allow_nan=False)


@pytest.mark.parametrize("value", [3.0, 0.1, 1e9 / 3])
def test_a_constant_column_sets_nobody_apart(value: float) -> None:
    table = table_of(a=[0.0] * 9 + [9.0] * 14, same=[value] * 23)
    for own in described(table, [0] * 9 + [1] * 14, ["a", "same"]):
        assert own.numeric["same"].standardized_difference is None
        assert own.numeric["same"].minimum == value
        assert "same" not in own.name and "same" not in own.sentence


@pytest.mark.parametrize("extreme", [np.inf, -np.inf, 1e300])
def test_extreme_values_in_an_unused_column_stay_out_of_the_way(extreme: float) -> None:
    table = table_of(a=[1.0, 2.0, 30.0, 31.0], wild=[1.0, 2.0, 3.0, extreme])
    for own in described(table, [0, 0, 1, 1], ["a"]):
        json.dumps(own.to_dict(), allow_nan=False)


def test_names_of_the_agreed_segments(agreed: tuple[Segment, ...]) -> None:
    assert [own.name for own in agreed] == [
        "Average Annual Income and Spending Score",
        "High Spending Score, high Annual Income",
        "Low Spending Score, high Annual Income",
        "Low Annual Income, low Spending Score",
        "Low Annual Income, high Spending Score",
    ]


def test_sentences_of_the_agreed_segments(agreed: tuple[Segment, ...]) -> None:
    assert agreed[0].sentence == (
        "Annual Income is slightly below average (55.3 k$), "
        "Spending Score is about average (49.52)."
    )
    assert agreed[1].sentence == (
        "Spending Score is far above average (82.13), Annual Income is above average (86.54 k$)."
    )


def test_a_category_alone_gives_the_name() -> None:
    table = table_of(n=[1.0] * 6, sex=["f", "f", "m", "m", "m", "f"])
    first, second = described(table, [0, 0, 1, 1, 1, 0], ["sex"])
    assert (first.name, second.name) == ("Only f", "Only m")
    assert first.sentence == "100% are f (0% of the others)."


def test_segments_that_share_a_name_are_numbered() -> None:
    table = table_of(a=[1.0, 2.0, 9.0, 1.0, 2.0, 9.0])
    assert [own.name for own in described(table, [0, 0, 0, 1, 1, 1], ["a"])] == [
        "Average a (1)",
        "Average a (2)",
    ]


def test_a_segment_of_one_customer_is_described() -> None:
    table = table_of(a=[1.0, 2.0, 90.0])
    assert described(table, [0, 0, 1], ["a"])[1].sentence == ("a is far above average (90).")


def test_all_noise_gives_no_segment() -> None:
    assert described(table_of(a=[1.0, 2.0]), [-1, -1], ["a"]) == ()


def test_what_is_distinctive_comes_strongest_first(agreed: tuple[Segment, ...]) -> None:
    found = agreed[1].distinctive(["Age", *INCOME_AND_SPENDING, "Gender"])
    assert [each.column for each in found] == [
        "Spending Score (1-100)",
        "Annual Income (k$)",
        "Age",
    ]
    assert len(agreed[1].distinctive(INCOME_AND_SPENDING, most=1)) == 1


@pytest.mark.parametrize(
    ("column", "parts"),
    [
        ("Annual Income (k$)", ("Annual Income", "k$")),
        ("Spending Score (1-100)", ("Spending Score", "1-100")),
        ("Age", ("Age", "")),
        ("(k$)", ("(k$)", "")),
        ("a (b) (c) ", ("a (b)", "c")),
        ("a (b", ("a (b", "")),
        ("a b)", ("a b)", "")),
        ("a (b (c))", ("a (b (c))", "")),
        ("", ("", "")),
        (" " * 100_000 + "x", (" " * 100_000 + "x", "")),
    ],
    ids=lambda value: str(value)[:20],
)
def test_units_are_split_off(column: str, parts: tuple[str, str]) -> None:
    assert split_unit(column) == parts
