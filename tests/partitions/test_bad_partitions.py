"""Partitions that cannot be used, or are odd."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mall_app.errors import DataError
from mall_app.fit import fit
from mall_app.partitions import loading
from mall_app.partitions.rare import LEAST_ROWS
from mall_app.settings import Settings
from tests.partitions.conftest import opened, write_parts

pytestmark = pytest.mark.usefixtures("cluster")
QUICK = Settings(features=("Age", "Income"), n_clusters=3, params={"n_init": 1})


@pytest.fixture
def small(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:6_000].reset_index(drop=True)


def refusal(path: Path, settings: Settings) -> str:
    table = opened(path)
    with pytest.raises(DataError) as caught:
        fit(table, settings)
    return str(caught.value)


def test_infinite_values_are_named_with_their_column_and_partition(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    small.loc[3_100, "Income"] = -np.inf
    told = refusal(write_parts(tmp_path / "table", small, 3), QUICK)
    assert told == (
        "Column 'Income' has infinite values in the partition in part-001.parquet, row groups 0; "
        "remove or replace them."
    )


def test_infinite_values_of_a_column_not_clustered_on_do_no_harm(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    small["Visits"] = small["Visits"].fillna(1.0)
    path = write_parts(tmp_path / "table", small, 3)
    assert fit(opened(path), QUICK).n_used == 6_000


def test_values_whose_squares_cannot_be_computed_are_refused(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    small.loc[10, "Income"] = 1e200
    assert "'Income' has values beyond 1e+150" in refusal(
        write_parts(tmp_path / "table", small, 2), QUICK
    )


def test_a_file_that_is_damaged_after_it_was_opened_is_named(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    path = write_parts(tmp_path / "table", small, 3)
    table = opened(path)
    damaged = path / "part-001.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-500])
    with pytest.raises(DataError, match="part-001.parquet"):
        fit(table, QUICK)


def test_rows_without_a_feature_are_left_out_in_every_partition(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    small.loc[:1_999, "Age"] = np.nan  # nothing is left of the first partition
    small.loc[2_500, "Income"] = np.nan
    result = fit(opened(write_parts(tmp_path / "table", small, 3)), QUICK)
    assert (result.n_used, result.population.n_rows) == (3_999, 6_000)
    assert "2001 of 6000 customers were left out for a missing feature." in result.warnings
    assert sum(own.size for own in result.profiles) == 3_999


def test_a_table_whose_rows_all_lack_a_feature_is_refused(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    small.loc[::2, "Age"] = np.nan
    small.loc[1::2, "Income"] = np.nan
    assert refusal(write_parts(tmp_path / "table", small, 3), QUICK).startswith(
        "Every customer has a missing value among 'Age', 'Income'"
    )


def test_a_value_of_a_category_that_the_sample_lacks_has_a_coordinate(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    path = write_parts(tmp_path / "table", small, 3)
    table = opened(path)
    lacking = set(range(6_000)) - set(
        small.index[small["Income"].isin(table.frame["Income"])].tolist()
    )
    small.loc[sorted(lacking)[:5], "Region"] = "moon"
    table = opened(write_parts(path, small, 3))
    assert "moon" not in table.categories["Region"].values
    result = fit(table, QUICK.changed(features=("Age", "Region")))
    own = next(own for own in result.receipt["preprocessing"] if own["feature"] == "Region")
    assert own["values"] == ["east", "moon", "north", "south"]
    moon = sum(own.size * own.categorical["Region"].get("moon", 0.0) for own in result.profiles)
    assert moon == pytest.approx(5 - int(small.loc[sorted(lacking)[:5], "Age"].isna().sum()))


def test_a_segment_of_a_few_customers_is_scored_by_more_than_the_sample_has(
    small: pd.DataFrame, tmp_path: Path
) -> None:
    many = pd.concat([small] * 3, ignore_index=True)
    far = np.linspace(0, 17_999, 40).astype(int)
    many.loc[far, ["Age", "Income"]] = 5_000.0
    table = opened(write_parts(tmp_path / "table", many, 3))
    assert 0 < (table.frame["Age"] == 5_000.0).sum() < LEAST_ROWS
    result = fit(table, QUICK.changed(n_clusters=2, scaling="none"))
    assert [own.size for own in result.profiles] == [17_960, 40]
    assert result.profiles[1].numeric["Age"].mean == pytest.approx(5_000.0)
    assert result.profiles[1].numeric["Income"].median == 5_000.0
    score = result.metrics["silhouette_score"]
    assert score.value == pytest.approx(0.99, abs=0.01)
    assert score.sample_size > (result.labels == 0).sum()


def test_what_does_not_fit_into_memory_is_read_in_each_pass(
    small: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = opened(write_parts(tmp_path / "table", small, 3))
    held = fit(table, QUICK)
    monkeypatch.setattr(loading, "HELD_SHARE", 0.0)
    again = fit(table, QUICK)
    assert again.receipt == held.receipt
    assert dict(again.metrics) == dict(held.metrics)
    assert again.profiles == held.profiles
