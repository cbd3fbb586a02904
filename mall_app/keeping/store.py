"""A folder of models, each under an id of its own."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mall_app.environment import whole_number
from mall_app.errors import ModelFileError, ModelNotFound, StoreError, StoreFull
from mall_app.keeping.model_file import SUFFIX, Archive, about_model, load_model

ID_PATTERN = "[0-9a-f]{24}"
_ID_BYTES = 12
_LONGEST_WRITE_SECONDS = 3600
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Entry:
    """What a folder knows of one model without reading it whole.

    Parameters
    ----------
    id : str
        Its id.
    n_bytes : int
        Size of its file.
    about : dict or None
        Its name, when and with what it was saved, its algorithm, segments and rows; None when the
        file is damaged.
    fault : str or None
        What is wrong with the file, in a sentence.
    """

    id: str
    n_bytes: int
    about: dict[str, Any] | None
    fault: str | None = None


class ModelStore:
    """Keeps models in a folder that several processes may use at once.

    Parameters
    ----------
    folder : Path
        Where; it is made when the first model is kept.
    most_models : int, default 100
        How many it takes.
    most_bytes : int, default 2**30
        How large their files may be together.
    """

    def __init__(self, folder: Path, most_models: int = 100, most_bytes: int = 2**30) -> None:
        self.folder = folder
        self.most_models = most_models
        self.most_bytes = most_bytes

    def put(self, save: Callable[[Path], None]) -> str:
        """Keep a model.

        Parameters
        ----------
        save : callable
            Writes the model to the path it is given.

        Returns
        -------
        str
            Its id: 24 hexadecimal digits that nobody can guess.

        Raises
        ------
        StoreFull
            There are too many models or too large ones, or the disk is full.
        StoreError
            The folder cannot be written.
        ModelFileError
            The model cannot be saved anywhere.
        """
        own = secrets.token_hex(_ID_BYTES)
        draft = self.folder / f".{own}.draft"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self._check_room(0)
            save(draft)
            with self._locked():
                self._check_room(draft.stat().st_size)
                os.rename(draft, self._path(own))
        except OSError as error:
            raise _explained(error) from error
        except ModelFileError as error:
            if isinstance(error.__cause__, OSError):
                raise _explained(error.__cause__) from error
            raise
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
        return own

    def get(self, own: str) -> Archive:
        """Read a model.

        Raises
        ------
        ModelNotFound
            There is none of that id.
        StoreError
            Its file is damaged or cannot be read.
        """
        path = self.path(own)
        try:
            return load_model(path)
        except ModelFileError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise _no_such_model(own) from error
            raise StoreError(f"Model {own} cannot be read: {_told(error)}") from error

    def entry(self, own: str) -> Entry:
        """Say what is known of a model without reading it whole.

        Raises
        ------
        ModelNotFound
            There is none of that id.
        """
        path = self.path(own)
        try:
            return self._entry(path)
        except FileNotFoundError as error:
            raise _no_such_model(own) from error
        except OSError as error:
            raise _explained(error) from error

    def entries(self) -> tuple[Entry, ...]:
        """Say what models there are, the newest first and damaged ones last.

        Raises
        ------
        StoreError
            The folder cannot be read.
        """
        found = []
        try:
            for path in self._paths():
                with contextlib.suppress(FileNotFoundError):  # deleted by another meanwhile
                    found.append(self._entry(path))
        except OSError as error:
            raise _explained(error) from error
        return tuple(sorted(found, key=_age, reverse=True))

    def delete(self, own: str) -> None:
        """Throw a model away.

        Raises
        ------
        ModelNotFound
            There is none of that id.
        StoreError
            It cannot be deleted.
        """
        try:
            self.path(own).unlink()
        except FileNotFoundError as error:
            raise _no_such_model(own) from error
        except OSError as error:
            raise _explained(error) from error

    def path(self, own: str) -> Path:
        """Give the file of an id that has the form of one.

        Raises
        ------
        ModelNotFound
            It has not, so there can be no such model.
        """
        if not re.fullmatch(ID_PATTERN, own):
            raise _no_such_model(own)
        return self._path(own)

    def _path(self, own: str) -> Path:
        return self.folder / f"{own}{SUFFIX}"

    def _paths(self) -> list[Path]:
        if not self.folder.exists():
            return []
        return [
            path
            for path in self.folder.iterdir()
            if path.suffix == SUFFIX and re.fullmatch(ID_PATTERN, path.stem)
        ]

    def _entry(self, path: Path) -> Entry:
        n_bytes = path.stat().st_size
        try:
            return Entry(path.stem, n_bytes, about_model(path))
        except ModelFileError as error:
            return Entry(path.stem, n_bytes, None, error.detail)
        except FileNotFoundError:
            raise
        except OSError as error:  # of this file alone: the others can still be told
            return Entry(path.stem, n_bytes, None, f"The file cannot be read: {_reason(error)}.")

    def _check_room(self, n_bytes: int) -> None:
        sizes = []
        for path in self._paths():
            with contextlib.suppress(FileNotFoundError):
                sizes.append(path.stat().st_size)
        if len(sizes) >= self.most_models:
            raise StoreFull(
                f"There is room for {self.most_models} models, and there are {len(sizes)}; "
                "delete one first."
            )
        if sum(sizes) + n_bytes > self.most_bytes:
            raise StoreFull(
                f"There is room for {self.most_bytes:,} bytes of models, and with this one there "
                f"would be {sum(sizes) + n_bytes:,}; delete one first."
            )

    def _sweep(self) -> None:
        """Throw away what a process that was killed left half written."""
        for path in self.folder.glob(".*.*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _LONGEST_WRITE_SECONDS:
                    path.unlink()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time count what is there and add to it."""
        with (self.folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def model_store() -> ModelStore:
    """Give the folder of models that the environment names.

    ``MALL_MODELS_DIR`` is the folder, or else one for the data of the user; ``MALL_MODELS_MAX``
    how many models it takes, or else 100; ``MALL_MODELS_MB`` their size together, or else 1024.

    Raises
    ------
    SizeError
        A variable is no whole number or out of its range.
    """
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    folder = os.environ.get("MALL_MODELS_DIR") or Path(data) / "mall-app" / "models"
    return ModelStore(
        Path(folder),
        whole_number("MALL_MODELS_MAX", 100, 1, 100_000),
        whole_number("MALL_MODELS_MB", 1024, 1, 10_000_000) * 2**20,
    )


def _age(entry: Entry) -> tuple[str, str]:
    return ("" if entry.about is None else str(entry.about["saved"]), entry.id)


def _no_such_model(own: str) -> ModelNotFound:
    return ModelNotFound(f"There is no model {own[:80]!r}.")


def _explained(error: OSError) -> StoreError:
    if error.errno in _FULL:
        return StoreFull("The disk that models are kept on is full; delete one first.")
    return StoreError(f"The folder of models cannot be used: {_reason(error)}.")


def _told(error: ModelFileError) -> str:
    """Say what is wrong with a file, not where it is: that is nothing for who asks from afar."""
    cause = error.__cause__
    return f"{_reason(cause)}." if isinstance(cause, OSError) else error.detail


def _reason(error: OSError) -> str:
    text = error.strerror or type(error).__name__
    return text[0].lower() + text[1:]
