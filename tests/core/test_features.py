from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from mall_app.data.table import Table
from mall_app.errors import DataError, SettingsError
from mall_app.features import build_features, resolve_features
from mall_app.geometry.encoding import learn_numbers
from mall_app.settings import Settings
from tests.core.tables import table_of


def refusal(table: Table, **settings: object) -> DataError | SettingsError:
    with pytest.raises((DataError, SettingsError)) as caught:
        build_features(table, Settings(**settings))
    return caught.value


def test_by_default_every_numeric_column_is_used_and_no_identifier(mall: Table) -> None:
    features = build_features(mall, Settings())
    assert features.features == ("Age", "Annual Income (k$)", "Spending Score (1-100)")
    assert features.dimensions == features.features
    assert features.values.shape == (200, 3)
    assert features.notes == ()


def test_the_matrix_is_contiguous_and_read_only(mall: Table) -> None:
    values = build_features(mall, Settings(features=("Gender", "Age"))).values
    assert values.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        values[0, 0] = 1


def test_features_keep_the_order_they_are_named_in_numbers_first(mall: Table) -> None:
    features = build_features(
        mall, Settings(features=("Gender", "Spending Score (1-100)", "Age"), scaling="none")
    )
    assert features.dimensions == ("Spending Score (1-100)", "Age", "Gender=Female", "Gender=Male")
    expected = mall.frame[["Spending Score (1-100)", "Age"]].to_numpy(dtype=float)
    np.testing.assert_array_equal(features.values[:, :2], expected)


@pytest.mark.parametrize(
    ("scaling", "scaler"),
    [("standard", StandardScaler()), ("robust", RobustScaler()), ("minmax", MinMaxScaler())],
)
def test_scaling_agrees_with_scikit_learn(mall: Table, scaling: str, scaler: object) -> None:
    values = build_features(mall, Settings(scaling=scaling)).values
    expected = scaler.fit_transform(mall.numbers)  # type: ignore[attr-defined]
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)


def test_no_scaling_leaves_values_exactly_as_they_are(mall: Table) -> None:
    np.testing.assert_array_equal(
        build_features(mall, Settings(scaling="none")).values, mall.numbers
    )


@pytest.mark.parametrize("scaling", ["none", "standard", "robust", "minmax"])
def test_two_different_categories_are_exactly_one_apart(scaling: str) -> None:
    table = table_of(n=[1.0, 2, 3, 4, 5, 6], colour=["red", "green", "blue", *["red"] * 3])
    values = build_features(table, Settings(features=("colour",), scaling=scaling)).values
    distances = pdist(values)
    assert set(distances) == {0.0, 1.0}
    assert (distances == 1.0).sum() == 9


def test_a_lone_category_can_be_clustered_on(mall: Table) -> None:
    assert build_features(mall, Settings(features=("Gender",))).n_distinct == 2


def test_unknown_feature_says_which_and_offers_the_nearest(mall: Table) -> None:
    error = refusal(mall, features=("Age", "Anual Income"))
    assert str(error) == (
        "features names 'Anual Income', which is not a column: did you mean 'Annual Income (k$)'?"
    )
    assert error.path == ("features", 1)


def test_unknown_feature_with_nothing_near_lists_the_columns(mall: Table) -> None:
    assert str(refusal(mall, features=("zzz",))) == (
        "features names 'zzz', which is not a column: it must be one of 'Gender', 'Age', "
        "'Annual Income (k$)', 'Spending Score (1-100)'."
    )


def test_a_very_long_name_is_cut_in_the_sentence(mall: Table) -> None:
    assert len(str(refusal(mall, features=("x" * 100_000,)))) < 300


def test_identifier_and_other_columns_are_refused_with_the_reason(mall: Table) -> None:
    error = refusal(mall, features=("CustomerID",))
    assert str(error) == (
        "features names 'CustomerID', which is no quantity or category but an identifier; "
        "leave it out."
    )
    table = table_of(n=[1.0, 2, 3], day=pd.to_datetime(["2020-01-01"] * 3))
    assert str(refusal(table, features=("n", "day"))) == (
        "features names 'day', which is no quantity or category but a date; leave it out."
    )


def test_an_all_missing_column_is_no_feature() -> None:
    table = table_of(n=[1.0, 2, 3], gone=[np.nan] * 3)
    assert resolve_features(table, None) == ("n",)
    assert refusal(table, features=("gone",)).path == ("features", 0)


GAPS = {"n": [1.0, np.nan, 3.0, 9.0, 9.0], "c": ["a", "b", None, "b", "b"]}


def test_drop_leaves_out_customers_with_a_gap_and_says_how_many() -> None:
    features = build_features(table_of(**GAPS), Settings(features=("n", "c"), scaling="none"))
    assert features.rows.tolist() == [0, 3, 4]
    assert features.values[:, 0].tolist() == [1.0, 9.0, 9.0]
    assert features.notes == ("2 of 5 customers were left out for a missing feature.",)


def test_a_gap_outside_the_features_drops_nobody() -> None:
    table = table_of(**GAPS, whole=[1, 2, 3, 4, 5])
    features = build_features(table, Settings(features=("whole",)))
    assert features.rows.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("policy", "filling"), [("median", 6.0), ("most_frequent", 9.0)])
def test_filling_keeps_every_customer(policy: str, filling: float) -> None:
    features = build_features(
        table_of(**GAPS), Settings(features=("n", "c"), scaling="none", missing=policy)
    )
    assert features.values[:, 0].tolist() == [1.0, filling, 3.0, 9.0, 9.0]
    assert features.values[2].tolist() == features.values[2, :1].tolist() + [0.0, np.sqrt(0.5)]
    assert len(features.notes) == 1
    assert features.notes[0].startswith("2 missing values were filled with the ")


def test_the_most_frequent_value_is_the_smallest_of_those_tied() -> None:
    table = table_of(n=[5.0, 2.0, np.nan])
    features = build_features(table, Settings(missing="most_frequent", scaling="none"))
    assert features.values.ravel().tolist() == [5.0, 2.0, 2.0]


def test_gaps_in_every_customer_are_refused_with_a_way_out() -> None:
    error = refusal(table_of(a=[1.0, np.nan], b=[np.nan, 2.0]))
    assert str(error) == (
        "Every customer has a missing value among 'a', 'b'; choose other features, or "
        "missing='median' to fill them."
    )
    assert error.path == ("missing",)


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_infinity_is_refused_in_a_feature_only(bad: float) -> None:
    table = table_of(a=[1.0, 2.0, 3.0], b=[1.0, bad, 3.0])
    assert str(refusal(table)) == "Column 'b' has infinite values; remove or replace them."
    assert build_features(table, Settings(features=("a",))).n_distinct == 3


def test_numbers_whose_squares_overflow_are_refused() -> None:
    assert str(refusal(table_of(a=[1.0, -1e200]))) == (
        "Column 'a' has values beyond 1e+150, whose squares cannot be computed."
    )


def test_a_constant_table_is_refused() -> None:
    assert str(refusal(table_of(a=[3, 3, 3], b=[1, 1, 1]))) == (
        "All 3 customers are equal in 'a', 'b'; there is nothing to tell apart."
    )


def test_integers_that_differ_beyond_15_digits_are_not_called_equal() -> None:
    table = table_of(a=np.array([2**63 + 1, 2**63 + 2, 2**63 + 3], dtype=np.uint64), b=[1, 1, 1])
    assert str(refusal(table)) == (
        "All 3 customers are equal in 'a', 'b' to the 15 digits that are computed with; "
        "subtract from 'a' what the numbers have in common."
    )


def test_customers_left_out_are_named_when_the_rest_is_equal() -> None:
    assert str(refusal(table_of(a=[3, 3, 4], b=[1.0, 1.0, np.nan]))) == (
        "All 2 customers are equal in 'a', 'b' (1 of 3 were left out); "
        "there is nothing to tell apart."
    )


def test_text_and_empty_columns_are_refused_as_what_they_are() -> None:
    table = table_of(n=[1.0, 2, 3], note=["one", "two", "six"], gone=[np.nan] * 3)
    for name, kind in (("note", "text with too many different values"), ("gone", "empty")):
        assert str(refusal(table, features=(name,))) == (
            f"features names {name!r}, which is no quantity or category but {kind}; leave it out."
        )


def test_long_names_do_not_flood_a_sentence() -> None:
    table = table_of(**{f"{number}{'x' * 5000}": [1, 1] for number in range(30)})
    assert len(str(refusal(table))) < 1500


def test_one_customer_is_refused() -> None:
    assert str(refusal(table_of(a=[3]))) == (
        "There is one customer to cluster; at least two are needed."
    )


def test_a_constant_column_beside_a_varying_one_does_no_harm() -> None:
    table = table_of(a=[0.0, 1.0, 2.0], same=[0.1, 0.1, 0.1])
    for scaling in ("none", "standard", "robust", "minmax"):
        values = build_features(table, Settings(scaling=scaling)).values
        assert np.isfinite(values).all()
        assert np.ptp(values[:, 1]) == 0


def test_distinct_rows_are_counted_with_both_zeros_equal() -> None:
    table = table_of(a=[0.0, -0.0, 1.0, 1.0])
    assert build_features(table, Settings(scaling="none")).n_distinct == 2


@pytest.mark.parametrize("order", list(permutations(("Age", "Gender", "Annual Income (k$)")))[:4])
def test_the_order_of_features_changes_no_distance(mall: Table, order: tuple[str, ...]) -> None:
    expected = pdist(build_features(mall, Settings(features=tuple(sorted(order)))).values)
    np.testing.assert_allclose(
        pdist(build_features(mall, Settings(features=order)).values), expected, atol=1e-12
    )


def test_the_standard_scale_is_that_of_scikit_learn_to_the_last_digit() -> None:
    """Also where a column is constant but for rounding, far from 0, tiny or huge."""
    generator = np.random.default_rng(0)
    for _ in range(200):
        n_rows, n_columns = generator.integers(2, 300), generator.integers(1, 5)
        values = generator.normal(size=(n_rows, n_columns)) * 10.0 ** generator.integers(-120, 120)
        values = np.column_stack([*(values.T + 10.0 ** generator.integers(-3, 9)), [0.1] * n_rows])
        theirs = StandardScaler().fit(values)
        names = [str(own) for own in range(n_columns + 1)]
        columns = dict(zip(names, values.T, strict=True))
        plain = dict.fromkeys(names, 1.0)
        own = learn_numbers(columns, plain, plain, "standard")
        assert [each.offset for each in own] == theirs.mean_.tolist()
        assert [each.divisor for each in own] == theirs.scale_.tolist()


def test_a_sample_is_scaled_filled_and_coded_as_the_whole_it_is_from() -> None:
    whole = pd.DataFrame(
        {"Age": [20.0, None, 60.0, 90.0, 35.0, 50.0], "Region": ["a", "b", "c", None, "c", "c"]}
    )
    settings = Settings(features=("Age", "Region"), missing="median")
    learned = build_features(Table.from_frame(whole), settings)
    sample = Table.from_frame(whole.iloc[1:5])
    found = build_features(sample, settings, learned.encoding)
    np.testing.assert_array_equal(found.values, learned.values[1:5])
    assert found.encoding == learned.encoding
    assert not np.array_equal(build_features(sample, settings).values, found.values)
