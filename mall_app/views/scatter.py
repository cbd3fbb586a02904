"""The scatter of customers: redrawn by columns, so that zoom and selection survive a refit."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
from bokeh.models import HoverTool

from mall_app.plots.base import axis_title, column_values, padded, quiet, short
from mall_app.plots.scatter import segment_centres, segment_scatter, tooltips
from mall_app.views.linking import Link
from mall_app.views.live import LiveElement
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

HEIGHT = 440
LONGEST_TITLE = 48


class ScatterView(StateView):
    """Customers on two columns; a box or lasso selects them everywhere."""

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
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
        self._figure: Any = None
        self._hover: Any = None
        self._framed_for: tuple[Any, ...] = ()
        self._pane = pn.pane.HoloViews(
            self._overlay(), sizing_mode="stretch_width", height=HEIGHT, linked_axes=False, margin=0
        )
        state.plots.watch(self._redraw)
        state.param.watch(lambda *_: self._redraw(), ["x", "y"])

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _element(self, draw: Any) -> hv.Points:
        state = self.state
        axes = (state.axis("x"), state.axis("y"))
        return draw(state.model.table, state.model.result, *axes, state.palette)

    def _redraw(self) -> None:
        self._points.send()
        self._centres.send()
        self._frame()
        self._link.mark()
        pn.io.push_notebook(self._pane)

    def _overlay(self) -> hv.Overlay:
        hover = HoverTool(tooltips=tooltips(self.state.model.table), attachment="horizontal")
        points = self._points.draw().opts(
            tools=[hover, "box_select", "lasso_select", "tap"],
            nonselection_alpha=0.12,
            selection_alpha=1.0,
            hooks=[self._points.attach, _shade, self._link.attach, quiet, self._hold],
        )
        centres = self._centres.draw().opts(hooks=[self._centres.attach])
        return (points * centres).opts(
            hv.opts.Overlay(
                responsive=True,
                height=HEIGHT,
                show_grid=True,
                active_tools=["box_select"],
                toolbar="above",
                show_legend=False,
            )
        )

    def _hold(self, plot: Any, _element: Any) -> None:
        if self._figure is not plot.state:
            self._figure, self._framed_for = plot.state, ()
            self._hover = plot.state.select_one(HoverTool)  # HoloViews put in a copy
            self._frame()

    def _frame(self) -> None:
        """Set axes and tooltip when they show something else; otherwise a zoom stays."""
        state, table = self.state, self.state.model.table
        x, y = state.axis("x"), state.axis("y")
        wanted = (id(table), x, y)
        if self._figure is None or wanted == self._framed_for:
            return
        self._framed_for = wanted
        self._hover.tooltips = tooltips(table)
        self._figure.xaxis.axis_label = short(axis_title(x), LONGEST_TITLE)
        self._figure.yaxis.axis_label = short(axis_title(y), LONGEST_TITLE)
        for axis, name in ((self._figure.x_range, x), (self._figure.y_range, y)):
            start, end = padded(column_values(table, name))
            axis.update(start=start, end=end, reset_start=start, reset_end=end)


def _shade(plot: Any, _element: Any) -> None:
    """Take the opacity of a mark from its customer; where some are selected, from that."""
    opacity = {"field": "opacity"}
    plot.handles["glyph_renderer"].glyph.update(fill_alpha=opacity, line_alpha=opacity)
