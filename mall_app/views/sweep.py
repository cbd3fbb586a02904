"""Every score over k, calculated beside the page and kept for the slider."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from mall_app.engine import Engine, InlineEngine, patience
from mall_app.errors import WorkbenchError
from mall_app.plots.sweep import TITLES, score_curve
from mall_app.sweep import Sweep
from mall_app.views.page_loop import when_done
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.style import as_text
from mall_app.views.sweep_chart import KChart

RANGE = range(1, 11)
MOST_ROWS_AHEAD = 5_000


class SweepView(StateView):
    """Four small charts, one a score, with the k in use marked.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine or InlineEngine
        Calculates the sweep.
    ahead : bool, default False
        Whether to sweep before anybody looks, which also fills the cache behind the slider.
    """

    active = param.Boolean(default=False, doc="Whether somebody looks.")

    def __init__(
        self, state: ViewState, engine: Engine | InlineEngine, ahead: bool = False, **params: Any
    ) -> None:
        super().__init__(state, **params)
        self._engine = engine
        self._ahead = ahead
        self._sweep: Sweep | None = None
        self._of: tuple[Any, ...] | None = None
        self._running: Future[Any] | None = None
        self._charts = {name: KChart(state, score_curve(None, name)) for name in TITLES}
        self._words = pmui.Typography("", variant="body2", margin=(16, 0), visible=False)
        self._grid = pn.FlexBox(
            *self._charts.values(),
            gap="16px",
            sizing_mode="stretch_width",
            margin=(8, 0),
            visible=False,
        )
        self.param.watch(self._update, "active")
        state.plots.watch(self._update)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._words, self._grid, sizing_mode="stretch_width", margin=0)

    def _update(self, *_: Any) -> None:
        """Sweep anew when anything but k changed; else just mark the k in use."""
        model = self.state.model
        used = model.result.settings
        if used.n_clusters is None:
            self._sweep = self._of = None
            self._say(
                f"{model.method.title} finds the number of segments itself; "
                "there is no k to sweep over."
            )
            return
        wanted = (model.table.sha256, used.changed(n_clusters=2).canonical())
        if wanted == self._of:
            self._draw()
            return
        if self.active or (self._ahead and len(model.table) <= MOST_ROWS_AHEAD):
            self._of = wanted
            self._start()

    def _start(self) -> None:
        model = self.state.model
        if self._running is not None:
            self._running.cancel()
        self._sweep = None
        self._say("Scores for every k are being calculated.")
        try:
            with patience(self._engine.long_deadline):
                self._running = self._engine.sweep(model.table, model.result.settings, RANGE)
        except WorkbenchError as error:
            self._fail(error)
            return
        self.state.begin("Scores for every k" if self.active else "", self._running)
        when_done(self._running, self._take)

    def _take(self, done: Future[Any]) -> None:
        self.state.end(done)
        if done is not self._running:
            return
        try:
            self._sweep = done.result()
        except CancelledError:
            return
        except WorkbenchError as error:
            self._fail(error)
            return
        self._draw()

    def _fail(self, error: WorkbenchError) -> None:
        self._of = None
        self._say(f"The scores for every k could not be calculated. {error}")

    def _draw(self, *_: Any) -> None:
        if self._sweep is None or not self.active:
            return
        self._words.visible = False
        self._grid.visible = True
        for name, chart in self._charts.items():
            chart.show(score_curve(self._sweep, name))

    def _say(self, text: str) -> None:
        self._words.param.update(object=as_text(text), visible=True)
        self._grid.visible = False
