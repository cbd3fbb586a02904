"""The profile of the segments: a heat map of differences and a table of figures."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import param
from bokeh.models import FixedTicker, HoverTool

from mall_app.identity.lineage import Lineage
from mall_app.plots.base import STILL, quiet
from mall_app.plots.heatmap import (
    LARGEST_DIFFERENCE,
    cell_columns,
    heatmap_ticks,
    mean_columns,
    profile_cells,
    profile_means,
)
from mall_app.result import ClusteringResult
from mall_app.views.drawing import Drawing, drawing_of
from mall_app.views.live import LiveElement
from mall_app.views.profile_contributions import ContributionsView
from mall_app.views.profile_table import ProfileTable
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

LEAST_HEIGHT, HEAD_HEIGHT, ROW_HEIGHT = 320, 96, 28
NAMES_WIDTH, LEAST_CELL_WIDTH, MOST_FLAT_NAMES = 360, 72, 6


class ProfileView(StateView):
    """Heat map over table, both in the original units."""

    active = param.Boolean(default=True, doc="Whether somebody looks.")

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._cells = LiveElement(
            lambda: profile_cells(state.model.result), lambda: cell_columns(state.model.result)
        )
        self._means = LiveElement(
            lambda: profile_means(state.model.result), lambda: mean_columns(state.model.result)
        )
        self._plot: Any = None
        self._heatmap = pn.pane.HoloViews(self._figure(), sizing_mode="stretch_width", margin=0)
        self._scroll = pn.Column(
            self._heatmap, sizing_mode="stretch_width", margin=0, styles={"overflow-x": "auto"}
        )
        self._contributions = ContributionsView(state)
        self._table = ProfileTable(state)
        self.param.watch(self._look, "active")
        state.plots.watch(self._redraw)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._scroll,
            self._contributions,
            self._table,
            sizing_mode="stretch_width",
            margin=(8, 0),
        )

    def foresee(self, after: Lineage, _before: ClusteringResult) -> list[Drawing]:
        """Give what changes with another result of the same table, if somebody looks."""
        if not self.active or self._plot is None:
            return []
        return [
            self._cells.foresee(cell_columns(after.result), "profile cells"),
            self._means.foresee(mean_columns(after.result), "profile means"),
            *self._rows(after.result),
        ]

    def _look(self, *_: Any) -> None:
        self._table.active = self._contributions.active = self.active
        self._redraw()

    def _redraw(self) -> None:
        if not self.active:
            return
        self._scroll.visible = bool(self.state.model.result.profiles)
        self._cells.send()
        self._means.send()
        self._adjust()
        pn.io.push_notebook(self._heatmap)

    def _figure(self) -> hv.Overlay:
        palette = self.state.palette
        hover = HoverTool(
            tooltips=[
                ("Segment", "@name"),
                ("Mean", "@mean @unit"),
                ("From the average", "@difference{+0.00} deviations"),
            ]
        )
        cells = self._cells.draw().opts(
            color="color",
            cmap=palette.diverging,
            clim=(-LARGEST_DIFFERENCE, LARGEST_DIFFERENCE),
            colorbar=True,
            clabel="Deviations from average",
            **STILL,
            tools=[hover],
            line_color=palette.ground,
            line_width=2,
            hooks=[self._cells.attach, quiet, self._hold_cells],
        )
        means = self._means.draw().opts(
            **STILL,
            text_color=palette.text,
            text_font_size="12px",
            hooks=[self._means.attach, self._hold_plot],
        )
        return (cells * means).opts(
            hv.opts.Overlay(
                responsive=True,
                height=LEAST_HEIGHT,
                toolbar=None,
                show_grid=False,
                xlabel="Mean of each column, in its unit",
                ylabel="Segment",
            )
        )

    def _hold_cells(self, plot: Any, _element: Any) -> None:
        self._cell_glyph = plot.handles["glyph"]

    def _hold_plot(self, plot: Any, _element: Any) -> None:
        if self._plot is not plot.state:
            self._plot, self._mean_glyph = plot.state, plot.handles["glyph"]
            # Once: with every new model Bokeh goes through all there are on the page.
            self._plot.xaxis.ticker, self._plot.yaxis.ticker = FixedTicker(), FixedTicker()
            self._adjust()

    def _adjust(self) -> None:
        """Give the figure a row a segment, a place a column, and the colours of the theme."""
        if self._plot is None:
            return
        columns, _ = heatmap_ticks(self.state.model.result)
        # As a style: Panel would give a property to all the page around it, on a phone too.
        least = NAMES_WIDTH + LEAST_CELL_WIDTH * len(columns)
        self._plot.styles = {"min-width": f"{least}px"}
        self._plot.x_range.update(start=-0.5, end=max(1, len(columns)) - 0.5)
        self._plot.xaxis.ticker.ticks = [place for place, _ in columns]
        self._plot.xaxis.major_label_overrides = dict(columns)
        for own in self._rows(self.state.model.result):
            own.mirror()
        crowded = len(columns) > MOST_FLAT_NAMES
        self._plot.xaxis.major_label_orientation = 0.6 if crowded else "horizontal"
        palette = self.state.palette
        self._cell_glyph.fill_color.transform.palette = palette.diverging
        self._cell_glyph.line_color = palette.ground
        self._mean_glyph.text_color = palette.text

    def _rows(self, result: ClusteringResult) -> list[Drawing]:
        """Give the height, the range and the names that go with the segments of a result."""
        _, segments = heatmap_ticks(result)
        # The same height for any usual k: another one would lay out the whole page again.
        height = max(LEAST_HEIGHT, HEAD_HEIGHT + ROW_HEIGHT * len(segments))
        [axis] = self._plot.yaxis
        return [
            drawing_of(self._plot, "profile", height=height),
            drawing_of(
                self._plot.y_range, "profile rows", start=0.5 - max(1, len(segments)), end=0.5
            ),
            drawing_of(axis.ticker, "profile ticks", ticks=[place for place, _ in segments]),
            drawing_of(axis, "profile names", major_label_overrides=dict(segments)),
        ]
