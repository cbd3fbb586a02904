"""The projection as two more axes of the scatter, worked out when one of them is looked at."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

import numpy as np

from mall_app.data.table import Table
from mall_app.engine import Engine, InlineEngine
from mall_app.errors import WorkbenchError
from mall_app.geometry.projecting import project_table
from mall_app.geometry.projection import Projection
from mall_app.model.model import ClusteringModel
from mall_app.plots.base import Axis
from mall_app.views.page_loop import when_done

MOST_ROWS_AT_ONCE = 2_000
_DECIDING = ("features", "scaling", "missing", "distance", "weights", "random_state")


def projection_names(table: Table) -> tuple[str, str]:
    """Give names for the two axes that no column has.

    Examples
    --------
    >>> import pandas as pd
    >>> projection_names(Table.from_frame(pd.DataFrame({"Age": [1, 2]})))
    ('Projection 1', 'Projection 2')
    """
    start = "Projection"
    while f"{start} 1" in table.frame or f"{start} 2" in table.frame:
        start += " of the features"
    return f"{start} 1", f"{start} 2"


class Projected:
    """Gives the axes of the projection; those of a large table a little later.

    Parameters
    ----------
    model : ClusteringModel
        What is projected.
    engine : Engine or InlineEngine
        Works out what takes longer than a few milliseconds.
    arrived : callable
        Called when a projection has come that was not there at once.
    failed : callable
        Called with a sentence when there is none.
    begun, ended : callable
        Called with what is being worked out, and with it when it is done.
    """

    def __init__(
        self,
        model: ClusteringModel,
        engine: Engine | InlineEngine,
        arrived: Callable[[], None],
        failed: Callable[[str], None],
        begun: Callable[[str, Future[Any]], None],
        ended: Callable[[Future[Any]], None],
    ) -> None:
        self._model = model
        self._engine = engine
        self._arrived = arrived
        self._failed = failed
        self._begun, self._ended = begun, ended
        self._of: Any = None
        self._axes: tuple[Axis, Axis] | None = None
        self._running: Future[Any] | None = None

    def axis(self, place: int) -> Axis:
        """Give the first (0) or second (1) axis; without a place for anybody until it is there."""
        table, settings = self._model.table, self._model.result.settings
        wanted = (id(table), [getattr(settings, name) for name in _DECIDING])
        if wanted != self._of:
            self._of, self._axes = wanted, None
            self._begin()
        if self._axes is not None:
            return self._axes[place]
        return Axis(f"{projection_names(table)[place]} …", np.full(len(table), np.nan))

    def _begin(self) -> None:
        model = self._model
        if self._running is not None:
            self._running.cancel()
            self._running = None
        whole = model.result.population
        known = model.table, model.result.settings, whole.encoding if whole else None
        if len(model.table) <= MOST_ROWS_AT_ONCE:
            self._keep(*project_table(*known))
            return
        try:
            self._running = self._engine.call(project_table, *known)
        except WorkbenchError as error:
            self._failed(f"The projection could not be made. {error}")
            return
        self._begun("Projection of the customers", self._running)
        when_done(self._running, self._take)

    def _take(self, done: Future[Any]) -> None:
        self._ended(done)
        if done is not self._running:
            return
        self._running = None
        try:
            self._keep(*done.result())
        except CancelledError:
            return
        except WorkbenchError as error:
            self._failed(f"The projection could not be made. {error}")
            return
        self._arrived()

    def _keep(self, rows: Any, projection: Projection) -> None:
        values = np.full((len(self._model.table), 2), np.nan)
        values[rows] = projection.coordinates
        names = projection_names(self._model.table)
        first, second = (
            Axis(f"{name} ({share:.0%} of the differences)", values[:, place])
            for place, (name, share) in enumerate(zip(names, projection.explained, strict=True))
        )
        self._axes = (first, second)
