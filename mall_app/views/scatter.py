"""The scatter of customers: redrawn by patches, so that zoom and selection survive a refit."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import param
from bokeh.models import HoverTool

from mall_app.plots.base import column_values, padded, quiet
from mall_app.plots.scatter import (
    centre_options,
    point_options,
    segment_centres,
    segment_scatter,
    tooltips,
)
from mall_app.views.linking import Link
from mall_app.views.state import ViewState

HEIGHT = 440


class ScatterView(pn.viewable.Viewer):
    """Customers on two columns; a box or lasso selects them everywhere.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    state = param.ClassSelector(class_=ViewState, constant=True)

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state=state, **params)
        self._link = Link(state)
        self._changes = hv.streams.Counter()
        self._pane = pn.pane.HoloViews(
            self._figure(), sizing_mode="stretch_width", height=HEIGHT, linked_axes=False, margin=0
        )
        state.model.param.watch(self._redraw, "result")
        state.param.watch(self._redraw, "dark")
        state.param.watch(self._rebuild, ["x", "y"])

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _redraw(self, *_: Any) -> None:
        self._changes.event(counter=self._changes.counter + 1)

    def _rebuild(self, *_: Any) -> None:
        self._pane.object = self._figure()

    def _points(self, counter: int) -> hv.Points:
        state = self.state
        return segment_scatter(
            state.model.table, state.model.result, state.x, state.y, state.palette
        )

    def _centres(self, counter: int) -> hv.Points:
        state = self.state
        return segment_centres(
            state.model.table, state.model.result, state.x, state.y, state.palette
        )

    def _figure(self) -> hv.Overlay:
        state, table = self.state, self.state.model.table
        hover = HoverTool(tooltips=tooltips(table, state.x, state.y), attachment="horizontal")
        points = hv.DynamicMap(self._points, streams=[self._changes]).opts(
            hv.opts.Points(
                tools=[hover, "box_select", "lasso_select", "tap"],
                xlim=padded(column_values(table, state.x)),
                ylim=padded(column_values(table, state.y)),
                **point_options([self._link.attach_rows, quiet]),
            )
        )
        centres = hv.DynamicMap(self._centres, streams=[self._changes]).opts(
            hv.opts.Points(**centre_options())
        )
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
            )
        )
