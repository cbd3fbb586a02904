"""One chart an index, and one of how well single segments come back."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import panel_material_ui as pmui
from bokeh.models import FixedTicker, HoverTool
from bokeh.models.annotations import Span

from mall_app.evidence import Evidence
from mall_app.evidence.index import TITLES
from mall_app.evidence.stability import STABLE, UNSTABLE
from mall_app.plots.base import STILL, quiet
from mall_app.plots.evidence import drawn_indices, index_curve, segment_overlaps
from mall_app.plots.sweep import KCurve
from mall_app.views.live import LiveElement
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.sweep_chart import HEIGHT, KChart

LEGEND = (
    "Ring: the number an index votes for. Filled: the number in use. Bars: one standard error up "
    "and down. Click in a chart to use that number."
)


class EvidenceCharts(StateView):
    """A grid of charts over the number of segments; made when there is something to show."""

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._charts = {name: KChart(state, KCurve(title, "")) for name, title in TITLES.items()}
        self._overlaps = OverlapChart(state)
        # All are in the page from the start, for a figure takes the theme from where it is put.
        self._frames = {name: own.__panel__() for name, own in self._charts.items()}
        self._frames["overlaps"] = self._overlaps.__panel__()
        self._grid = pn.FlexBox(
            *self._frames.values(), gap="16px", sizing_mode="stretch_width", margin=(8, 0)
        )

    def __panel__(self) -> pn.viewable.Viewable:
        legend = pmui.Typography(
            LEGEND, variant="caption", color="text.secondary", margin=(16, 0, 0, 0)
        )
        return pn.Column(legend, self._grid, sizing_mode="stretch_width", margin=0)

    def show(self, evidence: Evidence) -> None:
        """Show evidence, and the k in use in it."""
        shown = drawn_indices(evidence)
        for name in shown:
            self._charts[name].show(index_curve(evidence, name))
        if evidence.stability:
            self._overlaps.show(evidence)
            shown.append("overlaps")
        for name, frame in self._frames.items():
            frame.visible = name in shown


class OverlapChart(StateView):
    """A dot a segment for each number of segments: its overlap with those of the bootstraps."""

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._evidence: Evidence | None = None
        self._figure: Any = None
        self._limits: list[Span] = []
        self._dots = LiveElement(
            lambda: segment_overlaps(self._evidence, state.palette),
            fill_color="fill",
            line_color="line",
            hatch_color="fill",
        )
        self._pane: Any = None
        head = pmui.Typography(
            "**Overlap of single segments** · filled above 0.75: stable · hollow below 0.6: not",
            variant="body2",
            margin=(0, 0, 4, 0),
        )
        self._frame = pn.Column(
            head,
            sizing_mode="stretch_width",
            margin=0,
            styles={"flex": "1 1 320px", "min-width": "0"},
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self._frame

    def show(self, evidence: Evidence) -> None:
        """Show the segments of each number of segments."""
        self._evidence = evidence
        if self._pane is None:
            self._pane = pn.pane.HoloViews(
                self._element(),
                height=HEIGHT,
                linked_axes=False,
                sizing_mode="stretch_width",
                margin=0,
            )
            self._frame.append(self._pane)
            return
        self._dots.send()
        self._adjust()
        pn.io.push_notebook(self._pane)

    def _element(self) -> hv.Scatter:
        hover = HoverTool(
            tooltips=[
                ("Customers", "@size{0,0}"),
                ("Overlap (Jaccard)", "@jaccard{0.00}"),
                ("Verdict", "@verdict"),
            ]
        )
        return self._dots.draw().opts(
            color="fill",
            line_color="line",
            size=9,
            line_width=1.5,
            tools=[hover],
            responsive=True,
            height=HEIGHT,
            toolbar=None,
            **STILL,
            show_grid=True,
            xlabel="Number of segments (k)",
            ylabel="Overlap (Jaccard, 1 is best)",
            ylim=(0, 1.05),
            hooks=[self._dots.attach, quiet, self._hold],
        )

    def _hold(self, plot: Any, _element: Any) -> None:
        if self._figure is not plot.state:
            self._figure = plot.state
            self._figure.xaxis.ticker = FixedTicker()
            self._limits = [
                Span(location=at, dimension="width", line_dash="dashed", line_width=1)
                for at in (STABLE, UNSTABLE)
            ]
            for limit in self._limits:
                self._figure.add_layout(limit)
            self._adjust()

    def _adjust(self) -> None:
        if self._figure is None or self._evidence is None:
            return
        for limit in self._limits:
            limit.line_color = self.state.palette.muted
        ks = list(self._evidence.ks)
        self._figure.x_range.update(start=min(ks) - 0.5, end=max(ks) + 0.5)
        self._figure.xaxis.ticker.ticks = ks
