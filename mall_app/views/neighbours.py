"""The numbers of segments next to the one in use, fitted while nobody asks for anything."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

from mall_app.engine import Engine
from mall_app.errors import WorkbenchError
from mall_app.settings import N_CLUSTERS_BOUNDS
from mall_app.views.page_loop import open_page, when_done, when_open
from mall_app.views.state import ViewState

IDLE_MS = 500
MOST_ROWS = 100_000
STEPS = (1, -1, 2, -2)


class Neighbours:
    """Fills the engine's memory, so that the next step of the slider is a lookup.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine
        Does the work when it has nothing else to do.
    found : callable
        Called when a neighbour is there.
    """

    def __init__(self, state: ViewState, engine: Engine, found: Callable[[], None]) -> None:
        self._state = state
        self._engine = engine
        self._found = found
        self._latest = 0
        state.plots.watch(self._later)
        when_open(self._later)

    def _later(self) -> None:
        """Begin when the page has been left alone for a moment."""
        self._latest += 1
        document = open_page()
        if document is not None:
            document.add_timeout_callback(partial(self.begin, self._latest), IDLE_MS)

    def begin(self, number: int = 0) -> None:
        """Fit the next neighbour that is not known, and the one after it when that is done.

        Parameters
        ----------
        number : int
            Of the redraw after which it is; a later one puts an end to it.
        """
        model, used = self._state.model, self._state.model.result.settings
        whole_held = model.table.whole is None and len(model.table) <= MOST_ROWS
        if number != self._latest or used.n_clusters is None or not whole_held:
            return
        settings = model.settings.unedited()
        most = min(N_CLUSTERS_BOUNDS[1], len(model.table) - 1)
        for k in (used.n_clusters + step for step in STEPS):
            if not N_CLUSTERS_BOUNDS[0] <= k <= most:
                continue
            try:
                work = self._engine.ahead.fit(model.table, settings.changed(n_clusters=k))
            except WorkbenchError:
                return  # the settings as they stand are refused, and the page says so
            if work is None:
                return
            if not work.done():
                self._state.begin("", work)
                when_done(work, partial(self._go_on, number))
                return

    def _go_on(self, number: int, done: Future[Any]) -> None:
        try:
            done.result()
        except (CancelledError, WorkbenchError):
            return  # something was asked for, or there are not as many segments to be had
        finally:
            self._state.end(done)
        if number == self._latest:
            self._found()
        self.begin(number)
