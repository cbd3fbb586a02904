from __future__ import annotations

import pickle
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mall_app.data import load_customers
from mall_app.data.roles import column_role, is_identifier_name, unusable_kind
from mall_app.data.table import Category, Table, listed
from mall_app.errors import DataError
from tests.core.tables import table_of

DAYS = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"])


def refusal(frame: Any) -> str:
    with pytest.raises(DataError) as caught:
        Table.from_frame(frame)
    return str(caught.value)


def test_the_roles_of_the_mall_table(mall: Table) -> None:
    assert mall.identifiers == ("CustomerID",)
    assert mall.categorical == ("Gender",)
    assert mall.numeric == ("Age", "Annual Income (k$)", "Spending Score (1-100)")
    assert mall.other == ()
    assert mall.features == ("Gender", *mall.numeric)
    assert len(mall) == 200
    assert mall.report is not None and mall.report.rows_kept == 200


@pytest.mark.parametrize(
    ("values", "role"),
    [
        ([1, 2, 3, 4], "numeric"),
        ([1.5, np.nan, 3, 4], "numeric"),
        (pd.array([1, None, 3, 4], dtype="Int64"), "numeric"),
        ([np.nan] * 4, "other"),
        ([None] * 4, "other"),
        ([True, False, True, False], "categorical"),
        (["x", "y", "x", None], "categorical"),
        (["p", "q", "r", "s"], "other"),
        (pd.Categorical(["x", "y", "x", "x"]), "categorical"),
        (DAYS, "other"),
        (DAYS - DAYS[0], "other"),
        ([1j, 2j, 3j, 4j], "other"),
        ([[1], [2], [1], [2]], "other"),
        (pd.period_range("2024", periods=4, freq="M"), "other"),
    ],
    ids=str,
)
def test_what_a_column_can_be_used_for(values: Any, role: str) -> None:
    assert column_role(pd.Series(values, name="a")) == role


@pytest.mark.parametrize(
    "name", ["id", "ID", "CustomerID", "customer_id", "user id", "UUID", "clientid", "Member No."]
)
def test_names_of_identifiers(name: str) -> None:
    assert is_identifier_name(name) == (name != "Member No.")


@pytest.mark.parametrize("name", ["Paid", "Age", "idle", "Madrid", "", "1", "(k$)", "Score"])
def test_names_of_no_identifier(name: str) -> None:
    assert not is_identifier_name(name)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ([1, 2], "The data must be a pandas DataFrame or a path, not list."),
        (pd.DataFrame(), "The table is empty: it has 0 rows and 0 columns."),
        (pd.DataFrame({"a": []}), "The table is empty: it has 0 rows and 1 columns."),
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            "Column names must be unique, but 'a' stands twice or more.",
        ),
        (
            pd.DataFrame([[1, 2]], columns=[1, "1"]),
            "Column names must be unique, but '1' stands twice or more.",
        ),
        (
            pd.DataFrame({"a": ["x", "y"], "id": [1, 2]}),
            "The table has no numeric column to cluster on; its columns are 'a', 'id'.",
        ),
        (
            pd.DataFrame([[1, 2, 3, 4]], columns=["b", "a", "a", "b"]),
            "Column names must be unique, but 'a', 'b' stand twice or more.",
        ),
        (
            pd.DataFrame({"a": [2**70, 2**71, None]}),
            "Column 'a' holds integers beyond 64 bits, which are kept as text; give them as "
            "floating-point numbers.",
        ),
        (
            pd.DataFrame({"a": [np.nan, np.nan]}),
            "The table has no numeric column to cluster on; its columns are 'a'.",
        ),
        (
            pd.DataFrame([[1]], columns=pd.Index(["a\ud800"], dtype=object)),
            "A column name holds half a character, so it is no valid text.",
        ),
    ],
    ids=range(10),
)
def test_refusals_word_for_word(frame: Any, sentence: str) -> None:
    assert refusal(frame) == sentence


def test_a_sentence_holds_twenty_names_of_sixty_characters_at_most() -> None:
    assert listed(["a"]) == "'a'"
    many = listed(str(number) * 500 for number in range(100, 130))
    assert many.endswith(", ...")
    assert many.count("…'") == 20
    assert len(many) < 20 * 65 + 10


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([None, None], "empty"),
        (pd.to_datetime(["2020-01-01", "2021-01-01"]), "a date"),
        ([date(2020, 1, 1), date(2021, 1, 1)], "a date"),
        (pd.to_timedelta([1, 2]), "a length of time"),
        (["one", None], "text with too many different values"),
        ([1j, 2j], "complex numbers"),
        ([2**70, 5], "integers beyond 64 bits"),
        ([[1], [2]], "values of a kind that cannot be compared"),
    ],
    ids=range(8),
)
def test_what_a_column_is_that_cannot_be_used(values: Any, kind: str) -> None:
    assert unusable_kind(pd.Series(values)) == kind


def test_names_of_any_kind_become_text() -> None:
    assert Table.from_frame(pd.DataFrame({1: [1.0, 2], "x": [3.0, 4]})).numeric == ("1", "x")
    levels = pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])
    assert Table.from_frame(pd.DataFrame([[1, 2]], columns=levels)).numeric == (
        "('a', 'b')",
        "('a', 'c')",
    )


def test_the_frame_given_is_not_touched_and_its_report_is_kept() -> None:
    frame = load_customers()
    before = frame.copy()
    table = Table.from_frame(frame)
    table.numbers, table.categories, table.sha256  # noqa: B018
    pd.testing.assert_frame_equal(frame, before)
    assert table.frame.attrs == frame.attrs


def test_numbers_are_read_only_with_nan_for_missing() -> None:
    table = table_of(a=pd.array([1, None], dtype="Int64"), b=[0.5, 1.5])
    np.testing.assert_array_equal(table.numbers, [[1, 0.5], [np.nan, 1.5]])
    with pytest.raises(ValueError, match="read-only"):
        table.numbers[0, 0] = 5


def test_categories_are_codes_of_sorted_texts() -> None:
    category = Category.from_column(pd.Series(["m", None, "f", "m", 3, True]))
    assert category.values == ("3", "True", "f", "m")
    assert category.codes.tolist() == [3, -1, 2, 3, 0, 1]
    with pytest.raises(ValueError, match="read-only"):
        category.codes[0] = 1


def test_a_table_survives_pickling_with_what_it_has_worked_out(mall: Table) -> None:
    again = pickle.loads(pickle.dumps(mall))
    assert again.sha256 == mall.sha256
    assert again.roles == mall.roles
    np.testing.assert_array_equal(again.numbers, mall.numbers)
