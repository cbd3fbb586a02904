"""A table in Parquet files, of any size: which parts it has, and one part at a time."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from mall_app.data.dialect import check_width
from mall_app.data.footers import Footer, Keys, common_schema, keys_of, read_footers
from mall_app.data.frames import to_frame
from mall_app.data.parts import Part, check_columns, read_part, take_rows
from mall_app.data.schemas import plain_schema
from mall_app.data.source import shorten
from mall_app.errors import DataError

__all__ = ["PART_ROWS", "SAMPLE_ROWS", "SAMPLE_SEED", "Part", "PartitionedTable", "read_part"]

PART_ROWS = 1_000_000
SAMPLE_ROWS = 50_000
SAMPLE_SEED = 0
_READERS = 4


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
        Of every file, and the keys in the names of their folders.
    sha256 : str
        Hash of the schema, and of name, size, time and rows of each file: it changes when a file
        is written anew, and costs no pass over the rows.
    n_bytes : int
        What all values take in memory, about.
    """

    path: str
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    sha256: str
    n_bytes: int = 0

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        part_rows: int = PART_ROWS,
        columns: Sequence[str] | None = None,
    ) -> PartitionedTable:
        """Look at the footers of a Parquet file, or of each in a folder.

        Files may differ in the order of their columns and in the width of a type, such as int32
        and int64; every part is read with the type that holds them all. Those without rows play
        no part.

        Parameters
        ----------
        path : str or path
            On a disk that every worker reaches by the same name.
        part_rows : int
            About the most rows of a part; a row group of more than twice as many is cut.
        columns : sequence of str, optional
            The only ones the table is to have.

        Raises
        ------
        DataError
            There is no such file, one cannot be read, or two have different columns.
        """
        footers = read_footers(Path(path))
        schema, keys = common_schema(footers), keys_of(footers)
        schema = _with_keys(schema, keys)
        if columns is not None:
            check_columns(columns, schema.names)
            schema = pa.schema([schema.field(name) for name in columns])
        check_width(len(schema))
        parts: list[Part] = []
        for footer, own in zip(footers, keys, strict=True):
            parts += _parts_of(footer, part_rows, own, schema)
        if not parts:
            raise DataError(f"The table {shorten(path, 120)} is empty: its files have no rows.")
        names = tuple(schema.names)
        n_bytes = sum(footer.n_bytes for footer in footers)
        return cls(os.path.abspath(path), tuple(parts), names, _hash(footers, schema), n_bytes)

    @cached_property
    def n_rows(self) -> int:
        """Rows of all parts."""
        return sum(part.n_rows for part in self.parts)

    def sample(self, n_rows: int = SAMPLE_ROWS, random_state: int = SAMPLE_SEED) -> pd.DataFrame:
        """Draw rows evenly from the whole table, in their order.

        Every row is as likely as every other; only row groups that hold some of them are read, a
        few at a time.
        """
        generator = np.random.default_rng(random_state)
        drawn = generator.choice(
            self.n_rows, min(n_rows, self.n_rows), replace=False, shuffle=False
        )
        drawn.sort()
        ends = np.cumsum([part.n_rows for part in self.parts])
        cuts = np.split(drawn, np.searchsorted(drawn, ends[:-1]))
        starts = ends - [part.n_rows for part in self.parts]

        def take(position: int) -> pa.Table:
            wanted = cuts[position] - starts[position]
            return take_rows(self.parts[position], self.columns, wanted)

        with ThreadPoolExecutor(_READERS) as threads:
            taken = threads.map(take, (n for n, own in enumerate(cuts) if len(own)))
            return to_frame(pa.concat_tables(taken))

    def read(self) -> pd.DataFrame:
        """Read every row into memory."""
        return to_frame(pa.concat_tables(read_part(part, self.columns) for part in self.parts))


def _with_keys(schema: pa.Schema, keys: list[Keys]) -> pa.Schema:
    for name, _ in keys[0]:
        values = [dict(own)[name] for own in keys]
        is_text = any(isinstance(own, str) for own in values)
        own = pa.dictionary(pa.int32(), pa.large_string()) if is_text else pa.int64()
        schema = schema.append(pa.field(name, own))
    return plain_schema(schema)


def _parts_of(footer: Footer, part_rows: int, keys: Keys, schema: pa.Schema) -> list[Part]:
    parts: list[Part] = []
    groups: list[int] = []
    rows = 0

    def close() -> None:
        nonlocal groups, rows
        if rows:
            own = Part(footer.path, tuple(groups), rows, 0, keys, schema, footer.stamp)
            parts.append(own)
        groups, rows = [], 0

    for position, own in enumerate(footer.group_rows):
        if rows + own > part_rows:
            close()
        if own > 2 * part_rows:
            parts += _cut(footer, position, own, part_rows, keys, schema)
            continue
        if own:
            groups.append(position)
            rows += own
    close()
    return parts


def _cut(
    footer: Footer, group: int, n_rows: int, part_rows: int, keys: Keys, schema: pa.Schema
) -> list[Part]:
    """Cut a row group into parts of about the same size."""
    n_parts = math.ceil(n_rows / part_rows)
    edges = [n_rows * number // n_parts for number in range(n_parts + 1)]
    return [
        Part(footer.path, (group,), end - start, start, keys, schema, footer.stamp)
        for start, end in zip(edges, edges[1:], strict=False)
    ]


def _hash(footers: list[Footer], schema: pa.Schema) -> str:
    digest = hashlib.sha256(str(schema).encode())
    for footer in footers:
        digest.update(json.dumps([footer.name, *footer.stamp, footer.group_rows]).encode())
    return digest.hexdigest()
