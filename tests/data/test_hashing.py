"""The hash of a table tells tables apart, and nothing but their content."""

from __future__ import annotations

import pandas as pd
import pytest

from mall_app.data.table import Table


def sha256(values, dtype=None):
    column = pd.Series(values, dtype=dtype)
    return Table.from_frame(pd.DataFrame({"n": range(len(column)), "x": column})).sha256


@pytest.mark.parametrize("dtype", ["str", object, "category"])
def test_texts_that_run_into_each_other_are_told_apart(dtype):
    tables = (
        ["ab", "c", "d"],
        ["a", "bc", "d"],
        ["a", None, "d"],
        ["a", "", "d"],
        [None, "a", "d"],
    )
    assert len({sha256(own, dtype) for own in tables}) == len(tables)


def test_how_text_lies_in_memory_plays_no_part():
    texts = pd.Series(["x", "Wien", None, "Linz"] * 3, dtype="str")
    pieces = pd.concat([texts.iloc[:5], texts.iloc[5:]], ignore_index=True)
    assert sha256(texts.iloc[1:9].reset_index(drop=True)) == sha256(list(texts.iloc[1:9]), "str")
    assert sha256(pieces) == sha256(texts)
    plain = texts.astype(pd.StringDtype("python", na_value=float("nan")))
    assert sha256(plain) == sha256(texts)


def test_categories_count_by_their_text_and_not_by_their_code():
    one = pd.Categorical(["a", "b", None], categories=["a", "b"])
    two = pd.Categorical(["a", "b", None], categories=["unused", "b", "a"])
    assert sha256(one) == sha256(two)
    assert sha256(one) != sha256(pd.Categorical(["b", "a", None], categories=["b", "a"]))


def test_dates_and_half_a_character_have_a_hash():
    dates = pd.to_datetime(["2026-01-01", None, "2026-01-03"])
    assert sha256(dates) != sha256(dates[::-1])
    assert sha256(["\ud800", "b"], object) != sha256(["a", "b"], object)


def test_a_text_whose_first_rows_repeat_is_seen_whole():
    repeated = ["a", "b"] * 6_000
    table = Table.from_frame(pd.DataFrame({"n": range(12_000), "x": repeated}))
    assert table.categorical == ("x",)
    many = [f"v{i}" if i > 11_000 else "a" for i in range(12_000)]
    assert Table.from_frame(pd.DataFrame({"n": range(12_000), "x": many})).other == ("x",)
