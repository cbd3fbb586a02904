"""The tables of a server: one that is built in, those its operator put there, and uploads."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from mall_app.cache import ResultCache
from mall_app.data.mall import load_customers
from mall_app.data.opening import HELD_ROWS, open_table
from mall_app.data.presence import explaining, is_file_or_folder, present, stamp, written
from mall_app.data.report import ATTRIBUTE
from mall_app.data.shelf import Shelf, n_bytes_of
from mall_app.data.table import Table, quoted
from mall_app.data.upload import about_upload
from mall_app.environment import whole_number
from mall_app.errors import DataError, DatasetFixed, DatasetNotFound, did_you_mean

MALL = "mall"
Origin = Literal["built-in", "folder", "upload"]
_UPLOADS = ".uploads"
_NAME = re.compile(r"[^\W_][\w .()+=-]{0,99}")


@dataclass(frozen=True)
class Dataset:
    """What is known of a table before it is read.

    Parameters
    ----------
    id : str
        What it is asked for by.
    name : str
        What it is called.
    origin : {"built-in", "folder", "upload"}
        Who brought it: nobody, the operator, or a caller.
    added : str or None
        When its file was written, as ISO 8601 in UTC.
    n_bytes : int
        Size of its files.
    n_rows : int or None
        Customers, where that is known without reading it.
    fault : str or None
        What is wrong with its file, in a sentence.
    """

    id: str
    name: str
    origin: Origin
    added: str | None
    n_bytes: int
    n_rows: int | None = None
    fault: str | None = None


@dataclass(frozen=True)
class _Held:
    """A table in memory, and what it takes there with what is derived from it."""

    table: Table
    nbytes: int


class DatasetLibrary:
    """Finds tables by id, and keeps those used last in memory.

    Parameters
    ----------
    folder : Path
        Files and folders in it are tables; uploads lie in a hidden folder there.
    most, most_bytes : int
        How many uploads there may be, and their size together.
    held_rows, held_bytes : int
        A Parquet table beyond either stays in its files; all tables in memory together take at
        most about `held_bytes`.
    """

    def __init__(
        self,
        folder: Path,
        most: int = 100,
        most_bytes: int = 2**30,
        held_rows: int = HELD_ROWS,
        held_bytes: int = 2**30,
    ) -> None:
        self.folder = folder
        self.uploads = Shelf(folder / _UPLOADS, most, most_bytes)
        self._held_rows = held_rows
        self._held = ResultCache(held_bytes)
        self._loading: dict[str, Lock] = {}
        self._lock = Lock()

    def entries(self) -> tuple[Dataset, ...]:
        """Say what tables there are: the built-in one, the operator's by name, uploads by age.

        Raises
        ------
        StoreError
            The folder cannot be read.
        """
        with explaining():
            own = present(self._from_folder, self._paths())
            uploads = present(self._from_upload, self.uploads.ids())
        uploads.sort(key=lambda each: (each.added or "", each.id), reverse=True)
        return (self._built_in(), *own, *uploads)

    def entry(self, own: str) -> Dataset:
        """Say what is known of a table without reading it.

        Raises
        ------
        DatasetNotFound
            There is no such one.
        """
        if own == MALL:
            return self._built_in()
        path = self._path(own)
        try:
            return self._from_upload(own) if self._is_upload(path) else self._from_folder(path)
        except FileNotFoundError as error:
            raise self._unknown(own) from error

    def table(self, own: str) -> Table:
        """Give a table, from memory when it was used before and is as it was.

        Raises
        ------
        DatasetNotFound
            There is no such one.
        DataError
            Its file cannot be read.
        """
        path = None if own == MALL else self._path(own)
        with self._lock:
            loading = self._loading.setdefault(own, Lock())
        with loading:
            key = (own, stamp(path))
            known: _Held | None = self._held.get(key)
            if known is None:
                known = self._read_whole(own, path, key[1])
                self._held.put(key, known)
            return known.table

    def describe(self, own: str) -> dict[str, Any]:
        """Give all that is known of a table, JSON-ready; one that is no upload is read for it.

        Raises
        ------
        DatasetNotFound
            There is no such one.
        DataError
            Its file cannot be read.
        """
        entry = self.entry(own)
        try:
            about = about_upload(self._path(own)) if entry.origin == "upload" else None
        except FileNotFoundError as error:
            raise self._unknown(own) from error
        if about is not None:
            report, n_rows = about["report"], about["n_rows"]
        else:
            table = self.table(own)
            report, n_rows = table.frame.attrs[ATTRIBUTE], table.n_customers
        columns = [{n: each[n] for n in ("name", "role", "missing")} for each in report["columns"]]
        known = {**asdict(entry), "n_rows": n_rows, "columns": columns, "data_report": report}
        del known["fault"]
        return known

    def put(self, write: Callable[[Path], None]) -> str:
        """Keep a table that `write` writes to a path as Parquet; see `Shelf.put`."""
        return self.uploads.put(write)

    def delete(self, own: str) -> None:
        """Throw an upload away.

        Raises
        ------
        DatasetNotFound
            There is no such table.
        DatasetFixed
            It is no upload.
        """
        if own == MALL or not self._is_upload(self._path(own)):
            raise DatasetFixed(f"The dataset {quoted(own)} belongs to the server: it stays.")
        if not self.uploads.delete(own):
            raise self._unknown(own)
        self._loading.pop(own, None)

    def _path(self, own: str) -> Path:
        """Find the file of an id among those there are: no id is ever made a path."""
        with explaining():
            path = self.uploads.path(own)
            if path is None:
                path = next((each for each in self._paths() if each.name == own), None)
        if path is None:
            raise self._unknown(own)
        return path

    def _is_upload(self, path: Path) -> bool:
        return path.parent == self.uploads.folder

    def _paths(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        own = (each for each in self.folder.iterdir() if _NAME.fullmatch(each.name))
        return sorted(each for each in own if each.name != MALL and is_file_or_folder(each))

    def _unknown(self, own: str) -> DatasetNotFound:
        names = [MALL, *(path.name for path in self._paths())]
        cut = own[:100]
        return DatasetNotFound(f"There is no dataset {quoted(own)}: {did_you_mean(cut, names)}")

    def _read_whole(self, own: str, path: Path | None, begun: str) -> _Held:
        """Read a table that nobody writes to or throws away meanwhile."""
        try:
            known = self._read(path)
        except (DataError, FileNotFoundError) as error:
            if path is None or path.exists():
                raise
            raise self._unknown(own) from error
        if stamp(path) != begun:
            raise DataError(f"{quoted(own)} was written to while it was read: ask again later.")
        return known

    def _read(self, path: Path | None) -> _Held:
        if path is None:
            return _held(Table.from_frame(load_customers()))
        n_rows, n_bytes = self._held_rows, self._held.max_bytes // 2
        try:
            table = open_table(path, held_rows=n_rows, held_bytes=n_bytes)
        except DataError as error:  # where the folder is, is nothing for who asks from afar
            raise DataError(error.detail.replace(f"{self.folder}{os.sep}", "")) from error
        about = about_upload(path) if self._is_upload(path) else None
        if about is not None and table.whole is None:
            table.frame.attrs[ATTRIBUTE] = about["report"]
        return _held(table)

    def _built_in(self) -> Dataset:
        return Dataset(MALL, "Mall customers", "built-in", None, 0, 200)

    def _from_folder(self, path: Path) -> Dataset:
        return Dataset(path.name, path.name, "folder", written(path), n_bytes_of(path))

    def _from_upload(self, own: str) -> Dataset:
        path = self.uploads.path(own)
        if path is None:  # deleted by another meanwhile
            raise self._unknown(own)
        size = n_bytes_of(path)
        try:
            about = about_upload(path) or {}
        except DataError as error:
            return Dataset(own, own, "upload", written(path), size, fault=str(error))
        name, added = about.get("name") or own, about.get("added") or written(path)
        return Dataset(own, name, "upload", added, size, about.get("n_rows"))


@cache
def _library(folder: Path, most: int, most_mb: int, rows: int, held_mb: int) -> DatasetLibrary:
    return DatasetLibrary(folder, most, most_mb * 2**20, rows, held_mb * 2**20)


def dataset_library() -> DatasetLibrary:
    """Give the tables of this process, as the environment says.

    ``MALL_DATA_DIR`` is the folder, or else one for the data of the user; ``MALL_DATASETS_MAX``
    how many uploads it takes, or else 100; ``MALL_DATASETS_MB`` their size together, or else 1024;
    ``MALL_HELD_ROWS`` the most rows of a Parquet table that is read into memory, or else
    10 million; ``MALL_HELD_MB`` what all tables may take there, or else 1024.

    Raises
    ------
    SizeError
        A variable is no whole number or out of its range.
    """
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    folder = os.environ.get("MALL_DATA_DIR") or Path(data) / "mall-app" / "datasets"
    return _library(
        Path(folder),
        whole_number("MALL_DATASETS_MAX", 100, 1, 100_000),
        whole_number("MALL_DATASETS_MB", 1024, 1, 10_000_000),
        whole_number("MALL_HELD_ROWS", HELD_ROWS, 1_000, 10**9),
        whole_number("MALL_HELD_MB", 1024, 1, 10_000_000),
    )


def _held(table: Table) -> _Held:
    _ = table.sha256  # worked out here, beside the event loop
    return _Held(table, 2 * int(table.frame.memory_usage(deep=False).sum()))
