"""Fits that nobody has asked for yet, and that give way to whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Any

from mall_app.data.table import Table
from mall_app.engine.work import Places
from mall_app.fit import resolve
from mall_app.result import ClusteringResult
from mall_app.settings import Settings

Begin = Callable[[Table, Settings, Places], "Future[ClusteringResult]"]


class Ahead:
    """Does one fit at a time while there is nothing else to do.

    Parameters
    ----------
    begin : callable
        Starts the fit of resolved settings in one of the places given, or gives what is known.
    asked : sequence of Places
        Of everything that is asked for.
    """

    def __init__(self, begin: Begin, asked: Sequence[Places]) -> None:
        self._begin = begin
        self._asked = asked
        self._places = Places(1, 1)
        self._work: Future[ClusteringResult] | None = None
        self._lock = Lock()

    def fit(self, table: Table, settings: Settings) -> Future[ClusteringResult] | None:
        """Fit what may be asked for next; the first call that is asked for stops it.

        Returns
        -------
        Future or None
            None when there is anything else to do; finished when it is known already.

        Raises
        ------
        SettingsError
            The settings break a rule.
        """
        if self._is_busy() or self._places.taken:
            return None
        work = self._begin(table, resolve(table, settings), self._places)
        with self._lock:
            self._work = work
        if self._is_busy():
            self._stop()
        return work

    def give_way_to(self, asked: Future[Any]) -> None:
        """Stop when something is to be worked out; who asked for the same goes on waiting."""
        if not asked.done():
            self._stop()

    def _stop(self) -> None:
        with self._lock:
            work, self._work = self._work, None
        if work is not None:
            work.cancel()

    def _is_busy(self) -> bool:
        return any(own.taken for own in self._asked)
