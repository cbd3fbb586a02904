"""One score over the number of segments."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import panel_material_ui as pmui

from mall_app.plots.base import padded, quiet
from mall_app.plots.sweep import TITLES, sweep_here, sweep_line, sweep_points
from mall_app.sweep import Sweep
from mall_app.views.live import LiveElement
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

HEIGHT = 220


class SweepChart(StateView):
    """A line of one score, with the k in use marked.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    name : str
        A key of `TITLES`.
    """

    def __init__(self, state: ViewState, name: str, **params: Any) -> None:
        super().__init__(state, **params)
        self._name = name
        self._sweep: Sweep | None = None
        self._figure: Any = None
        self._line = LiveElement(lambda: sweep_line(self._sweep, name))
        self._points = LiveElement(lambda: sweep_points(self._sweep, name))
        self._here = LiveElement(lambda: sweep_here(self._sweep, name, self._k()))
        self._pane: Any = None
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)

    def __panel__(self) -> pn.viewable.Viewable:
        title, direction = TITLES[self._name]
        head = pmui.Typography(f"**{title}** · {direction}", variant="body2", margin=(0, 0, 4, 0))
        return pn.Column(
            head, self._place, sizing_mode="stretch_width", margin=0, styles={"flex": "1 1 380px"}
        )

    def show(self, sweep: Sweep) -> None:
        """Show a sweep, and the k in use in it."""
        self._sweep = sweep
        if self._pane is None:
            self._pane = pn.pane.HoloViews(
                self._overlay(),
                height=HEIGHT,
                linked_axes=False,
                sizing_mode="stretch_width",
                margin=0,
            )
            self._place.append(self._pane)
            return
        for element in (self._line, self._points, self._here):
            element.send()
        self._adjust()
        pn.io.push_notebook(self._pane)

    def _k(self) -> int | None:
        return self.state.model.result.settings.n_clusters

    def _overlay(self) -> hv.Overlay:
        palette = self.state.palette
        line = self._line.draw().opts(
            color=palette.muted, line_width=1.5, hooks=[self._line.attach, quiet]
        )
        points = self._points.draw().opts(color=palette.muted, size=6, hooks=[self._points.attach])
        here = self._here.draw().opts(
            color=palette.accent, size=12, hooks=[self._here.attach, self._hold]
        )
        return (line * points * here).opts(
            hv.opts.Overlay(
                responsive=True,
                height=HEIGHT,
                show_grid=True,
                toolbar=None,
                show_legend=False,
                xlabel="Number of segments (k)",
                ylabel=TITLES[self._name][0],
            )
        )

    def _hold(self, plot: Any, _element: Any) -> None:
        if self._figure is not plot.state:
            self._figure = plot.state
            self._adjust()

    def _adjust(self) -> None:
        """Show all k there are, one tick each."""
        if self._figure is None or self._sweep is None:
            return
        ks = list(self._sweep.results)
        start, end = padded(self._sweep.scores[self._name].to_numpy())
        self._figure.x_range.update(start=min(ks) - 0.5, end=max(ks) + 0.5)
        self._figure.y_range.update(start=start, end=end)
        self._figure.xaxis.ticker = ks
