"""A calculation that a page waits for, and how far it is."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

from mall_app.engine.work import Work


class UnderWay:
    """What a person is told of work that is not done.

    Parameters
    ----------
    what : str
        What is calculated; empty when it is not to be shown.
    work : Future
        The calculation; one of the engine tells how far it is.
    """

    def __init__(self, what: str, work: Future[Any]) -> None:
        self.what = what
        self._began = time.monotonic()
        self._told = (0, 0, "")
        if isinstance(work, Work):
            work.listen(self._hear)

    def _hear(self, *told: Any) -> None:
        self._told = told  # in a thread of the engine; whoever draws the page looks when it is time

    @property
    def seconds(self) -> float:
        """Time since it began."""
        return time.monotonic() - self._began

    @property
    def share(self) -> float | None:
        """Share that is done of the step at hand, from 0 to 1; None when nobody knows."""
        done, total, _ = self._told
        return min(1.0, done / total) if total > 0 else None

    def in_words(self) -> str:
        """Say how far it is and how long it has taken.

        Examples
        --------
        >>> UnderWay("A fit", Future()).in_words()
        '0 s'
        """
        done, total, step = self._told
        counted = f"{done:,} of {total:,}" if total > 0 else f"{done:,}" if done else ""
        said = ": ".join(own for own in (step, counted) if own)
        return " · ".join(own for own in (said, f"{self.seconds:.0f} s") if own)
