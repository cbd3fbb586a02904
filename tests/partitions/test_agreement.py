"""A table in partitions and the same table held in memory have the same segments.

The table is large enough that a sample of it starts the algorithms, as in earnest.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mall_app.data.partitioned import SAMPLE_ROWS, PartitionedTable
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.fit import fit
from mall_app.kernels.drawing import START_ROWS, drawn_rows
from mall_app.partitions import loading
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from tests.partitions.conftest import write_parts

pytestmark = pytest.mark.usefixtures("cluster")
ALGORITHMS = ["kmeans", "bisecting_kmeans", "minibatch_kmeans", "gaussian_mixture"]
N_ROWS = SAMPLE_ROWS + 10_000


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Overlapping groups, a column with gaps, and one that tells every row apart."""
    generator = np.random.default_rng(5)
    centres = generator.normal(size=(6, 3)) * 2
    values = centres[generator.integers(6, size=N_ROWS)] + generator.normal(size=(N_ROWS, 3))
    frame = pd.DataFrame(values, columns=["a", "b", "c"])
    frame["gaps"] = np.where(generator.random(N_ROWS) < 0.03, np.nan, generator.normal(size=N_ROWS))
    return frame.assign(number=[f"n{own}" for own in range(N_ROWS)])


def in_parts(folder: Path, frame: pd.DataFrame, n_parts: int) -> Table:
    whole = PartitionedTable.open(write_parts(folder, frame, n_parts))
    return replace(Table.from_frame(whole.sample()), whole=whole)


@pytest.fixture(scope="module")
def parted(customers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Table:
    return in_parts(tmp_path_factory.mktemp("customers"), customers, 5)


@pytest.fixture(scope="module")
def held(customers: pd.DataFrame) -> Table:
    return Table.from_frame(customers)


def labels_of(table: Table, result: ClusteringResult) -> pd.Series:
    return pd.Series(result.labels, index=table.frame["number"].iloc[result.rows])


def assert_same(parted: Table, held: Table, settings: Settings) -> ClusteringResult:
    there, here = fit(parted, settings), fit(held, settings)
    assert [own.size for own in there.profiles] == [own.size for own in here.profiles]
    own = labels_of(parted, there)
    assert (labels_of(held, here).loc[own.index] == own).all()
    for name in settings.features or ():
        means = [[own.numeric[name].mean for own in found.profiles] for found in (there, here)]
        np.testing.assert_allclose(*means, rtol=1e-9)
    assert there.metrics["inertia"].value == pytest.approx(here.metrics["inertia"].value, rel=1e-9)
    assert there.warnings == here.warnings
    return there


@pytest.mark.parametrize(
    ("algorithm", "choices"),
    [
        ("kmeans", {}),
        ("kmeans", {"random_state": 7}),
        ("bisecting_kmeans", {"random_state": 7}),
        ("minibatch_kmeans", {"random_state": 7}),
        ("minibatch_kmeans", {"features": ("a", "b", "gaps")}),
        ("gaussian_mixture", {"features": ("a", "b", "gaps")}),
    ],
)
def test_segments_are_those_of_a_table_held_in_memory(
    parted: Table, held: Table, algorithm: str, choices: dict[str, Any]
) -> None:
    settings = Settings(algorithm, features=("a", "b", "c"), n_clusters=5, params={"n_init": 2})
    assert_same(parted, held, settings.changed(**choices))


def test_a_table_that_is_read_in_each_pass_has_the_same_segments(
    parted: Table, held: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "HELD_SHARE", 0.0)
    assert_same(parted, held, Settings("minibatch_kmeans", features=("a", "b"), random_state=3))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_small_table_is_no_other_matter(mall: Table, tmp_path: Path, algorithm: str) -> None:
    frame = mall.frame.assign(number=[f"n{own}" for own in range(len(mall))])
    settings = Settings(algorithm, features=("Annual Income (k$)", "Spending Score (1-100)"))
    held = Table.from_frame(frame)
    for n_clusters in (5, 8):
        parted = in_parts(tmp_path, frame, 3)
        assert_same(parted, held, settings.changed(n_clusters=n_clusters))


def test_what_the_sample_lacks_is_found(tmp_path: Path) -> None:
    values = np.arange(N_ROWS) % 5 + 0.1
    values[[7, 77, 777, 7_777, 17_777, 27_777]] = [101, 205, 309, 404, 513, 622]
    frame = pd.DataFrame({"a": values, "number": [f"n{own}" for own in range(N_ROWS)]})
    parted, held = in_parts(tmp_path, frame, 4), Table.from_frame(frame)
    for algorithm in ("kmeans", "bisecting_kmeans", "minibatch_kmeans"):
        settings = Settings(algorithm, features=("a",), n_clusters=11, params={"n_init": 2})
        assert_same(parted, held, settings)
    with pytest.raises(SettingsError, match="n_clusters must be at most 11, the number of"):
        fit(parted, Settings(features=("a",), n_clusters=12))


@pytest.mark.parametrize("algorithm", ["minibatch_kmeans", "gaussian_mixture"])
def test_a_table_that_is_small_without_its_gaps_is_as_one_that_is_small(
    customers: pd.DataFrame, tmp_path: Path, algorithm: str
) -> None:
    frame = customers.assign(gaps=customers["gaps"].where(np.arange(N_ROWS) % 4 > 0))
    settings = Settings(algorithm, features=("a", "b", "gaps"), n_clusters=4, params={"n_init": 1})
    assert_same(in_parts(tmp_path, frame, 3), Table.from_frame(frame), settings)


@pytest.mark.parametrize("algorithm", ["kmeans", "gaussian_mixture"])
def test_too_few_passes_are_said_once_in_either_place(
    parted: Table, held: Table, algorithm: str
) -> None:
    params = {"max_iter": 1, "n_init": 1}
    there = assert_same(parted, held, Settings(algorithm, features=("a", "b"), params=params))
    assert len([own for own in there.warnings if "before it converged" in own]) == 1


def test_the_far_rows_of_a_skewed_table_are_drawn_alike(tmp_path: Path) -> None:
    values = np.random.default_rng(3).standard_t(1.5, size=(N_ROWS, 2))
    frame = pd.DataFrame(values, columns=["a", "b"])
    frame["number"] = [f"n{own}" for own in range(N_ROWS)]
    settings = Settings(features=("a", "b"), n_clusters=4, random_state=2)
    assert_same(in_parts(tmp_path, frame, 4), Table.from_frame(frame), settings)


def test_the_sample_of_a_table_is_that_of_its_rows_held_in_memory(
    parted: Table, customers: pd.DataFrame
) -> None:
    assert START_ROWS == SAMPLE_ROWS
    expected = customers["number"].iloc[drawn_rows(N_ROWS, 0)]
    assert parted.frame["number"].tolist() == expected.tolist()
