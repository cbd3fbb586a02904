"""Customers with their segment, written to a folder of Parquet partition by partition."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mall_app.data.frames import to_frame
from mall_app.data.partitioned import PART_ROWS, PartitionedTable, read_part
from mall_app.data.reading import read_table
from mall_app.data.source import shorten
from mall_app.data.table import Table
from mall_app.data.unfinished import cannot_write, check_target, whole_folder
from mall_app.errors import DataError, StoreError
from mall_app.labelled import labelled, unused_name
from mall_app.predict.prediction import Predictor
from mall_app.progress import step
from mall_app.result import ClusteringResult

Read = Callable[[], pa.Table]
_WRITING = "Partitions written"
_LONG = 200  # characters of a path that are shown


@dataclass(frozen=True)
class Written:
    """A folder of labelled customers.

    Parameters
    ----------
    path : Path
        Of the folder; its files are read in the order of their names.
    n_rows : int
        Customers, those without a segment included.
    n_parts : int
        Files.
    segment : str
        The column of segments: -1 is noise, missing a customer that was left out.
    confidence : str or None
        The column of how clear the choice was, from 0 to 1, where it was asked for.
    """

    path: Path
    n_rows: int
    n_parts: int
    segment: str
    confidence: str | None


@dataclass(frozen=True)
class Destination:
    """Where labelled customers go, and what is added to them.

    Parameters
    ----------
    path : Path
        The folder. It gets this name when it is whole.
    confidence : bool, default False
        Whether to add how clear each choice was; see `mall_app.predict.prediction.Prediction`.
    overwrite : bool, default False
        Whether it may take the place of a folder of Parquet files.
    unfinished : Path, optional
        What the folder is called until it is whole; see `mall_app.data.unfinished`.
    """

    path: Path
    confidence: bool = False
    overwrite: bool = False
    unfinished: Path | None = None

    def columns(self, taken: Container[str]) -> tuple[str, str | None]:
        """Give the names of the columns of segments and of confidence."""
        return unused_name(taken, "segment"), (
            unused_name(taken, "confidence") if self.confidence else None
        )


@dataclass(frozen=True, eq=False)
class Labelling:
    """How a partition is labelled, small enough to be sent to every worker.

    Parameters
    ----------
    predictor : Predictor
        Places customers.
    segment : str
        Name of the column of segments.
    confidence : str or None
        Name of the column of confidence, if there is to be one.
    """

    predictor: Predictor
    segment: str
    confidence: str | None

    def __call__(self, rows: pa.Table) -> pa.Table:
        """Give the rows with their segment as a further column."""
        used = [name for name in rows.column_names if name in self.predictor.features]
        segments, sure = self.predictor.label(to_frame(rows.select(used)))
        rows = rows.replace_schema_metadata(None)
        rows = rows.append_column(self.segment, pa.array(segments, pa.int64()))
        if self.confidence is None:
            return rows
        return rows.append_column(self.confidence, pa.array(sure, pa.float64(), from_pandas=True))


def write_labelled(table: Table, result: ClusteringResult, to: Destination) -> Written:
    """Write every customer of a table with its segment to a folder of Parquet files.

    A table that stays in its files is read, labelled and written one partition at a time, by the
    workers of the Dask cluster; the folder has as many files as the table has partitions.

    Parameters
    ----------
    table : Table
        What was clustered.
    result : ClusteringResult
        What it came to.
    to : Destination
        Where to.

    Raises
    ------
    DataError
        There is something there already, or a partition cannot be read.
    StoreError, StoreFull
        The folder cannot be written, or the disk is full; nothing is left of it.
    EngineUnavailable
        The Dask cluster is not there, or went away.
    """
    if table.whole is not None:
        return predict_to(
            table.whole, Predictor.of(table, result), to, engine=result.settings.engine
        )
    segment, confidence = to.columns(table.frame)
    frame = labelled(table, result)
    if confidence is not None:
        _, sure = Predictor.of(table, result).label(table.frame)
        frame = frame.assign(**{confidence: pd.array(sure, dtype="Float64")})
    counts = _write(_slices(frame), _as_they_are, to, "local")
    return Written(to.path, sum(counts), len(counts), segment, confidence)


def predict_to(
    source: PartitionedTable | pd.DataFrame,
    predictor: Predictor,
    to: Destination,
    *,
    engine: str = "local",
) -> Written:
    """Give customers of any number the segments of a model, and write them with these.

    Parameters
    ----------
    source : PartitionedTable or pandas.DataFrame
        The customers; one partition a thread (or worker) is in memory at a time.
    predictor : Predictor
        Of the model.
    to : Destination
        Where to.
    engine : {"local", "dask"}, default "local"
        Whether threads of this process or the workers of the Dask cluster do it.

    Raises
    ------
    DataError, StoreError, StoreFull, EngineUnavailable
        As in `write_labelled`.
    """
    if isinstance(source, pd.DataFrame):
        taken: Container[str] = source
        reads = _slices(source)
    else:
        taken = source.columns
        _check_apart(Path(source.path), to.path)
        reads = [partial(read_part, part, source.columns) for part in source.parts]
    segment, confidence = to.columns(taken)
    counts = _write(reads, Labelling(predictor, segment, confidence), to, engine)
    return Written(to.path, sum(counts), len(counts), segment, confidence)


def rows_of(source: pd.DataFrame | str | os.PathLike[str]) -> PartitionedTable | pd.DataFrame:
    """Give the customers of a frame or a file; those of a Parquet file or folder stay there.

    Raises
    ------
    DataError
        The file cannot be read.
    """
    if isinstance(source, pd.DataFrame):
        return source
    if Path(source).is_dir() or str(source).endswith(".parquet"):
        return PartitionedTable.open(source)
    return read_table(source)


def _as_they_are(rows: pa.Table) -> pa.Table:
    return rows.replace_schema_metadata(None)


def _slices(frame: pd.DataFrame) -> list[Read]:
    starts = range(0, max(1, len(frame)), PART_ROWS)
    return [partial(_slice, frame, start) for start in starts]


def _slice(frame: pd.DataFrame, start: int) -> pa.Table:
    return pa.Table.from_pandas(frame.iloc[start : start + PART_ROWS], preserve_index=False)


def _check_apart(source: Path, target: Path) -> None:
    """Refuse to write into the folder that is read, whose table would then have twice the rows."""
    if source.resolve() in target.resolve().parents:
        raise DataError("Labelled customers cannot be written into the folder they are read from.")


def _write(
    reads: Sequence[Read], label: Callable[[pa.Table], pa.Table], to: Destination, engine: str
) -> list[int]:
    """Write each part; give the rows of each."""
    check_target(to.path, to.overwrite)
    with whole_folder(to.path, to.overwrite, to.unfinished) as folder:
        files = [folder / f"part-{number:05d}.parquet" for number in range(len(reads))]
        return (_by_workers if engine == "dask" else _by_threads)(reads, label, files)


def _by_workers(
    reads: Sequence[Read], label: Callable[[pa.Table], pa.Table], files: Sequence[Path]
) -> list[int]:
    from mall_app.partitions.client import connected
    from mall_app.partitions.workers import Parted

    with connected() as workers:
        label = workers.keep(label)
        counts = workers.collect(write_one, Parted(reads), label, Parted(files), what=_WRITING)
    lost = [file for file in files if not file.exists()]
    if lost:
        raise StoreError(
            f"{len(lost)} of {len(files)} partitions are not where the Dask workers wrote them: "
            f"{shorten(lost[0].parent, _LONG)} must be one folder for them and for this process."
        )
    return counts


def _by_threads(
    reads: Sequence[Read], label: Callable[[pa.Table], pa.Table], files: Sequence[Path]
) -> list[int]:
    pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="write-partition")
    try:
        work = [
            pool.submit(write_one, read, label, file)
            for read, file in zip(reads, files, strict=True)
        ]
        for number, done in enumerate(as_completed(work), 1):
            done.result()
            step(number, len(work), _WRITING)
        return [own.result() for own in work]
    finally:
        pool.shutdown(cancel_futures=True)


def write_one(read: Read, label: Callable[[pa.Table], pa.Table], file: Path) -> int:
    """Write one part under its name when it is whole; a second try writes the same once more."""
    rows = label(read())
    writing = file.with_name(f"{file.name}.{uuid.uuid4().hex[:12]}")
    try:
        pq.write_table(rows, writing)
        os.replace(writing, file)
    except OSError as error:
        raise cannot_write(file.parent, error) from error
    return int(rows.num_rows)
