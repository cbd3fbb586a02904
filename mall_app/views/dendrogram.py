"""The dendrogram of a hierarchical method, and the line that cuts it."""

from __future__ import annotations

from html import escape
from typing import Any

import holoviews as hv
import panel as pn
from bokeh.models import HoverTool

from mall_app.geometry.hierarchy import Hierarchy
from mall_app.plots.base import STILL, quiet
from mall_app.plots.dendrogram import (
    LOWEST,
    X_TITLE,
    Y_TITLE,
    dendrogram_lines,
    segment_strip,
    strip_numbers,
)
from mall_app.settings import N_CLUSTERS_BOUNDS
from mall_app.views.live import LiveElement
from mall_app.views.method_line import DraggableLine
from mall_app.views.method_table import foldable
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

HEIGHT = 380
MOST_ROWS = 12


class DendrogramView(StateView):
    """The last joins, with a line to drag: what it crosses are the segments.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    hierarchy : Hierarchy
        Of the customers of the result.
    """

    def __init__(self, state: ViewState, hierarchy: Hierarchy, **params: Any) -> None:
        super().__init__(state, **params)
        self._own = hierarchy
        self._lines = LiveElement(
            lambda: dendrogram_lines(self._own, state.model.result, state.palette),
            line_color="color",
        )
        self._strip = LiveElement(
            lambda: segment_strip(self._own, state.model.result, state.palette),
            fill_color="color",
            hatch_color="color",
        )
        self._numbers = LiveElement(lambda: strip_numbers(self._own, state.model.result))
        self._number_glyph: Any = None
        self._figure: Any = None
        self._cut = DraggableLine(self._dragged)
        self._pane = pn.pane.HoloViews(
            self._overlay(), sizing_mode="stretch_width", height=HEIGHT, linked_axes=False, margin=0
        )
        self._table = pn.pane.HTML("", sizing_mode="stretch_width", margin=(8, 0))

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._pane, self._table, sizing_mode="stretch_width", margin=0)

    def show(self, hierarchy: Hierarchy) -> None:
        """Show a hierarchy, in the colours of the segments in use."""
        self._own = hierarchy
        for element in (self._lines, self._strip, self._numbers):
            element.send()
        self._adjust()
        pn.io.push_notebook(self._pane)

    @property
    def _top(self) -> float:
        return 1.08 * (float(self._own.heights[-1]) or 1.0)

    def _overlay(self) -> hv.Overlay:
        lines = self._lines.draw().opts(**STILL, line_width=1.6, hooks=[self._lines.attach, quiet])
        hover = HoverTool(tooltips=[("Segment", "@segment_name"), ("Customers", "@customers{0,0}")])
        strip = self._strip.draw().opts(
            **STILL, line_width=0, line_alpha=0, tools=[hover], hooks=[self._strip.attach]
        )
        numbers = self._numbers.draw().opts(
            **STILL,
            text_font_size="12px",
            text_color=self.state.palette.text,
            hooks=[self._numbers.attach, self._hold],
        )
        return (lines * strip * numbers).opts(
            hv.opts.Overlay(
                responsive=True,
                height=HEIGHT,
                xlabel=X_TITLE,
                ylabel=Y_TITLE,
                toolbar=None,
                show_grid=False,
                xticks=0,
            )
        )

    def _hold(self, plot: Any, _element: Any) -> None:
        if self._figure is not plot.state:
            self._figure, self._number_glyph = plot.state, plot.handles["glyph"]
            self._cut.attach(plot.state, self.state.palette)
            self._adjust()

    def _adjust(self) -> None:
        """Fit the axes, and put the line where it leaves the number of segments in use."""
        if self._figure is None:
            return
        self._figure.x_range.update(start=-1.0, end=float(self._own.n_leaves))
        self._figure.y_range.update(start=LOWEST * self._top / 1.08, end=self._top)
        self._number_glyph.text_color = self.state.palette.text
        self._cut.colour(self.state.palette)
        wanted = self.state.model.n_clusters
        dragged = self._cut.height
        if dragged is None or self._own.n_clusters_at(dragged) != wanted:
            self._cut.place(self._own.height_of(wanted), self._top, f"{wanted} segments")
        self._table.object = self._text(wanted)

    def _dragged(self, height: float) -> None:
        """Set k to what the line crosses; one less than two would be no segments."""
        least, most = N_CLUSTERS_BOUNDS
        wanted = min(max(self._own.n_clusters_at(height), least), most)
        self._cut.say(f"{wanted} segments")
        if wanted != self.state.model.n_clusters:
            self.state.model.n_clusters = wanted

    def _text(self, wanted: int) -> str:
        rows = []
        for k in range(2, min(self._own.n_leaves, MOST_ROWS) + 1):
            low, high = self._own.interval_of(k)
            here = " class='here'" if k == wanted else ""
            rows.append(
                f"<tr{here}><td>{k}</td><td>{low:,.3g}</td><td>{high:,.3g}</td>"
                f"<td>{high - low:,.3g}</td></tr>"
            )
        heads = ("Segments", "From height", "To height", "Room")
        head = "".join(f"<th>{escape(own)}</th>" for own in heads)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        return foldable("Heights as a table", table, self.state.palette)
