"""The k-distance plot of a density method, and the line of its reach."""

from __future__ import annotations

import math
from typing import Any

import holoviews as hv
import panel as pn
import panel_material_ui as pmui

from mall_app.geometry.k_distance import KDistance
from mall_app.plots.base import STILL, quiet
from mall_app.plots.k_distance import X_TITLE, distance_curve, distance_knee, distance_title
from mall_app.views.live import LiveElement
from mall_app.views.method_line import DraggableLine
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

HEIGHT = 340
DIGITS = 3


class KDistanceView(StateView):
    """Sorted distances to neighbours; where the method has a reach, a line to drag.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    own : KDistance
        Of the customers of the result.
    """

    def __init__(self, state: ViewState, own: KDistance, **params: Any) -> None:
        super().__init__(state, **params)
        self._own = own
        self._curve = LiveElement(lambda: distance_curve(self._own))
        self._knee = LiveElement(lambda: distance_knee(self._own))
        self._glyphs: list[Any] = []
        self._figure: Any = None
        self._reach = DraggableLine(self._dragged)
        self._words = pmui.Typography("", variant="body2", margin=(4, 0))
        self._use = pmui.Button(
            label="", variant="outlined", size="small", margin=(4, 0), on_click=self._use_knee
        )
        self._pane = pn.pane.HoloViews(
            self._overlay(), sizing_mode="stretch_width", height=HEIGHT, linked_axes=False, margin=0
        )
        self._tell()

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._pane, self._words, self._use, sizing_mode="stretch_width", margin=0)

    def show(self, own: KDistance) -> None:
        """Show distances, and the reach in use among them."""
        self._own = own
        self._curve.send()
        self._knee.send()
        self._adjust()
        self._tell()
        pn.io.push_notebook(self._pane)

    @property
    def _eps(self) -> float | None:
        return getattr(self.state.model.method, "eps", None)

    @property
    def _suggestion(self) -> float | None:
        knee = self._own.knee
        return None if knee is None else rounded(knee)

    @property
    def _top(self) -> float:
        return 1.08 * (max(float(self._own.distances[0]), self._eps or 0.0) or 1.0)

    def _overlay(self) -> hv.Overlay:
        palette = self.state.palette
        curve = self._curve.draw().opts(
            **STILL, color=palette.text, line_width=2, hooks=[self._curve.attach, quiet, self._keep]
        )
        knee = self._knee.draw().opts(
            **STILL,
            size=12,
            fill_alpha=0.0,
            line_width=2,
            color=palette.accent,
            hooks=[self._knee.attach, self._keep, self._hold],
        )
        return (curve * knee).opts(
            hv.opts.Overlay(
                responsive=True,
                height=HEIGHT,
                xlabel=X_TITLE,
                ylabel=distance_title(self._own),
                toolbar=None,
                show_grid=True,
                show_legend=False,
            )
        )

    def _keep(self, plot: Any, _element: Any) -> None:
        self._glyphs.append(plot.handles["glyph"])

    def _hold(self, plot: Any, _element: Any) -> None:
        if self._figure is not plot.state:
            self._figure = plot.state
            if self._eps is not None:
                self._reach.attach(plot.state, self.state.palette)
            self._adjust()

    def _adjust(self) -> None:
        if self._figure is None:
            return
        palette = self.state.palette
        curve, knee = self._glyphs[-2:]
        curve.line_color, knee.line_color = palette.text, palette.accent
        self._reach.colour(palette)
        self._figure.yaxis.axis_label = distance_title(self._own)
        self._figure.x_range.update(start=-1.0, end=101.0)
        eps, dragged = self._eps, self._reach.height
        if eps is not None and (dragged is None or rounded(dragged) != rounded(eps)):
            self._reach.place(eps, self._top, f"eps {eps:g}")
            self._figure.y_range.update(start=0.0, end=self._top)
        elif eps is None:
            self._figure.y_range.update(start=0.0, end=self._top)

    def _tell(self) -> None:
        eps, knee = self._eps, self._suggestion
        told = []
        if eps is not None:
            told.append(
                f"With eps {eps:g}, {self._own.core_share(eps):.0%} of the customers have at least "
                f"{self._own.min_samples} within reach, themselves included."
            )
        if knee is not None:
            told.append(f"The curve bends at {knee:g} (the ring): beyond it, distances grow fast.")
        self._words.object = " ".join(told) or "The curve has no bend to choose a reach by."
        self._use.visible = knee is not None and eps is not None and rounded(eps) != knee
        self._use.label = f"Use eps {knee:g}" if knee is not None else ""

    def _dragged(self, height: float) -> None:
        eps = rounded(max(height, self._top * 1e-3))
        self._reach.say(f"eps {eps:g}")
        if eps != self._eps:
            self.state.model.method.param.update(eps=eps)

    def _use_knee(self, *_: Any) -> None:
        if self._suggestion is not None:
            self.state.model.method.param.update(eps=self._suggestion)


def rounded(value: float) -> float:
    """Keep the digits a person can aim for.

    Examples
    --------
    >>> rounded(0.432589), rounded(1234.5)
    (0.433, 1230.0)
    """
    if value <= 0:
        return 0.0
    return round(value, DIGITS - 1 - math.floor(math.log10(value)))
