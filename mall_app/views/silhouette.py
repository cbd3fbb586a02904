"""The silhouette plot beside the scatter, with the same colours and selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import holoviews as hv
import numpy as np
import panel as pn
from bokeh.models import HoverTool

from mall_app.identity.lineage import Lineage
from mall_app.plots.base import quiet
from mall_app.plots.silhouettes import (
    X_TITLE,
    Y_TITLE,
    bar_columns,
    silhouette_bars,
    silhouette_mean,
)
from mall_app.result import ClusteringResult
from mall_app.views.drawing import Drawing, drawing_of
from mall_app.views.linking import Link
from mall_app.views.live import LiveElement
from mall_app.views.scatter import HEIGHT
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView


class SilhouetteView(StateView):
    """A bar a customer, sorted within segments, and the mean of all."""

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._bars = LiveElement(
            lambda: silhouette_bars(state.model.result, state.palette),
            lambda: bar_columns(state.model.result, state.palette),
            fill_color="color",
            hatch_color="color",
        )
        self._link = Link(state, self._bars)
        self._plot: Any = None
        self._mean: Any = None
        self._pane = pn.pane.HoloViews(
            self._figure(), sizing_mode="stretch_width", height=HEIGHT, linked_axes=False, margin=0
        )
        state.plots.watch(self._redraw, at_once=True)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _redraw(self) -> None:
        self._bars.send()
        self._adjust()
        self._link.mark()
        pn.io.push_notebook(self._pane)

    def _figure(self) -> hv.Overlay:
        hover = HoverTool(
            tooltips=[("Segment", "@segment_name"), ("Silhouette", "@silhouette{0.000}")]
        )
        bars = self._bars.draw().opts(
            line_width=0,
            line_alpha=0,
            tools=[hover, "box_select", "tap"],
            nonselection_alpha=0.15,
            hooks=[self._bars.attach, self._link.attach, quiet, self._hold_plot],
        )
        mean = silhouette_mean(self.state.model.result).opts(
            line_width=1.5, line_dash="dashed", hooks=[self._hold_mean]
        )
        return (bars * mean).opts(
            hv.opts.Overlay(
                responsive=True,
                height=HEIGHT,
                xlabel=X_TITLE,
                ylabel=Y_TITLE,
                yticks=0,
                toolbar="above",
                show_grid=False,
                active_tools=["box_select"],
                xlim=(-1, 1),
            )
        )

    def _hold_plot(self, plot: Any, _element: Any) -> None:
        self._plot = plot.state

    def _hold_mean(self, plot: Any, _element: Any) -> None:
        self._mean = plot.handles["glyph"]
        self._adjust()

    def _adjust(self) -> None:
        """Fit the axes and the line of the mean to the bars; here a refit changes the range."""
        if self._plot is None or self._mean is None:
            return
        for own in self._around(self._bars.source.data, self.state.model.result):
            own.mirror()

    def foresee(self, after: Lineage, _before: ClusteringResult) -> list[Drawing]:
        """Give what changes with another result of the same table."""
        bars = bar_columns(after.result, self.state.palette)
        return [self._bars.foresee(bars, "silhouettes"), *self._around(bars, after.result)]

    def _around(self, bars: Mapping[str, Any], result: ClusteringResult) -> list[Drawing]:
        """Give the axes and the line of the mean that go with bars."""
        score = result.silhouette_score
        lowest = float(np.min(bars["left"], initial=0.0))
        highest = float(np.max(bars["right"], initial=0.0)) if len(bars["right"]) else 1.0
        across = {"start": lowest - 0.05, "end": min(1.0, highest + 0.1)}
        mean = {
            "location": 0.0 if score is None else score,
            "visible": score is not None,
            "line_color": self.state.palette.text,
        }
        return [
            drawing_of(self._plot.x_range, "silhouettes across", **across),
            drawing_of(self._plot.y_range, "silhouettes up", start=-len(bars["left"]) - 1, end=1),
            drawing_of(self._mean, "mean silhouette", **mean),
        ]
