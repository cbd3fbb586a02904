"""The scatter of customers: redrawn by columns, so that zoom and selection survive a refit."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
from bokeh.models import HoverTool

from mall_app.plots.base import column_values, padded, quiet
from mall_app.plots.scatter import segment_centres, segment_scatter, tooltips
from mall_app.views.linking import Link
from mall_app.views.live import LiveElement
from mall_app.views.state import ViewState

HEIGHT = 440


class ScatterView(pn.viewable.Viewer):
    """Customers on two columns; a box or lasso selects them everywhere.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(**params)
        self.state = state
        self._points = LiveElement(
            lambda: self._element(segment_scatter),
            fill_color="color",
            line_color="color",
            hatch_color="color",
            marker="marker",
        )
        self._centres = LiveElement(
            lambda: self._element(segment_centres),
            fill_color="color",
            line_color="ring",
            hatch_color="color",
            marker="marker",
        )
        self._link = Link(state, self._points)
        self._table = state.model.table
        self._pane = pn.pane.HoloViews(
            self._figure(), sizing_mode="stretch_width", height=HEIGHT, linked_axes=False, margin=0
        )
        state.plots.watch(self._redraw)
        state.param.watch(self._rebuild, ["x", "y"])

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _element(self, draw: Any) -> hv.Points:
        state = self.state
        return draw(state.model.table, state.model.result, state.x, state.y, state.palette)

    def _redraw(self) -> None:
        if self._table is not self.state.model.table:
            self._rebuild()
            return
        self._points.send()
        self._centres.send()
        self._link.mark()
        pn.io.push_notebook(self._pane)

    def _rebuild(self, *_: Any) -> None:
        """Draw a new figure: other axes, or other customers."""
        self._table = self.state.model.table
        self._pane.object = self._figure()

    def _figure(self) -> hv.Overlay:
        state, table = self.state, self.state.model.table
        hover = HoverTool(tooltips=tooltips(table), attachment="horizontal")
        points = self._points.draw().opts(
            tools=[hover, "box_select", "lasso_select", "tap"],
            nonselection_alpha=0.12,
            selection_alpha=1.0,
            hooks=[self._points.attach, self._link.attach, quiet],
        )
        centres = self._centres.draw().opts(hooks=[self._centres.attach])
        return (points * centres).opts(
            hv.opts.Overlay(
                responsive=True,
                height=HEIGHT,
                show_grid=True,
                active_tools=["box_select"],
                toolbar="above",
                xlabel=state.x,
                ylabel=state.y,
                show_legend=False,
                xlim=padded(column_values(table, state.x)),
                ylim=padded(column_values(table, state.y)),
            )
        )
