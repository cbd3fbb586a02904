"""Rules, typical and doubtful customers: worked out once a result, and only if somebody reads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from mall_app.engine import Engine, InlineEngine
from mall_app.errors import WorkbenchError
from mall_app.explaining import explain_result
from mall_app.explanation import Explanation
from mall_app.views.page_loop import when_done
from mall_app.views.state import ViewState

MOST_ROWS_AT_ONCE = 2_000


class Explainer:
    """Gives the explanation of the result on a page; of a large table a little later.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine or InlineEngine
        Works out what takes longer than a few milliseconds.
    """

    def __init__(self, state: ViewState, engine: Engine | InlineEngine) -> None:
        self._state = state
        self._engine = engine
        self._of: Any = None
        self._found: Explanation | None = None
        self._running: Future[Any] | None = None
        self._watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` when an explanation has come that was not there at once."""
        self._watchers.append(watcher)

    def now(self) -> Explanation | None:
        """Give the explanation, or None while it is worked out."""
        model = self._state.model
        if self._of is not model.result:
            self._of, self._found = model.result, None
            self._begin()
        return self._found

    def _begin(self) -> None:
        model = self._state.model
        if self._running is not None:
            self._running.cancel()
            self._running = None
        if len(model.result.labels) <= MOST_ROWS_AT_ONCE:
            self._found = explain_result(model.table, model.result)
            return
        try:
            self._running = self._engine.call(explain_result, model.table, model.result)
        except WorkbenchError as error:
            self._state.problem = f"The segments could not be explained. {error}"
            return
        self._state.begin("", self._running)
        when_done(self._running, self._take)

    def _take(self, done: Future[Any]) -> None:
        self._state.end(done)
        if done is not self._running:
            return
        self._running = None
        try:
            self._found = done.result()
        except CancelledError:
            return
        except WorkbenchError as error:
            self._state.problem = f"The segments could not be explained. {error}"
            return
        for watcher in self._watchers:
            watcher()
