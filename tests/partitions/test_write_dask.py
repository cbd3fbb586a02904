"""Labelled customers written by the workers of a cluster."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mall_app import ClusteringModel
from mall_app.errors import StoreError
from mall_app.partitions.write import Destination, Labelling, predict_to, rows_of
from mall_app.predict.prediction import Predictor
from tests.core.tables import blobs

pytestmark = pytest.mark.usefixtures("cluster")


@dataclass(frozen=True, eq=False)
class Deadly(Labelling):
    """Ends the worker that comes upon the rows of one partition, for as long as there are marks."""

    marks: Path
    first: float

    def __call__(self, rows: pa.Table) -> pa.Table:
        marks = sorted(self.marks.iterdir())
        if marks and rows["first"][0].as_py() == self.first:
            marks[0].unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(rows)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six partitions of a thousand customers."""
    folder = tmp_path_factory.mktemp("many")
    frame = blobs(6_000)[0].frame
    for number in range(6):
        frame.iloc[number * 1_000 : (number + 1) * 1_000].to_parquet(folder / f"{number}.parquet")
    return folder


@pytest.fixture(scope="module")
def model(many: Path, cluster: str) -> ClusteringModel:
    return ClusteringModel(many, engine="dask", n_clusters=3)


def test_every_customer_of_a_table_in_files_is_written_with_its_segment(
    model: ClusteringModel, many: Path, tmp_path: Path
) -> None:
    written = model.write_labelled(tmp_path / "out", confidence=True)
    read, given = pd.read_parquet(written.path), pd.read_parquet(many)
    pd.testing.assert_frame_equal(read[["first", "second"]], given)
    expected = model.predict(given)
    assert read["segment"].tolist() == expected.labels.tolist()
    assert read["confidence"].tolist() == pytest.approx(expected.confidence.tolist())
    counts = read["segment"].value_counts()
    assert {own.segment: own.size for own in model.result.profiles} == counts.to_dict()
    assert [pq.read_metadata(own).num_rows for own in sorted(written.path.iterdir())] == [1_000] * 6


def test_a_worker_that_dies_costs_another_try(
    model: ClusteringModel, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    (marks / "one").touch()
    first = float(pd.read_parquet(many / "3.parquet")["first"][3_000])
    monkeypatch.setattr(
        "mall_app.partitions.write.Labelling", lambda *own: Deadly(*own, marks, first)
    )
    predictor = Predictor.of(model.table, model.result)
    out = Destination(tmp_path / "out")
    written = predict_to(rows_of(many), predictor, out, engine="dask")
    assert not list(marks.iterdir()), "no worker died"
    assert written.n_rows == 6_000
    assert pd.read_parquet(out.path)["segment"].value_counts().tolist() == [2_000] * 3
    names = sorted(own.name for own in out.path.iterdir())
    assert names == [f"part-{number:05d}.parquet" for number in range(6)]


def test_workers_that_cannot_write_say_so(model: ClusteringModel, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file or directory"):
        model.write_labelled(tmp_path / "nowhere" / "out")
