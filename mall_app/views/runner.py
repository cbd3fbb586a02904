"""Runs a page's fits in the shared engine, one at a time, the latest wins."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.engine import Engine, patience
from mall_app.errors import WorkbenchError
from mall_app.identity.lineage import Lineage, Revision
from mall_app.model.model import ClusteringModel
from mall_app.outcome import revise
from mall_app.result import ClusteringResult
from mall_app.views.page_loop import when_done
from mall_app.views.state import ViewState

PATIENCE = 0.3
MOST_ROWS_AT_ONCE = 100_000

_Then = Callable[[ClusteringModel, Any], None]


@dataclass(frozen=True, eq=False)
class _Foreseen:
    """What a fit leads to by the edits there are; no lineage where a worker has to apply them."""

    edits: list[dict[str, Any]]
    revision: Revision
    lineage: Lineage | None


def _foreseen(model: ClusteringModel, base: ClusteringResult) -> _Foreseen:
    edits, revision = model.edits, model.revision(base)
    return _Foreseen(edits, revision, model.foreseen(revision) if revision.is_quick else None)


class EngineRunner:
    """Hands the fits of one page to worker processes, so that the page stays live.

    A change during a fit waits for it when it is short; a fit longer than 0.3 s is stopped, for
    its answer is no longer wanted.

    Parameters
    ----------
    engine : Engine
        Shared with the API.
    state : ViewState
        Told what is running.
    """

    def __init__(self, engine: Engine, state: ViewState) -> None:
        self._engine = engine
        self._state = state
        self._thread: ThreadPoolExecutor | None = None
        self._running: Future[Any] | None = None
        self._started = 0.0
        self._again = False
        self._unwanted: Future[Any] | None = None
        state.param.watch(self._give_up, "stopped")

    def __call__(self, model: ClusteringModel) -> None:
        """Fit the settings of `model` as they stand now."""
        if self._running is not None:
            self._again = True
            if time.monotonic() - self._started > PATIENCE:
                self._running.cancel()
            return
        try:
            with patience(self._engine.long_deadline):
                future = self._engine.fit(model.table, model.settings.unedited())
        except WorkbenchError as error:
            model.refuse(error)
            return
        if future.done():
            self._deliver(model, future)
            return
        title = algorithms()[model.algorithm].title
        on_dask = model.engine == "dask" or model.table.whole is not None
        where = " on the Dask cluster" if on_dask else ""
        told = f"{title} on {model.table.n_customers:,} customers{where}"
        self._begin(told, future, partial(self._finish, model, model.table))

    def _give_up(self, *_: Any) -> None:
        """Fit nothing after what is stopped, and show nothing of it that has come too late."""
        self._again, self._unwanted = False, self._running

    def _begin(self, told: str, future: Future[Any], then: Callable[[Future[Any]], None]) -> None:
        self._running, self._started = future, time.monotonic()
        self._state.begin(told, future)
        when_done(future, then)

    def _finish(self, model: ClusteringModel, table: Table, done: Future[Any]) -> None:
        is_wanted = self._over(done)
        again, self._again = self._again, False
        # Else another was opened meanwhile, with a result of its own.
        if is_wanted and model.table is table:
            self._deliver(model, done)
        if again:
            self(model)

    def _over(self, done: Future[Any]) -> bool:
        """Count work as over, and say whether anybody wants what came of it."""
        is_wanted = done is not self._unwanted
        self._running = self._unwanted = None
        self._state.end(done)
        return is_wanted

    def _deliver(self, model: ClusteringModel, done: Future[Any]) -> None:
        try:
            base = done.result()
            if len(base.rows) > MOST_ROWS_AT_ONCE:
                self._number(model, base)
            else:
                self._accept(model, _foreseen(model, base))
        except CancelledError:
            return
        except WorkbenchError as error:
            model.refuse(error)

    def _number(self, model: ClusteringModel, base: ClusteringResult) -> None:
        """Find beside the page which segments of a large table are which of those before."""
        self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="numbering")
        future = self._thread.submit(_foreseen, model, base)
        self._follow(f"Numbering {len(base.rows):,} customers", future, model, self._accept)

    def _accept(self, model: ClusteringModel, foreseen: _Foreseen) -> None:
        if model.edits != foreseen.edits:  # one more was made meanwhile
            self._number(model, foreseen.revision.base)
        elif foreseen.lineage is None:
            self._revise(model, foreseen.revision)
        else:
            model.accept_foreseen(foreseen.lineage)

    def _revise(self, model: ClusteringModel, revision: Revision) -> None:
        """Have a worker apply edits to a table that is not small."""
        with patience(self._engine.long_deadline):
            future = self._engine.call(
                revise, revision.table, revision.base, revision.numbering, revision.edits
            )
        told = f"Edits of {len(revision.table):,} customers"
        self._follow(told, future, model, lambda own, result: own.accept_revised(revision, result))

    def _follow(self, told: str, future: Future[Any], model: ClusteringModel, then: _Then) -> None:
        """Have something done with a fit before it is shown."""
        self._begin(told, future, partial(self._take, model, model.table, then))

    def _take(self, model: ClusteringModel, table: Table, then: _Then, done: Future[Any]) -> None:
        is_wanted = self._over(done)
        again, self._again = self._again, False
        if is_wanted and model.table is table:
            try:
                then(model, done.result())
            except CancelledError:
                pass
            except WorkbenchError as error:
                model.refuse(error)
        if again:
            self(model)
