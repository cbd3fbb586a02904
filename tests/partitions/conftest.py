"""One cluster of two workers for every test of partitions, and tables that are large for a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mall_app.data.partitioned import PartitionedTable
from mall_app.data.table import Table
from mall_app.partitions.client import SCHEDULER, WORKERS, close_cluster, scheduler_address

N_ROWS = 12_000
HELD_ROWS = 4_000
CENTRES = np.array([[30, 26, 79], [45, 27, 21], [43, 55, 50], [33, 87, 82], [41, 88, 17]])


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of a scheduler with two workers, for the whole session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(SCHEDULER, raising=False)
        patch.setenv(WORKERS, "2")
        yield scheduler_address()
        close_cluster()


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    """Customers in five groups that touch, with a category and a column that has gaps."""
    generator = np.random.default_rng(3)
    groups = generator.choice(5, N_ROWS, p=[0.12, 0.13, 0.4, 0.19, 0.16])
    values = CENTRES[groups] + generator.normal(size=(N_ROWS, 3)) * 7
    visits = generator.poisson(3.0, N_ROWS).astype(np.float64)
    visits[generator.random(N_ROWS) < 0.01] = np.nan
    regions = np.array(["north", "south", "east", None], dtype=object)
    return pd.DataFrame(
        {
            "Age": values[:, 0].astype(np.float32),
            "Income": values[:, 1],
            "Score": np.round(values[:, 2]).astype(np.int64),
            "Visits": visits,
            "Region": regions[generator.choice(4, N_ROWS, p=[0.5, 0.3, 0.19, 0.01])],
        }
    )


@pytest.fixture(scope="session")
def folder(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The customers in six files of 2 000 rows."""
    path = tmp_path_factory.mktemp("customers")
    write_parts(path, frame, 6)
    return path


@pytest.fixture(scope="session")
def whole(folder: Path) -> Table:
    """The table that stays in its files."""
    return opened(folder)


@pytest.fixture(scope="session")
def local(frame: pd.DataFrame) -> Table:
    """The same customers, held in memory."""
    return Table.from_frame(frame)


def opened(folder: Path) -> Table:
    """A table in partitions with a sample that is small as well."""
    parts = PartitionedTable.open(folder)
    return replace(Table.from_frame(parts.sample(HELD_ROWS)), whole=parts)


def write_parts(path: Path, frame: pd.DataFrame, n_parts: int) -> Path:
    """Write a frame as several files."""
    path.mkdir(exist_ok=True)
    edges = np.linspace(0, len(frame), n_parts + 1).astype(int)
    schema = pa.Schema.from_pandas(frame, preserve_index=False)
    for number, (start, stop) in enumerate(zip(edges, edges[1:], strict=False)):
        rows = frame.iloc[start:stop]
        table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
        pq.write_table(table, path / f"part-{number:03d}.parquet")
    return path
