"""Customers with their segment, written to Parquet: a model's own, and others of any number."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mall_app import ClusteringModel
from mall_app.data.partitioned import PartitionedTable
from mall_app.errors import DataError, StoreError, StoreFull
from mall_app.partitions import write
from tests.core.tables import blobs


@pytest.fixture
def model() -> ClusteringModel:
    return ClusteringModel(blobs(300)[0], n_clusters=3)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Nine thousand customers in three files, some without a value, and a column of notes."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3):
        frame = blobs(3_000)[0].frame.sample(frac=1, random_state=number)
        frame = frame.astype("float32").assign(note=[f"{number}:{own}" for own in frame.index])
        frame.loc[frame.index[:5], "first"] = np.nan
        frame.to_parquet(folder / f"own-{number}.parquet", row_group_size=1_000)
    return folder


def beside(path: Path) -> list[str]:
    """What is left in the folder that a path is in."""
    return sorted(own.name for own in path.parent.iterdir())


def test_a_models_own_customers_are_written_with_the_segments_they_have(
    model: ClusteringModel, tmp_path: Path
) -> None:
    written = model.write_labelled(tmp_path / "out", confidence=True)
    read = pd.read_parquet(written.path)
    pd.testing.assert_frame_equal(read[["first", "second"]], model.table.frame)
    assert read["segment"].tolist() == model.result.labels.tolist()
    assert read["confidence"].tolist() == model.predict(model.table.frame).confidence.tolist()
    assert (written.n_rows, written.n_parts) == (300, 1)
    assert beside(written.path) == ["out"]


def test_a_customer_left_out_has_no_segment_and_no_confidence(
    model: ClusteringModel, tmp_path: Path
) -> None:
    frame = model.table.frame.copy()
    frame.loc[[3, 5], "first"] = np.nan
    other = ClusteringModel(frame, n_clusters=3)
    read = pd.read_parquet(other.write_labelled(tmp_path / "out", confidence=True).path)
    for name in ("segment", "confidence"):
        assert read.index[read[name].isna()].tolist() == [3, 5]


def test_customers_of_any_number_get_what_predict_gives_them_partition_by_partition(
    model: ClusteringModel, many: Path, tmp_path: Path
) -> None:
    written = model.predict_to(many, tmp_path / "out")
    given, read = pd.read_parquet(many), pd.read_parquet(written.path)
    expected = model.predict(given)
    pd.testing.assert_frame_equal(read[list(given)], given.reset_index(drop=True))
    assert read["segment"].astype("Int64").equals(pd.Series(expected.labels))
    assert read["segment"].isna().sum() == 15
    np.testing.assert_array_equal(read["confidence"], expected.confidence)
    rows = [pq.read_metadata(own).num_rows for own in sorted(written.path.iterdir())]
    assert rows == [part.n_rows for part in PartitionedTable.open(many).parts]


def test_columns_of_these_names_are_kept(many: Path, tmp_path: Path) -> None:
    table = blobs()[0].frame.assign(segment="old", confidence=1)
    model = ClusteringModel(table, features=["first", "second"], n_clusters=3)
    written = model.write_labelled(tmp_path / "out", confidence=True)
    assert (written.segment, written.confidence) == ("segment_2", "confidence_2")
    assert set(pd.read_parquet(written.path)["segment"]) == {"old"}


def test_frames_and_csv_files_are_predicted_as_well(model: ClusteringModel, tmp_path: Path) -> None:
    frame = blobs(40)[0].frame
    frame.to_csv(tmp_path / "new.csv", index=False)
    first = model.predict_to(frame, tmp_path / "of_frame")
    second = model.predict_to(tmp_path / "new.csv", tmp_path / "of_file")
    labels = [pd.read_parquet(own.path)["segment"].tolist() for own in (first, second)]
    assert labels[0] == labels[1] == model.predict(frame).labels.tolist()


def test_nothing_is_overwritten_unless_asked(model: ClusteringModel, tmp_path: Path) -> None:
    written = model.write_labelled(tmp_path / "out")
    with pytest.raises(DataError, match=r"out' is there already; choose another name"):
        model.write_labelled(tmp_path / "out")
    model.update(n_clusters=2)
    model.write_labelled(tmp_path / "out", overwrite=True)
    assert pd.read_parquet(written.path)["segment"].nunique() == 2
    assert beside(written.path) == ["out"]


def test_a_folder_of_other_things_is_never_overwritten(
    model: ClusteringModel, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="holds more than Parquet files"):
        model.write_labelled(tmp_path / "out", overwrite=True)
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"


def test_the_folder_that_is_read_is_not_written_into(model: ClusteringModel, many: Path) -> None:
    with pytest.raises(DataError, match="cannot be written into the folder they are read from"):
        model.predict_to(many, many / "out")


def test_a_folder_may_take_the_place_of_the_one_it_was_read_from(
    model: ClusteringModel, many: Path
) -> None:
    model.predict_to(many, many, overwrite=True)
    read = pd.read_parquet(many)
    assert len(read) == 9_000 and read["segment"].notna().sum() == 8_985


def test_a_damaged_partition_leaves_nothing_behind(
    model: ClusteringModel, many: Path, tmp_path: Path
) -> None:
    file = many / "own-1.parquet"
    content = bytearray(file.read_bytes())
    content[4:4000] = b"\xff" * 3996
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"own-1\.parquet"):
        model.predict_to(many, tmp_path / "out")
    assert beside(tmp_path / "out") == ["many"]


def test_an_infinite_value_in_a_partition_is_named(
    model: ClusteringModel, many: Path, tmp_path: Path
) -> None:
    frame = pd.read_parquet(many / "own-2.parquet")
    frame.iloc[7, 0] = np.inf
    frame.to_parquet(many / "own-2.parquet")
    with pytest.raises(DataError, match="'first'"):
        model.predict_to(many, tmp_path / "out")
    assert beside(tmp_path / "out") == ["many"]


@pytest.mark.parametrize(
    ("number", "error", "sentence"),
    [
        (errno.ENOSPC, StoreFull, "The disk is full"),
        (errno.EROFS, StoreError, "Read-only file system"),
        (errno.EACCES, StoreError, "Permission denied"),
    ],
)
def test_a_disk_that_fails_half_way_is_told_and_nothing_is_left(
    model: ClusteringModel,
    many: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[Exception],
    sentence: str,
) -> None:
    calls: list[Any] = []
    whole = pq.write_table

    def failing(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise OSError(number, os.strerror(number))
        whole(*args)

    monkeypatch.setattr(write.pq, "write_table", failing)
    with pytest.raises(error, match=sentence):
        model.predict_to(many, tmp_path / "out")
    assert beside(tmp_path / "out") == ["many"]


def test_a_folder_that_is_not_there_to_write_to_is_told(
    model: ClusteringModel, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="No such file or directory"):
        model.write_labelled(tmp_path / "nowhere" / "out")


def test_an_interrupt_leaves_nothing_behind(
    model: ClusteringModel, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.predict_to(many, tmp_path / "out")
    assert beside(tmp_path / "out") == ["many"]
