"""Every error this package raises on purpose.

::

    WorkbenchError
    ├── InputError (ValueError)      something the caller can change
    │   ├── DataError                the table cannot be read or used
    │   ├── SettingsError            a setting breaks a rule or does not fit the table
    │   └── ModelFileError           a file is no model, is damaged, or cannot be read or written
    ├── EngineError (RuntimeError)   the work was sound, the machine was not free for it
    │   ├── EngineBusy               too much is waiting already
    │   ├── DeadlineExceeded         it took longer than allowed and was stopped
    │   ├── WorkerDied               the process doing it was killed or ran out of memory
    │   └── EngineUnavailable        the Dask cluster is not there, or went away
    └── StoreError (RuntimeError)    the folder of models or of tables cannot do what was asked
        ├── ModelNotFound            it has no such model
        ├── DatasetNotFound          it has no such table
        ├── DatasetFixed             a table is not the caller's to delete
        └── StoreFull                it, or the disk, has no room left
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

Path = tuple[str | int, ...]


class WorkbenchError(Exception):
    """Base of every error raised on purpose."""


class InputError(WorkbenchError, ValueError):
    """The input breaks a rule; the message names the field, the rule and the value.

    Parameters
    ----------
    detail : str
        One full sentence a person can act on.
    path : tuple of str or int
        Where in the settings it is, such as ``("params", "eps")``; empty for the whole input.
    """

    def __init__(self, detail: str, path: Path = ()) -> None:
        super().__init__(detail, path)
        self.detail = detail
        self.path = path

    def __str__(self) -> str:
        """Give the sentence."""
        return self.detail


class DataError(InputError):
    """The table cannot be read, or cannot be clustered as it is."""


class SettingsError(InputError):
    """A setting is of the wrong type, out of range, or does not fit the table."""


class ModelFileError(InputError):
    """A file is no model, is damaged or from a later version, or cannot be read or written."""


class EngineError(WorkbenchError, RuntimeError):
    """The work could not be finished for a reason that is not in the input."""


class EngineBusy(EngineError):
    """Too much work is waiting already; try again after `retry_after` seconds."""

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail, retry_after)
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Give the sentence."""
        return str(self.args[0])


class DeadlineExceeded(EngineError):
    """The work took longer than its deadline and was stopped."""


class WorkerDied(EngineError):
    """The process that did the work was killed or ran out of memory."""


class EngineUnavailable(EngineError):
    """The Dask cluster is not there, has no workers, or went away; try again later."""


class StoreError(WorkbenchError, RuntimeError):
    """The folder of models or of tables cannot be read or written."""


class ModelNotFound(StoreError):
    """There is no such model."""


class DatasetNotFound(StoreError):
    """There is no such table."""


class DatasetFixed(StoreError):
    """The table is built in or the operator's, so it cannot be deleted from here."""


class StoreFull(StoreError):
    """There is no room for another model or table."""


def did_you_mean(value: str, options: Iterable[str]) -> str:
    """Give the end of a sentence that offers the nearest of `options`, or lists them all.

    Examples
    --------
    >>> did_you_mean("Agee", ["Age", "Gender"])
    "did you mean 'Age'?"
    >>> did_you_mean("xyz", ["Age", "Gender"])
    "it must be one of 'Age', 'Gender'."
    """
    names = list(options)
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(value.casefold(), list(folded), n=1, cutoff=0.5)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    shown = ", ".join(repr(name) for name in names[:20])
    return f"it must be one of {shown}{', ...' if len(names) > 20 else ''}."
