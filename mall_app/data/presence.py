"""What is there in a folder that others write to at the same time."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from mall_app.data.shelf import explained
from mall_app.errors import DatasetNotFound

Name = TypeVar("Name")
Known = TypeVar("Known")


def stamp(path: Path | None) -> str:
    """Tell what a file, or every file of a folder, is now from what it was."""
    if path is None:
        return ""
    digest = hashlib.sha256()
    files = sorted(own for own in path.rglob("*")) if path.is_dir() else [path]
    for own in files:
        with contextlib.suppress(FileNotFoundError):  # reading the table tells that it is gone
            known = own.stat()
            times = f"{known.st_mtime_ns}\0{known.st_ctime_ns}"
            digest.update(f"{own}\0{known.st_ino}\0{known.st_size}\0{times}\0".encode())
    return digest.hexdigest()


def present(describe: Callable[[Name], Known], names: Iterable[Name]) -> list[Known]:
    """Describe those that are still there when their turn comes."""
    found: list[Known] = []
    for name in names:
        with contextlib.suppress(DatasetNotFound, FileNotFoundError):
            found.append(describe(name))
    return found


@contextlib.contextmanager
def explaining() -> Iterator[None]:
    """Give the error of a folder that cannot be used for what the system says of it.

    Raises
    ------
    StoreError
        It cannot be used.
    """
    try:
        yield
    except OSError as error:
        raise explained(error) from error


def is_file_or_folder(path: Path) -> bool:
    """Whether it is one of these two: a pipe would be waited for."""
    return path.is_file() or path.is_dir()


def written(path: Path) -> str:
    """Give when it was written last, as ISO 8601 in UTC."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
