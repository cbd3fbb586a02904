"""A model of a table that stays in its files, saved and read back."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mall_app import ClusteringModel
from mall_app.data.partitioned import PartitionedTable
from mall_app.errors import DataError
from mall_app.keeping.model_file import load_model
from mall_app.sharing.uploads import open_model
from tests.partitions.conftest import write_parts

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(scope="module")
def kept(
    cluster: str, frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> ClusteringModel:
    """An edited model; the files hold more rows than are held."""
    folder = tmp_path_factory.mktemp("kept")
    path = write_parts(folder / "table", frame.iloc[:6_000], 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PartitionedTable.sample, "__defaults__", (2_000, 0))
        model = ClusteringModel(
            path,
            engine="dask",
            n_clusters=4,
            features=["Age", "Income", "Region"],
            scaling="standard",
        )
    model.merge([2, 3])
    model.rename(2, name="Both")
    model.save(folder / "own.mall")
    return model


def saved(model: ClusteringModel) -> Path:
    return Path(model.table.whole.path).with_name("own.mall")


def test_what_is_read_back_is_of_all_rows_and_not_scored_on_the_sample(
    kept: ClusteringModel,
) -> None:
    back = ClusteringModel.load(saved(kept))
    assert back.result.population == kept.result.population
    assert back.result.n_used > len(back.table) == 2_000
    assert dict(back.result.metrics) == dict(kept.result.metrics)
    assert back.result.profiles == kept.result.profiles
    assert back.result.receipt == kept.result.receipt
    assert back.table.sha256 == kept.table.sha256
    np.testing.assert_array_equal(back.result.labels, kept.result.labels)
    np.testing.assert_array_equal(back.result.silhouette, kept.result.silhouette)
    np.testing.assert_array_equal(back.result.doubt.margin, kept.result.doubt.margin)


def test_new_customers_are_placed_by_what_was_learned_from_all_rows(kept: ClusteringModel) -> None:
    new = kept.table.frame
    expected = kept.predict(new)
    for found in (
        ClusteringModel.load(saved(kept)).predict(new),
        load_model(saved(kept)).predictor().predict(new),
    ):
        assert found.to_frame().equals(expected.to_frame())


def test_edits_can_be_undone_and_the_fit_repeated_while_the_files_are_there(
    kept: ClusteringModel,
) -> None:
    back = ClusteringModel.load(saved(kept))
    assert back.replay().same
    back.undo()
    assert [own.name for own in back.result.profiles].count("Both") == 0
    back.undo()
    assert back.result.n_clusters == 4
    assert back.result.population.n_rows == 6_000


def test_an_uploaded_model_reads_no_file_that_it_names(kept: ClusteringModel) -> None:
    lineage, _ = open_model(saved(kept).read_bytes(), "own.mall")
    assert lineage.table.n_customers == 6_000
    with pytest.raises(DataError, match="none of its files: open the table again"):
        ClusteringModel(lineage).update(n_clusters=3)


def test_without_its_files_a_model_places_and_describes_but_does_not_fit(
    kept: ClusteringModel, tmp_path: Path
) -> None:
    path, new = Path(kept.table.whole.path), kept.table.frame
    moved = shutil.move(path, tmp_path / "elsewhere")
    try:
        back = ClusteringModel.load(saved(kept))
    finally:
        shutil.move(moved, path)
    assert back.result.n_used == kept.result.n_used
    assert back.predict(new).to_frame().equals(kept.predict(new).to_frame())
    with pytest.raises(DataError, match="none of its files"):
        back.update(n_clusters=3)
