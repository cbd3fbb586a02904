"""The scatter of customers: redrawn by columns, so that zoom and selection survive a refit."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np
import panel as pn
from bokeh.models import HoverTool

from mall_app.identity.lineage import Lineage
from mall_app.plots.base import Axis, axis_title, column_values, padded, quiet, short
from mall_app.plots.scatter import (
    centre_columns,
    scatter_columns,
    segment_centres,
    segment_scatter,
    tooltips,
)
from mall_app.result import ClusteringResult
from mall_app.views.density import DensityLayer
from mall_app.views.drawing import Drawing
from mall_app.views.linking import Link
from mall_app.views.live import LiveElement
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

HEIGHT = 440
LONGEST_TITLE = 48


class ScatterView(StateView):
    """Customers on two columns, or their density; a box or lasso selects them everywhere."""

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._points = LiveElement(
            lambda: self._element(segment_scatter, positions=self._density.positions),
            lambda: self._element(scatter_columns, positions=self._density.positions),
            fill_color="color",
            line_color="color",
            hatch_color="color",
            marker="marker",
        )
        self._centres = LiveElement(
            lambda: self._element(segment_centres),
            lambda: self._element(centre_columns),
            fill_color="color",
            line_color="ring",
            hatch_color="color",
            marker="marker",
        )
        self._density = DensityLayer(state, self._mark)
        self._link = Link(state, self._points, told=lambda: not self._density.is_large)
        self._figure: Any = None
        self._hover: Any = None
        self._framed_for: tuple[Any, ...] = ()
        self._pane = pn.pane.HoloViews(
            self._overlay(), sizing_mode="stretch_width", height=HEIGHT, linked_axes=False, margin=0
        )
        state.plots.watch(self._redraw, at_once=True)
        state.param.watch(lambda *_: self._redraw(), ["x", "y"])

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _element(self, draw: Any, **which: Any) -> Any:
        state = self.state
        return draw(state.model.table, state.model.result, *self._axes(), state.palette, **which)

    def _axes(self) -> tuple[str | Axis, str | Axis]:
        return self.state.axis("x"), self.state.axis("y")

    def _redraw(self) -> None:
        self._density.begin()
        self._points.send()
        self._centres.send()
        self._frame()
        self._link.mark()
        self._density.draw()
        pn.io.push_notebook(self._pane)

    def foresee(self, after: Lineage, _before: ClusteringResult) -> list[Drawing]:
        """Give what changes with another result of the same table."""
        own = (after.table, after.result, *self._axes(), self.state.palette)
        return [
            self._points.foresee(scatter_columns(*own), "customers"),
            self._centres.foresee(centre_columns(*own), "centres"),
        ]

    def _mark(self) -> None:
        """Mark other customers of a table that is drawn as density."""
        self._points.send()
        self._link.mark()
        pn.io.push_notebook(self._pane)

    def _overlay(self) -> hv.Overlay:
        hover = HoverTool(tooltips=tooltips(self.state.model.table), attachment="horizontal")
        # HoloViews can give no figure to an element of nobody; nobody is what is drawn at first.
        one = np.zeros(1, dtype=np.int64) if self._density.is_large else None
        points = self._element(segment_scatter, positions=one).opts(
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
            self._density.attach(plot.state, plot.handles["glyph_renderer"])
            self._density.draw()

    def _frame(self) -> None:
        """Set axes and tooltip when they show something else; otherwise a zoom stays."""
        table = self.state.model.table
        x, y = self._axes()
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
