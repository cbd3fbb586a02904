from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.segments.rules import Rule, find_rules
from mall_app.segments.tree import Step
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING, blobs, table_of


def applied(text: str, frame: pd.DataFrame) -> pd.Series:
    """Apply a rule as a reader of its text would."""
    met = pd.Series(True, index=frame.index)
    for part in text.split(" and "):
        found = re.fullmatch(r"(.+?) (>|<=|is not|is) (.+)", part)
        assert found is not None
        column, operator, value = found.groups()
        own = frame[column]
        if operator in (">", "<="):
            met &= own > float(value) if operator == ">" else own <= float(value)
        else:
            met &= (own == value) if operator == "is" else (own != value) & own.notna()
    return met


def check(table: Table, rows: np.ndarray, labels: np.ndarray, rules: dict[int, Rule]) -> None:
    """The stated precision and recall are those of the printed text, exactly."""
    frame = table.frame.iloc[rows]
    for number, rule in rules.items():
        met, inside = applied(rule.text, frame).to_numpy(), labels == number
        assert rule.precision == (met & inside).sum() / met.sum()
        assert rule.recall == (met & inside).sum() / inside.sum()
        assert 1 <= len(rule.conditions) <= 3
        assert len({(own.column, own.operator) for own in rule.conditions}) == len(
            [own for own in rule.conditions if own.operator != "is not"]
        ) + len({own.column for own in rule.conditions if own.operator == "is not"})


def test_rules_of_the_agreed_segments(mall: Table) -> None:
    result = fit(mall, Settings(features=INCOME_AND_SPENDING, scaling="none"))
    rules = find_rules(mall, result.rows, result.labels, INCOME_AND_SPENDING)
    assert [own.text for own in rules.values()] == [
        "Annual Income (k$) > 39.5 and Annual Income (k$) <= 69.5",
        "Annual Income (k$) > 50 and Spending Score (1-100) > 62",
        "Annual Income (k$) > 50 and Spending Score (1-100) <= 30",
        "Annual Income (k$) <= 39.5 and Spending Score (1-100) <= 50",
        "Annual Income (k$) <= 39.5 and Spending Score (1-100) > 50",
    ]
    assert min(own.precision for own in rules.values()) > 0.95
    assert min(own.recall for own in rules.values()) > 0.88
    check(mall, result.rows, result.labels, rules)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000))
def test_a_printed_rule_is_as_good_as_it_says(seed: int) -> None:
    """Any table: gaps in columns and numbers, noise, huge and tiny quantities, categories."""
    generator = np.random.default_rng(seed)
    n_rows = int(generator.integers(5, 80))
    labels = generator.choice([-1, 0, 2, 7], n_rows)
    frame = pd.DataFrame(
        {
            "wide": generator.normal(size=n_rows) * 10.0 ** generator.integers(-9, 9) + labels,
            "whole": generator.integers(0, 9, n_rows),
            "two": generator.choice(["Yes", "No"], n_rows),
            "many": generator.choice([*"abcd", None], n_rows),
            "constant": 1.0,
        }
    )
    frame.loc[generator.random(n_rows) < 0.2, "wide"] = np.nan
    table = Table.from_frame(frame.assign(spread=np.arange(float(n_rows))))
    rows = np.sort(generator.permutation(n_rows)[: max(3, n_rows - 3)])
    rules = find_rules(table, rows, labels[rows], ["wide", "whole", "two", "many", "constant"])
    check(table, rows, labels[rows], rules)
    assert "constant" not in " ".join(own.text for own in rules.values())


def test_one_of_two_values_is_named_by_itself(mall: Table) -> None:
    labels = (mall.frame["Gender"] == "Male").astype(int).to_numpy()
    rules = find_rules(mall, np.arange(200), labels, mall.features)
    assert [own.text for own in rules.values()] == ["Gender is Female", "Gender is Male"]
    assert {(own.precision, own.recall) for own in rules.values()} == {(1.0, 1.0)}


def test_a_value_of_several_can_be_ruled_out() -> None:
    kinds = ["a", "b", "c"] * 8
    table = table_of(n=np.arange(24.0), kind=kinds)
    labels = np.array([kind == "c" for kind in kinds], dtype=int)
    rules = find_rules(table, np.arange(24), labels, ["kind"])
    assert [own.text for own in rules.values()] == ["kind is not c", "kind is c"]


def test_a_large_table_is_sampled_and_measured_whole() -> None:
    table, groups = blobs(30_000, spread=3.0)
    rules = find_rules(table, np.arange(30_000), groups, table.features, random_state=1)
    check(table, np.arange(30_000), groups, rules)
    assert min(own.precision + own.recall for own in rules.values()) > 1.9
    assert find_rules(table, np.arange(30_000), groups, table.features, random_state=1) == rules


def test_the_column_that_matters_is_found_among_many() -> None:
    """A middle segment differs in its spread, not in its mean; constant and empty columns too."""
    generator = np.random.default_rng(0)
    columns = {f"noise {n}": generator.normal(size=300) for n in range(60)}
    place = np.repeat([-5.0, 0.0, 5.0], 100) + generator.normal(size=300) / 9
    kind = generator.choice([f"value {n}" for n in range(40)], 300)
    rare = np.r_[[1.0, 2.0], np.full(298, np.nan)]
    table = table_of(**columns, same=[1.0] * 300, rare=rare, place=place, kind=kind)
    rows = np.arange(2, 300)
    labels = (np.abs(place) < 2).astype(int)[rows]
    rules = find_rules(table, rows, labels, ["rare", *table.features])
    assert (rules[1].precision, rules[1].recall) == (1.0, 1.0)
    assert {own.column for own in rules[1].conditions} == {"place"}


def test_a_small_segment_of_a_large_table_has_its_rule() -> None:
    values = np.concatenate([np.random.default_rng(0).normal(size=20_000), [50.0, 51.0, 52.0]])
    labels = (values > 20).astype(int)
    rule = find_rules(table_of(a=values), np.arange(20_003), labels, ["a"])[1]
    assert (rule.precision, rule.recall) == (1.0, 1.0)


@pytest.mark.parametrize("labels", [[0] * 60, [-1] * 60, list(range(60))])
def test_one_segment_or_more_than_fifty_have_no_rules(labels: list[int]) -> None:
    table = table_of(a=np.arange(60.0))
    assert find_rules(table, np.arange(60), np.array(labels), ["a"]) == {}


def test_equal_customers_have_no_rule() -> None:
    table = table_of(a=[1.0, 1.0, 1.0, 1.0], b=[1.0, 2.0, 3.0, 4.0])
    assert find_rules(table, np.arange(4), np.array([0, 0, 1, 1]), ["a"]) == {}


@settings(max_examples=200, deadline=None)
@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_a_limit_is_printed_so_that_it_splits_alike(first: float, second: float) -> None:
    if first == second:
        return
    below, above = sorted((first, second))
    table = table_of(a=[below, above], b=[0.0, 1.0])
    rule = find_rules(table, np.arange(2), np.array([0, 1]), ["a"])[0]
    printed = float(rule.text.removeprefix("a <= "))
    assert below <= printed < above
    assert (rule.precision, rule.recall) == (1.0, 1.0)


def test_steps_compare_by_what_they_say() -> None:
    assert Step(0, True, 1.0, 2.0) == Step(0, True, 1.0, 2.0) != Step(0, False, 1.0, 2.0)
