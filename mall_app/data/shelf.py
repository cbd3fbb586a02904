"""A folder that takes so many tables and no more, and that several processes may use at once."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mall_app.errors import DataError, StoreError, StoreFull

ID_PATTERN = "[0-9a-f]{24}"
SUFFIX = ".parquet"
_ID_BYTES = 12
_LONGEST_WRITE_SECONDS = 3600
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Shelf:
    """Parquet files, or folders of them, each under an id that nobody can guess.

    Parameters
    ----------
    folder : Path
        Where; it is made when the first table is kept.
    most : int
        How many it takes.
    most_bytes : int
        How large they may be together.
    """

    def __init__(self, folder: Path, most: int, most_bytes: int) -> None:
        self.folder = folder
        self.most = most
        self.most_bytes = most_bytes

    def put(self, write: Callable[[Path], None]) -> str:
        """Keep a table; nothing is left of it when it cannot be written whole.

        Parameters
        ----------
        write : callable
            Writes a file or a folder of this name.

        Returns
        -------
        str
            Its id: 24 hexadecimal digits.

        Raises
        ------
        StoreFull
            There are too many tables or too large ones, or the disk is full.
        StoreError
            The folder cannot be written.
        DataError
            The table cannot be kept anywhere.
        """
        own = secrets.token_hex(_ID_BYTES)
        draft = self.folder / f".{own}.draft"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self._check_room(0)
            write(draft)
            with self._locked():
                self._check_room(n_bytes_of(draft))
                os.rename(draft, self._path(own))
        except OSError as error:
            raise explained(error) from error
        except (DataError, StoreError) as error:
            if isinstance(error.__cause__, OSError):
                raise explained(error.__cause__) from error
            raise
        finally:
            remove(draft)
        return own

    def path(self, own: str) -> Path | None:
        """Give where a table is; None when there is no such one."""
        if not re.fullmatch(ID_PATTERN, own):
            return None
        path = self._path(own)
        return path if path.exists() else None

    def ids(self) -> list[str]:
        """Give the ids of all tables."""
        if not self.folder.exists():
            return []
        found = (path.stem for path in self.folder.iterdir() if path.suffix == SUFFIX)
        return [own for own in found if re.fullmatch(ID_PATTERN, own)]

    def delete(self, own: str) -> bool:
        """Throw a table away; whether there was one."""
        gone = self.folder / f".{own}.{secrets.token_hex(4)}.gone"
        try:
            os.rename(self._path(own), gone)  # at once, so that nobody finds half of it
        except FileNotFoundError:
            return False
        except OSError as error:
            raise explained(error) from error
        remove(gone)
        return True

    def _path(self, own: str) -> Path:
        return self.folder / f"{own}{SUFFIX}"

    def _check_room(self, n_bytes: int) -> None:
        sizes = [n_bytes_of(self._path(own)) for own in self.ids()]
        if len(sizes) >= self.most:
            raise StoreFull(
                f"There is room for {self.most} datasets, and there are {len(sizes)}; "
                "delete one first."
            )
        if sum(sizes) + n_bytes > self.most_bytes:
            raise StoreFull(
                f"There is room for {self.most_bytes:,} bytes of datasets, and with this one there "
                f"would be {sum(sizes) + n_bytes:,}; delete one first."
            )

    def _sweep(self) -> None:
        """Throw away what a process that was killed left half written."""
        for path in self.folder.glob(".*.*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _LONGEST_WRITE_SECONDS:
                    remove(path)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time count what is there and add to it."""
        with (self.folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def n_bytes_of(path: Path) -> int:
    """Give the size of a file, or of all files below a folder; 0 when it is gone."""
    with contextlib.suppress(FileNotFoundError):
        if path.is_dir():
            return sum(n_bytes_of(own) for own in path.iterdir())
        return path.stat().st_size
    return 0


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there; what cannot be removed is swept up later."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()


def explained(error: OSError) -> StoreError:
    """Give the error for a folder of tables that cannot be used."""
    if error.errno in _FULL:
        return StoreFull("The disk that datasets are kept on is full; delete one first.")
    text = error.strerror or type(error).__name__
    return StoreError(f"The folder of datasets cannot be used: {text[0].lower()}{text[1:]}.")
