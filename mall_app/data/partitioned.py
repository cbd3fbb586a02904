"""A table in Parquet files, of any size: which parts it has, and one part at a time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mall_app.data.source import shorten
from mall_app.errors import DataError

PART_ROWS = 1_000_000
SAMPLE_ROWS = 50_000


@dataclass(frozen=True)
class Part:
    """Some row groups of one file, small enough to be held by a worker.

    Parameters
    ----------
    path : str
        Of the file.
    row_groups : tuple of int
        Positions in the file.
    n_rows : int
        Rows in them.
    """

    path: str
    row_groups: tuple[int, ...]
    n_rows: int


@dataclass(frozen=True)
class PartitionedTable:
    """Where the rows of a table are; none is held.

    Parameters
    ----------
    path : str
        The file, or the folder of files.
    parts : tuple of Part
        In the order of the rows.
    columns : tuple of str
        Of every file.
    sha256 : str
        Hash of the schema, and of name, size and footer of each file: it changes when a file is
        written anew, and costs no pass over the rows.
    """

    path: str
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    sha256: str

    @classmethod
    def open(cls, path: str | os.PathLike[str], part_rows: int = PART_ROWS) -> PartitionedTable:
        """Look at the footers of a Parquet file, or of each in a folder.

        Parameters
        ----------
        path : str or path
            On a disk that every worker reaches by the same name.
        part_rows : int
            Most rows of a part, unless a row group alone has more.

        Raises
        ------
        DataError
            There is no such file, one cannot be read, or two have different columns.
        """
        files = _files_of(Path(path))
        footers = [_footer(file) for file in files]
        schema = footers[0].schema.to_arrow_schema()
        parts: list[Part] = []
        for file, footer in zip(files, footers, strict=True):
            _check_schema(file, footer.schema.to_arrow_schema(), schema, files[0])
            parts += _parts_of(file, footer, part_rows)
        return cls(str(path), tuple(parts), tuple(schema.names), _hash(files, footers))

    @cached_property
    def n_rows(self) -> int:
        """Rows of all parts."""
        return sum(part.n_rows for part in self.parts)

    def sample(self, n_rows: int = SAMPLE_ROWS, random_state: int = 0) -> pd.DataFrame:
        """Draw rows evenly from the whole table, in their order.

        Every row is as likely as every other; a part is read for as long as its own are taken.
        """
        generator = np.random.default_rng(random_state)
        wanted = np.sort(generator.choice(self.n_rows, min(n_rows, self.n_rows), replace=False))
        ends = np.cumsum([part.n_rows for part in self.parts])
        cuts = np.split(wanted, np.searchsorted(wanted, ends[:-1]))
        starts = ends - [part.n_rows for part in self.parts]
        taken = [
            read_part(part, self.columns).take(pa.array(rows - start))
            for part, rows, start in zip(self.parts, cuts, starts, strict=True)
            if len(rows)
        ]
        frame: pd.DataFrame = pa.concat_tables(taken).to_pandas()
        return frame


def read_part(part: Part, columns: Sequence[str]) -> pa.Table:
    """Read some columns of a part.

    Raises
    ------
    DataError
        The file is gone or damaged.
    """
    try:
        with pq.ParquetFile(part.path) as file:
            return file.read_row_groups(list(part.row_groups), columns=list(columns))
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"The Parquet file {shorten(part.path)} cannot be read: {error}") from error


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(own for own in path.rglob("*.parquet") if own.is_file())
        if not files:
            raise DataError(f"The folder {shorten(path)} has no file that ends in .parquet.")
        return files
    if not path.exists():
        raise DataError(f"There is no file {shorten(path)}.")
    return [path]


def _footer(file: Path) -> Any:
    try:
        return pq.read_metadata(file)
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"{shorten(file)} is no whole Parquet file: {error}".rstrip(".") + "."
        ) from error


def _check_schema(file: Path, own: pa.Schema, first: pa.Schema, first_file: Path) -> None:
    if own.remove_metadata().equals(first.remove_metadata()):
        return
    raise DataError(
        f"The files of a table must have the same columns, but {shorten(file)} has "
        f"{_columns_of(own)}, and {shorten(first_file)} has {_columns_of(first)}."
    )


def _columns_of(schema: pa.Schema) -> str:
    return ", ".join(f"{own.name} ({own.type})" for own in schema)


def _parts_of(file: Path, footer: Any, part_rows: int) -> list[Part]:
    parts: list[Part] = []
    groups: list[int] = []
    rows = 0
    for position in range(footer.num_row_groups):
        own = footer.row_group(position).num_rows
        if groups and rows + own > part_rows:
            parts.append(Part(str(file), tuple(groups), rows))
            groups, rows = [], 0
        groups.append(position)
        rows += own
    if rows:
        parts.append(Part(str(file), tuple(groups), rows))
    return parts


def _hash(files: list[Path], footers: list[Any]) -> str:
    digest = hashlib.sha256()
    for file, footer in zip(files, footers, strict=True):
        known = file.stat()
        facts = [file.name, known.st_size, known.st_mtime_ns, footer.num_rows]
        digest.update(json.dumps(facts).encode())
        digest.update(str(footer.schema.to_arrow_schema()).encode())
    return digest.hexdigest()
