"""A folder that is there as a whole, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mall_app.data.source import shorten
from mall_app.errors import DataError, StoreError, StoreFull

_LONG = 200  # characters of a path that are shown
_MARK = ".unfinished-"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def unfinished_beside(path: Path) -> Path:
    """Give a name beside a path that nothing has, for what is to become it."""
    return path.with_name(f"{path.name}{_MARK}{uuid.uuid4().hex[:12]}")


@contextmanager
def whole_folder(
    path: Path, overwrite: bool = False, unfinished: Path | None = None
) -> Iterator[Path]:
    """Make a folder that gets its name when the block ends, and is removed when the block fails.

    Parameters
    ----------
    path : Path
        What it is to be called.
    overwrite : bool, default False
        Whether it may take the place of a folder of Parquet files.
    unfinished : Path, optional
        What it is called meanwhile, see `unfinished_beside`; for whoever may have to `discard` it
        after this process was killed.

    Yields
    ------
    Path
        The folder to write to.

    Raises
    ------
    DataError
        There is something at `path` already that may not be replaced.
    StoreError, StoreFull
        The folder cannot be written, or the disk is full.
    """
    check_target(path, overwrite)
    folder = unfinished or unfinished_beside(path)
    try:
        folder.mkdir()
        yield folder
        _take_place(folder, path)
    except OSError as error:
        discard(folder)
        raise cannot_write(path, error) from error
    except BaseException:
        discard(folder)
        raise


def check_target(path: Path, overwrite: bool) -> None:
    """Refuse a target that is there, unless it may be replaced and holds nothing but Parquet files.

    Raises
    ------
    DataError
        It may not be written to.
    """
    if not path.exists():
        return
    if not overwrite:
        raise DataError(
            f"{shorten(path, _LONG)} is there already; choose another name, or overwrite it."
        )
    own = list(path.iterdir()) if path.is_dir() else [path]
    if not all(each.is_file() and each.suffix == ".parquet" for each in own):
        raise DataError(
            f"{shorten(path, _LONG)} is not overwritten, for it holds more than Parquet files."
        )


def discard(folder: Path) -> None:
    """Remove an unfinished folder, though somebody may still write to it."""
    gone = folder.with_name(f"{folder.name}.discarded")
    try:
        folder.rename(gone)  # whoever opens a file in it from now on fails
    except OSError:
        gone = folder
    shutil.rmtree(gone, ignore_errors=True)


def cannot_write(path: Path, error: OSError) -> StoreError:
    """Give the error for a file or folder that cannot be written."""
    if error.errno in _NO_ROOM:
        return StoreFull(f"The disk is full: {shorten(path, _LONG)} cannot be written.")
    why = error.strerror or str(error) or type(error).__name__
    return StoreError(f"{shorten(path, _LONG)} cannot be written: {why}.")


def _take_place(folder: Path, path: Path) -> None:
    if not path.exists():
        os.rename(folder, path)
        return
    before = path.with_name(f"{folder.name}.replaced")
    os.rename(path, before)
    try:
        os.rename(folder, path)
    except OSError:
        os.rename(before, path)
        raise
    shutil.rmtree(before) if before.is_dir() else before.unlink()
