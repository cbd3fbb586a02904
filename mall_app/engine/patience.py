"""How long whoever calls the engine is ready to wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_seconds: ContextVar[float] = ContextVar("engine_patience", default=0.0)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Give calls of an engine that are made here, and name no deadline, at least so long.

    Parameters
    ----------
    seconds : float
        From a call to its answer.

    Examples
    --------
    >>> with patience(600):
    ...     deadline_here(30), deadline_here(3600)
    (600, 3600)
    >>> deadline_here(30)
    30
    """
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


def deadline_here(usual: float) -> float:
    """Give the deadline of a call made here whose usual one is `usual`."""
    return max(usual, _seconds.get())
