"""One value over the number of segments; a click takes a number."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np
import panel as pn
import panel_material_ui as pmui
from bokeh.events import Tap
from bokeh.models import FixedTicker

from mall_app.plots.base import STILL, padded, quiet
from mall_app.plots.sweep import (
    KCurve,
    curve_errors,
    curve_here,
    curve_line,
    curve_points,
    curve_vote,
)
from mall_app.settings import N_CLUSTERS_BOUNDS
from mall_app.views.live import LiveElement
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

HEIGHT = 220


class KChart(StateView):
    """A line over k, with the k in use filled and the k it votes for in a ring.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    curve : KCurve
        What is shown first; drawn when `show` is called.
    """

    def __init__(self, state: ViewState, curve: KCurve, **params: Any) -> None:
        super().__init__(state, **params)
        self._curve = curve
        self._figure: Any = None
        self._glyphs: dict[str, Any] = {}
        self._line = LiveElement(lambda: curve_line(self._curve))
        self._errors = LiveElement(lambda: curve_errors(self._curve))
        self._points = LiveElement(lambda: curve_points(self._curve))
        self._here = LiveElement(lambda: curve_here(self._curve, self._k()))
        self._vote = LiveElement(lambda: curve_vote(self._curve))
        self._pane: Any = None
        self._head = pmui.Typography(self._heading(), variant="body2", margin=(0, 0, 4, 0))
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._frame = pn.Column(
            self._head,
            self._place,
            sizing_mode="stretch_width",
            margin=0,
            styles={"flex": "1 1 320px", "min-width": "0"},
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self._frame

    def show(self, curve: KCurve) -> None:
        """Show a curve, and the k in use in it."""
        self._curve = curve
        self._head.object = self._heading()
        if self._pane is None:
            self._pane = pn.pane.HoloViews(
                self._overlay(),
                height=HEIGHT,
                linked_axes=False,
                sizing_mode="stretch_width",
                margin=0,
            )
            self._place.append(self._pane)
            return
        for element in (self._line, self._errors, self._points, self._here, self._vote):
            element.send()
        self._adjust()
        pn.io.push_notebook(self._pane)

    def _heading(self) -> str:
        return f"**{self._curve.title}** · {self._curve.note}"

    def _k(self) -> int | None:
        return self.state.model.result.settings.n_clusters

    def _overlay(self) -> hv.Overlay:
        line = self._line.draw().opts(
            **STILL, line_width=1.5, hooks=[self._line.attach, quiet, self._keep("line")]
        )
        errors = self._errors.draw().opts(
            **STILL, line_width=1.5, hooks=[self._errors.attach, self._keep("errors")]
        )
        points = self._points.draw().opts(
            **STILL, size=6, hooks=[self._points.attach, self._keep("points")]
        )
        here = self._here.draw().opts(
            **STILL, size=12, hooks=[self._here.attach, self._keep("here")]
        )
        vote = self._vote.draw().opts(
            **STILL,
            size=20,
            fill_alpha=0.0,
            line_width=2,
            hooks=[self._vote.attach, self._keep("vote"), self._hold],
        )
        return (line * errors * points * here * vote).opts(
            hv.opts.Overlay(
                responsive=True,
                height=HEIGHT,
                show_grid=True,
                toolbar=None,
                show_legend=False,
                xlabel="Number of segments (k)",
                ylabel=self._curve.axis or self._curve.title,
            )
        )

    def _keep(self, name: str) -> Any:
        def keep(plot: Any, _element: Any) -> None:
            self._glyphs[name] = plot.handles["glyph"]

        return keep

    def _hold(self, plot: Any, _element: Any) -> None:
        if self._figure is not plot.state:
            self._figure = plot.state
            # Once: with every new model Bokeh goes through all there are on the page.
            self._figure.xaxis.ticker = FixedTicker()
            self._figure.on_event(Tap, self._tapped)
            self._adjust()

    def _adjust(self) -> None:
        """Show all k there are, one tick each, in the colours of the theme."""
        if self._figure is None:
            return
        palette, curve = self.state.palette, self._curve
        for name in ("line", "errors"):
            self._glyphs[name].line_color = palette.muted
        for name, colour in (("points", palette.muted), ("here", palette.accent)):
            self._glyphs[name].update(fill_color=colour, line_color=colour)
        self._glyphs["vote"].line_color = palette.text
        ks = list(curve.values) or [1, 2]
        spread = np.array([curve.errors.get(k, 0.0) for k in curve.values])
        values = np.array(list(curve.values.values()))
        start, end = padded(np.concatenate([values - spread, values + spread]), 0.12)
        self._figure.x_range.update(start=min(ks) - 0.5, end=max(ks) + 0.5)
        self._figure.y_range.update(start=start, end=end)
        self._figure.xaxis.ticker.ticks = ks
        self._figure.yaxis.axis_label = curve.axis or curve.title

    def _tapped(self, event: Tap) -> None:
        """Take the k that was clicked at."""
        if event.x is None:
            return
        wanted = round(event.x)
        if wanted in self._curve.values and wanted >= N_CLUSTERS_BOUNDS[0]:
            self.state.model.n_clusters = wanted
