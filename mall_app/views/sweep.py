"""Every score over k, calculated beside the page and kept for the slider."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import param

from mall_app.plots.base import quiet
from mall_app.plots.sweep import TITLES, sweep_curve
from mall_app.sweep import Sweep
from mall_app.views.state import ViewState

RANGE = range(1, 11)


class SweepView(pn.viewable.Viewer):
    """Four small charts, one a score, with the k in use marked.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    state = param.ClassSelector(class_=ViewState, constant=True)
    sweep = param.ClassSelector(class_=Sweep, doc="The scores by k, or None.")

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state=state, **params)
        self._grid = pn.FlexBox(sizing_mode="stretch_width", gap="16px", margin=(8, 0))
        self._panes = {
            name: pn.pane.HoloViews(None, height=240, min_width=260, sizing_mode="stretch_width",
                                    linked_axes=False, margin=0, styles={"flex": "1 1 260px"})
            for name in TITLES
        }
        self.param.watch(self._redraw, "sweep")
        state.model.param.watch(self._redraw, "result")
        state.param.watch(self._redraw, "dark")
        self._redraw()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._grid

    def _redraw(self, *_: Any) -> None:
        if not self.state.model.method.needs_n_clusters:
            self._say(f"{self.state.model.method.title} finds the number of segments itself; "
                      "there is no k to sweep over.")
        elif self.sweep is None:
            self._say("Scores for every k are being calculated.")
        else:
            self._draw(self.sweep)

    def _draw(self, sweep: Sweep) -> None:
        palette, k = self.state.palette, self.state.model.result.settings.n_clusters
        for name, pane in self._panes.items():
            pane.object = sweep_curve(sweep, name, k, palette).opts(
                hv.opts.Overlay(
                    responsive=True, height=240, show_grid=True, toolbar=None, show_legend=False,
                    xlabel="Number of segments (k)", xlim=(0.5, max(sweep.results) + 0.5),
                    hooks=[quiet(palette)],
                )
            )
        if list(self._grid) != list(self._panes.values()):
            self._grid.objects = list(self._panes.values())

    def _say(self, text: str) -> None:
        self._grid.objects = [pn.pane.Str(text, margin=(16, 0))]
