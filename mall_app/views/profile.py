"""The profile of the segments: a heat map of differences and a table of figures."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import param
from bokeh.models import HoverTool

from mall_app.plots.base import quiet
from mall_app.plots.heatmap import LARGEST_DIFFERENCE, heatmap_ticks, profile_heatmap
from mall_app.views.profile_table import ProfileTable
from mall_app.views.state import ViewState


class ProfileView(pn.viewable.Viewer):
    """Heat map over table, both in the original units.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    state = param.ClassSelector(class_=ViewState, constant=True)

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state=state, **params)
        self._heatmap = pn.pane.HoloViews(self._figure(), sizing_mode="stretch_width", margin=0)
        self._table = ProfileTable(state)
        state.model.param.watch(self._rebuild, "result")
        state.param.watch(self._rebuild, "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._heatmap, self._table, sizing_mode="stretch_width", margin=(8, 0))

    def _rebuild(self, *_: Any) -> None:
        self._heatmap.object = self._figure()

    def _figure(self) -> hv.Overlay:
        result, palette = self.state.model.result, self.state.palette
        hover = HoverTool(
            tooltips=[
                ("Segment", "@name"),
                ("Mean", "@mean @unit"),
                ("From the average", "@difference{+0.00} deviations"),
            ]
        )
        columns, segments = heatmap_ticks(result)
        return profile_heatmap(result, palette).opts(
            hv.opts.Rectangles(
                color="shade",
                cmap=palette.diverging,
                clim=(-LARGEST_DIFFERENCE, LARGEST_DIFFERENCE),
                responsive=True,
                height=96 + 40 * max(1, result.n_clusters),
                colorbar=True,
                clabel="Deviations from average",
                tools=[hover],
                hooks=[quiet],
                line_color=palette.ground,
                line_width=2,
                toolbar=None,
                xlabel="Mean of each column, in its unit",
                ylabel="Segment",
                xticks=columns,
                yticks=segments,
                show_grid=False,
            ),
            hv.opts.Labels(text_color=palette.text, text_font_size="12px"),
        )
