"""One clustering of a comparison: its scatter, its scores, a button to take it over."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import holoviews as hv
import panel as pn
import panel_material_ui as pmui
from bokeh.models import HoverTool

from mall_app.algorithms import algorithms
from mall_app.evidence.candidate import Candidate
from mall_app.plots.base import STILL, axis_title, column_values, padded, quiet, short
from mall_app.plots.compare import agreement_with, compared_points
from mall_app.result import ClusteringResult
from mall_app.views.live import LiveElement
from mall_app.views.method_table import table_css
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

HEIGHT = 240
LONGEST_TITLE = 34


class CompareCard(StateView):
    """The customers in the segments of one algorithm.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    candidate : Candidate
        With a result.
    take_over : callable
        Called with the candidate when a person wants it.
    """

    def __init__(
        self,
        state: ViewState,
        candidate: Candidate,
        take_over: Callable[[Candidate], None],
        **params: Any,
    ) -> None:
        super().__init__(state, **params)
        if candidate.result is None:
            raise ValueError(f"{candidate.name} has no result to show.")
        self._candidate, self._result = candidate, candidate.result
        self._points = LiveElement(
            self._element,
            fill_color="color",
            line_color="color",
            hatch_color="color",
            marker="marker",
        )
        self._figure: Any = None
        self._use = pmui.Button(
            label="Use this",
            variant="outlined",
            size="small",
            margin=(8, 0, 0, 0),
            on_click=lambda _: take_over(candidate),
        )
        self._scores = pn.pane.HTML("", sizing_mode="stretch_width", margin=0)
        self._pane = pn.pane.HoloViews(
            self._plot(), height=HEIGHT, linked_axes=False, sizing_mode="stretch_width", margin=0
        )
        self._tell()

    def __panel__(self) -> pn.viewable.Viewable:
        title = algorithms()[self._result.model_name].title
        heading = pmui.Typography(f"**{title}**", variant="body1", margin=(0, 0, 4, 0))
        return pn.Column(
            heading,
            self._pane,
            self._scores,
            self._use,
            sizing_mode="stretch_width",
            margin=0,
            styles={"flex": "1 1 290px", "min-width": "0", "max-width": "520px"},
        )

    def show(self) -> None:
        """Take the axes, colours and segments in use."""
        self._points.send()
        self._adjust()
        self._tell()
        pn.io.push_notebook(self._pane)

    def _element(self) -> hv.Points:
        state = self.state
        axes = (state.axis("x"), state.axis("y"))
        return compared_points(
            state.model.table, state.model.result, self._result, axes, state.palette
        )

    def _plot(self) -> hv.Points:
        hover = HoverTool(tooltips=[("Segment", "@segment_name")])
        return self._points.draw().opts(
            tools=[hover],
            **STILL,
            toolbar=None,
            responsive=True,
            height=HEIGHT,
            show_grid=True,
            hooks=[self._points.attach, quiet, self._hold],
        )

    def _hold(self, plot: Any, _element: Any) -> None:
        if self._figure is not plot.state:
            self._figure = plot.state
            self._adjust()

    def _adjust(self) -> None:
        if self._figure is None:
            return
        state = self.state
        figure = self._figure
        x, y = state.axis("x"), state.axis("y")
        axes = ((figure.x_range, figure.xaxis, x), (figure.y_range, figure.yaxis, y))
        for limits, axis, shown in axes:
            start, end = padded(column_values(state.model.table, shown))
            limits.update(start=start, end=end)
            axis.axis_label = short(axis_title(shown), LONGEST_TITLE)

    def _tell(self) -> None:
        current = self.state.model.result
        used = current.settings.unedited()
        in_use = used == self._result.settings.unedited()
        self._use.param.update(
            disabled=in_use, label="In use" if in_use else "Use this", visible=True
        )
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>"
            for name, value in figures(self._candidate, self._result, current)
        )
        self._scores.object = (
            f"<style>{table_css(self.state.palette)}table {{ width: 100%; }} "
            f"td {{ padding: 4px 0; }}</style><table><tbody>{rows}</tbody></table>"
        )


def figures(
    candidate: Candidate, result: ClusteringResult, current: ClusteringResult
) -> list[tuple[str, str]]:
    """Give names and values of what tells clusterings apart."""
    noise = f" · {result.n_noise:,} noise" if result.n_noise else ""
    stability = None if candidate.stability is None else candidate.stability.adjusted_rand
    agreement = agreement_with(current, result)
    return [
        ("Segments", f"{result.n_clusters}{noise}"),
        ("Silhouette (higher is better)", _shown(result.silhouette_score, 3)),
        ("Davies-Bouldin (lower is better)", _shown(result.davies_bouldin_score, 3)),
        ("Calinski-Harabasz (higher is better)", _shown(result.calinski_harabasz_score, 1)),
        ("Stability (1 is best)", _shown(stability, 2)),
        ("Agreement with the one in use", _shown(agreement, 2)),
        ("Time of one fit", _seconds(candidate.seconds)),
    ]


def _shown(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:,.{decimals}f}"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
