"""Which Parquet files a table is made of, and what their footers say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from mall_app.data.parts import file_stamp, told
from mall_app.data.schemas import joined, plain_schema
from mall_app.data.source import shorten
from mall_app.errors import DataError

SUFFIXES = (".parquet", ".parq", ".pq")
_MAGIC = b"PAR1"
_NULL_KEY = "__HIVE_DEFAULT_PARTITION__"
_READERS = 16
Keys = tuple[tuple[str, int | str | None], ...]


@dataclass(frozen=True)
class Footer:
    """What is known of a file before its rows are read.

    Parameters
    ----------
    path : str
        Of the file.
    name : str
        The same, below the folder of the table.
    stamp : tuple of int
        Size and time of change.
    group_rows : tuple of int
        Rows of each row group.
    n_bytes : int
        Of all its values in memory, about.
    schema : pyarrow.Schema
        Columns as they are read, keys not among them.
    """

    path: str
    name: str
    stamp: tuple[int, int]
    group_rows: tuple[int, ...]
    n_bytes: int
    schema: pa.Schema


def read_footers(path: Path) -> list[Footer]:
    """Read the footer of a Parquet file, or of each in a folder, several at a time.

    Hidden files, those whose name starts with an underscore, and files of other formats are no
    part of a table.

    Raises
    ------
    DataError
        There is no such file, or one cannot be read.
    """
    if not path.is_dir():
        if not path.exists():
            raise DataError(f"There is no file {shorten(path, 120)}.")
        return [_footer(path, path.name)]
    names = list(_files_below(path))
    with ThreadPoolExecutor(_READERS) as threads:
        found = list(threads.map(lambda name: _footer_in(path, name), names))
    footers = [own for own in found if own is not None]
    if not footers:
        raise DataError(
            f"The folder {shorten(path, 120)} has no Parquet file. Make some of CSV or Arrow files "
            "with mall_app.write_parquet."
        )
    return footers


def common_schema(footers: list[Footer]) -> pa.Schema:
    """Give the schema that the rows of all files fit; see `joined`.

    Raises
    ------
    DataError
        Two files have other columns, or a column of types that have nothing in common.
    """
    schema, last = footers[0].schema, footers[0].schema
    for footer in footers[1:]:
        if footer.schema is not last and not footer.schema.equals(last):
            schema = joined(schema, footer.schema, footers[0].name, footer.name)
        last = footer.schema
    return schema


def keys_of(footers: list[Footer]) -> list[Keys]:
    """Give for each file what the names of its folders say, as in ``year=2026/shop=Graz``.

    A key is whole numbers when it is one everywhere; a column of the files goes before a key.

    Raises
    ------
    DataError
        Two files have other keys.
    """
    texts = [dict(_written_keys(footer)) for footer in footers]
    for footer, own in zip(footers, texts, strict=True):
        if list(own) != list(texts[0]):
            raise DataError(
                "The folders of a table must have the same keys, but those of "
                f"{shorten(footer.name)} are {', '.join(own) or 'none'}, and those of "
                f"{shorten(footers[0].name)} {', '.join(texts[0]) or 'none'}."
            )
    whole = {name for name in texts[0] if all(_is_whole(own[name]) for own in texts)}
    return [
        tuple((n, int(v) if v is not None and n in whole else v) for n, v in own.items())
        for own in texts
    ]


def _files_below(folder: Path) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise DataError(f"The folder {shorten(error.filename, 120)} cannot be read: {told(error)}")

    found: list[str] = []
    for here, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [own for own in folders if not own.startswith((".", "_"))]
        plain = (own for own in files if not own.startswith((".", "_")))
        found += [os.path.relpath(os.path.join(here, own), folder) for own in plain]
    yield from sorted(found)


def _footer_in(folder: Path, name: str) -> Footer | None:
    path = folder / name
    if not name.endswith(SUFFIXES) and not _starts_as_parquet(path):
        return None
    return _footer(path, name)


def _starts_as_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise DataError(f"{shorten(path.name, 120)} cannot be read: {told(error)}") from error


def _footer(path: Path, name: str) -> Footer:
    shown = shorten(name, 120)
    try:
        stamp = file_stamp(path)
        found = pq.read_metadata(os.path.abspath(path))
        schema = plain_schema(found.schema.to_arrow_schema())
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{shown} is no whole Parquet file: {told(error)}") from error
    except DataError as error:
        raise DataError(f"{shown} cannot be used. {error}") from None
    groups = [found.row_group(own) for own in range(found.num_row_groups)]
    rows = tuple(own.num_rows for own in groups)
    return Footer(
        os.path.abspath(path), name, stamp, rows, sum(g.total_byte_size for g in groups), schema
    )


def _written_keys(footer: Footer) -> Iterator[tuple[str, str | None]]:
    for folder in Path(footer.name).parts[:-1]:
        name, sign, value = folder.partition("=")
        if sign and name and unquote(name) not in footer.schema.names:
            yield unquote(name), None if value == _NULL_KEY else unquote(value)


def _is_whole(text: str | None) -> bool:
    return text is None or (text.isdecimal() and len(text) < 19 and str(int(text)) == text)
