"""The silhouette plot beside the scatter, with the same colours and selection."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import param
from bokeh.models import HoverTool

from mall_app.plots.base import quiet
from mall_app.plots.silhouettes import X_TITLE, Y_TITLE, silhouette_bars, silhouette_mean
from mall_app.views.linking import Link
from mall_app.views.scatter import HEIGHT
from mall_app.views.state import ViewState


class SilhouetteView(pn.viewable.Viewer):
    """A bar a customer, sorted within segments, and the mean of all.

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

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _redraw(self, *_: Any) -> None:
        self._changes.event(counter=self._changes.counter + 1)

    def _figure(self) -> hv.Overlay:
        state = self.state
        hover = HoverTool(
            tooltips=[("Segment", "@segment_name"), ("Silhouette", "@silhouette{0.000}")]
        )
        bars = hv.DynamicMap(
            lambda counter: silhouette_bars(state.model.result, state.palette),
            streams=[self._changes],
        ).opts(
            hv.opts.Rectangles(
                color="colour",
                line_width=0,
                line_alpha=0,
                tools=[hover, "box_select", "tap"],
                nonselection_alpha=0.15,
                framewise=True,
                hooks=[self._link.attach_rows, quiet],
            )
        )
        mean = hv.DynamicMap(
            lambda counter: silhouette_mean(state.model.result),
            streams=[self._changes],
        ).opts(hv.opts.VLine(line_width=1.5, line_dash="dashed", hooks=[self._ink]))
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
            )
        )

    def _ink(self, plot: Any, _element: Any) -> None:
        """Draw the mean in the colour of the text, also after the theme changed."""
        plot.handles["glyph"].line_color = self.state.palette.text
