from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.segments.naming import NOTABLE_DIFFERENCE, segment_names
from mall_app.segments.segment import Segment, describe_segments
from mall_app.segments.words import percent
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING, table_of


def described(table: Table, labels: list[int], features: list[str]) -> tuple[Segment, ...]:
    return describe_segments(table, np.arange(len(labels)), np.array(labels), features)


def names(table: Table, labels: list[int], features: list[str]) -> list[str]:
    return [own.name for own in described(table, labels, features)]


def test_ten_segments_of_two_quantities_are_told_apart(mall: Table) -> None:
    """Those that share both words have the amount that differs most; the order is no difference."""
    found = fit(mall, Settings(features=INCOME_AND_SPENDING, scaling="none", n_clusters=10))
    own = [each.name for each in found.profiles]
    assert "High Spending Score, high Annual Income (Annual Income 78.04 k$)" in own
    parts = [frozenset(name.casefold().split(", ")) for name in own]
    assert len(set(parts)) == 10


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 9), st.integers(1, 12))
def test_names_are_unique_short_and_honest(seed: int, n_segments: int, n_columns: int) -> None:
    generator = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(n_segments), generator.integers(0, n_segments, 40)])
    numbers = generator.integers(0, 4, (len(labels), n_columns)) + labels[:, None] % 3
    frame = pd.DataFrame(numbers.astype(float)).add_prefix("quantity ")
    frame["kind"] = generator.choice(["red", "blue", "green"], len(labels))
    table = Table.from_frame(frame)
    found = described(table, labels.tolist(), list(table.features))
    assert len({own.name for own in found}) == n_segments
    for own in found:
        assert len(own.name) <= 120
        for part in own.name.split(" (")[0].casefold().split(", "):
            side, _, column = part.partition(" ")
            if side in ("high", "low"):
                difference = own.numeric[column].standardized_difference
                assert difference is not None and abs(difference) >= NOTABLE_DIFFERENCE
                assert (side == "high") == (difference > 0)
            elif side == "mostly":
                assert own.categorical["kind"][column] >= 0.5


def test_a_wide_table_has_names_of_two_parts() -> None:
    values = np.r_[np.zeros((10, 12)), np.ones((10, 12)) * 5, np.full((10, 12), 2.5)]
    columns = {f"a long name of column {n} (k$)": values[:, n] for n in range(12)}
    table = table_of(**columns)
    low, high, usual = described(table, [0] * 10 + [1] * 10 + [2] * 10, list(columns))
    assert low.name == "Low a long name of column 0, low a long name of column 1"
    assert high.name == "High a long name of column 0, high a long name of column 1"
    assert usual.name == "Average customers"


def test_a_category_that_sets_a_segment_apart_is_in_its_name() -> None:
    table = table_of(
        Age=[20.0, 21.0, 22.0, 23.0, 40.0, 41.0, 42.0, 43.0],
        Gender=["Female"] * 4 + ["Male"] * 4,
        Member=["yes", "no", "no", "no", "yes", "yes", "yes", "no"],
    )
    first, second = described(table, [0] * 4 + [1] * 4, ["Age", "Gender", "Member"])
    assert (first.name, second.name) == (
        "Only Female, low Age",
        "Only Male, high Age",
    )
    assert second.sentence == (
        "Age is above average (41.5), 100% are Male (0% of the others), "
        "75% are Member yes (25% of the others)."
    )
    assert [own.words for own in first.distinctive(table.features)] == [
        "only Female",
        "low Age",
        "mostly Member no",
    ]


def test_a_sentence_leaves_out_shares_that_say_nothing() -> None:
    kinds = ["a", "b", "c", "d"] * 4
    table = table_of(n=np.arange(16.0), kind=kinds)
    first, _ = described(table, [0] * 8 + [1] * 8, ["n", "kind"])
    assert first.sentence == "n is below average (3.5)."
    only, _ = described(table, [0] * 8 + [1] * 8, ["kind"])
    assert only.sentence == "25% are a."


def test_what_is_common_to_all_is_no_name() -> None:
    table = table_of(n=np.arange(8.0), kind=["a", "a", "a", "b"] * 2)
    assert names(table, [0] * 4 + [1] * 4, ["kind"]) == ["Mostly a (1)", "Mostly a (2)"]
    assert names(table, [0] * 8, ["n", "kind"]) == ["Average n"]


def test_long_headers_and_values_are_cut_in_names() -> None:
    table = table_of(**{"x" * 90: [0.0, 0.0, 9.0, 9.0], "kind": ["y" * 90] * 2 + ["z"] * 2})
    first, second = names(table, [0, 0, 1, 1], list(table.features))
    assert first == f"Low {'x' * 31}…, only {'y' * 31}…"
    assert second == f"High {'x' * 31}…, only z"


def test_words_are_slight_where_the_effect_is_small_but_sure() -> None:
    generator = np.random.default_rng(1)
    here, rest = generator.normal(0.3, 1, 2000), generator.normal(0.0, 1, 2000)
    close = np.r_[generator.normal(0.1, 1, 2000), generator.normal(0, 1, 2000)]
    first, second = described(
        table_of(Age=np.r_[here, rest], Visits=close), [0] * 2000 + [1] * 2000, ["Age", "Visits"]
    )
    words = [own.words for own in first.distinctive(["Age", "Visits"])]
    assert words == ["slightly high Age", "average Visits"]
    assert first.sentence.startswith("Age is slightly above average")
    assert second.distinctive(["Age"])[0].words == "slightly low Age"
    for own in first.distinctive(["Age", "Visits"]):
        assert own.effect.low > 0  # of so many customers both are sure


def test_names_keep_clear_of_those_a_person_gave() -> None:
    table = table_of(n=np.arange(8.0))
    parts = [(own.numeric, own.contrasts) for own in described(table, [0] * 4 + [1] * 4, ["n"])]
    assert segment_names(parts, ["n"]) == ["Low n", "High n"]
    assert segment_names(parts, ["n"], ["low N", "VIP"]) == ["Low n (1)", "High n"]


def test_equal_segments_are_numbered_beside_others() -> None:
    table = table_of(a=[1.0, 1.0, 1.0, 5.0, 9.0], b=[2.0, 2.0, 2.0, 3.0, 4.0])
    found = names(table, [0, 1, 2, 3, 4], ["a", "b"])
    assert found[:3] == ["Low b, low a (1)", "Low b, low a (2)", "Low b, low a (3)"]
    assert len(set(found)) == 5


def test_distinctions_come_in_the_order_of_the_effects(mall: Table) -> None:
    """By the difference from all, as by that from the rest; a category as ones and zeros."""
    labels = np.random.default_rng(5).integers(0, 4, len(mall))
    for own in described(mall, labels.tolist(), list(mall.features)):
        effects = [abs(own.numeric[name].effect.value) for name in _quantities(own, mall)]
        assert effects == sorted(effects, reverse=True)
        found = own.distinctive(mall.features, most=4)
        assert {each.column for each in found} == set(mall.features)
        sizes = [abs(each.difference) for each in found]
        assert sizes == sorted(sizes, reverse=True)


def _quantities(own: Segment, table: Table) -> list[str]:
    found = own.distinctive(table.features, most=4)
    return [each.column for each in found if each.value is None]


@pytest.mark.parametrize("share", [0.0, 0.004, 0.005, 0.5, 0.994, 0.996, 1.0])
def test_a_percentage_says_none_and_all_only_when_it_is(share: float) -> None:
    assert (percent(share) == "0%") == (share == 0)
    assert (percent(share) == "100%") == (share == 1)
