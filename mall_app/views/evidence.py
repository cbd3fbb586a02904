"""Which number of segments: quick scores at once, and evidence when it is asked for."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from mall_app.data.table import Table
from mall_app.engine import Engine, InlineEngine
from mall_app.errors import WorkbenchError
from mall_app.evidence import Evidence
from mall_app.evidence.question import BOOTSTRAP_BOUNDS, DEFAULT_BOOTSTRAPS, check_range
from mall_app.settings import N_CLUSTERS_BOUNDS
from mall_app.views.evidence_charts import EvidenceCharts
from mall_app.views.evidence_outcome import figures_html, outcome_html, stability_html, votes_html
from mall_app.views.evidence_run import StudyRun
from mall_app.views.marks import mark
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.sweep import SweepView

USUAL_MOST = 10
INTRODUCTION = (
    "Quick scores, of one fit each, often disagree. Evidence adds the gap statistic, stability "
    "over bootstraps, and a test whether there are segments at all."
)
_NARROW = {"width": 144, "size": "small", "margin": 0}


class EvidenceView(StateView):
    """The sweep, until there is evidence for the settings in use.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine or InlineEngine
        Gathers the evidence.
    sweep : SweepView
        Shown where there is no evidence yet.
    """

    active = param.Boolean(default=False, doc="Whether somebody looks.")

    def __init__(
        self, state: ViewState, engine: Engine | InlineEngine, sweep: SweepView, **params: Any
    ) -> None:
        super().__init__(state, **params)
        self._engine, self.sweep = engine, sweep
        self._evidence: Evidence | None = None
        self._of: tuple[str, str] | None = None
        self._asked: tuple[str, str] | None = None
        self._table: Table | None = None
        self._low = pmui.IntInput(label="From k", value=2, start=2, **_NARROW)
        self._high = pmui.IntInput(label="To k", value=USUAL_MOST, start=2, **_NARROW)
        self._bootstraps = pmui.IntInput(
            label="Bootstraps",
            value=DEFAULT_BOOTSTRAPS,
            start=BOOTSTRAP_BOUNDS[0],
            end=BOOTSTRAP_BOUNDS[1],
            step=10,
            **_NARROW,
        )
        self._least = pmui.IntInput(
            label="Smallest segment",
            value=0,
            start=0,
            description="Customers that every segment must have; 0 for no such rule.",
            **_NARROW,
        )
        self._go = pmui.Button(
            label="Gather evidence", variant="contained", margin=0, on_click=self.gather
        )
        self._run = StudyRun(state, "Gathering evidence")
        self._use = pmui.Button(
            label="", variant="outlined", margin=(4, 0), visible=False, on_click=self._use_k
        )
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        self._outcome, self._votes = pn.pane.HTML("", **wide), pn.pane.HTML("", **wide)
        self._stability, self._figures = pn.pane.HTML("", **wide), pn.pane.HTML("", **wide)
        self._charts = EvidenceCharts(state)
        self._ask = self._form()
        self._result = pn.Column(sizing_mode="stretch_width", margin=(16, 0), visible=False)
        self._quick = pn.Column(sweep, **wide)
        self._layout = pn.Column(
            self._ask,
            self._run,
            self._result,
            self._quick,
            sizing_mode="stretch_width",
            margin=(16, 0),
        )
        self.param.watch(self._look, "active")
        state.plots.watch(self._update)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def gather(self, *_: Any) -> None:
        """Ask for evidence for the settings in use."""
        model = self.state.model
        try:
            ks = check_range(self._low.value, self._high.value)
        except WorkbenchError as error:
            self._run.fail(str(error))
            return
        self._asked = self._current()
        self._run.start(
            lambda progress: self._engine.evidence(
                model.table,
                model.result.settings,
                ks,
                n_bootstraps=self._bootstraps.value,
                minimum_size=self._least.value or None,
                progress=progress,
            ),
            self._take,
        )

    def _form(self) -> pn.Column:
        words = pmui.Typography(INTRODUCTION, variant="body2", margin=(0, 0, 12, 0))
        inputs = pn.FlexBox(
            self._low,
            self._high,
            self._bootstraps,
            self._least,
            self._go,
            gap="12px",
            align_items="center",
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(words, inputs, sizing_mode="stretch_width", margin=0)

    def _current(self) -> tuple[str, str]:
        model = self.state.model
        used = model.result.settings.unedited().changed(n_clusters=None)
        return model.table.sha256, used.canonical()

    def _take(self, evidence: Evidence) -> None:
        self._evidence, self._of = evidence, self._asked
        self._update()

    def _look(self, *_: Any) -> None:
        self.sweep.active = self.active
        self._update()

    def _update(self, *_: Any) -> None:
        """Show the evidence if it is about the settings in use."""
        if not self.active:
            return
        model = self.state.model
        if model.table is not self._table:
            self._table = model.table
            self._high.value = max(2, min(USUAL_MOST, len(model.table) - 1))
        self._ask.visible = model.result.settings.n_clusters is not None
        known = self._evidence is not None and self._of == self._current()
        self._result.visible, self._quick.visible = known, not known
        if known:
            self._draw()

    def _draw(self) -> None:
        evidence = self._evidence
        if evidence is None:
            return
        palette, used = self.state.palette, self.state.model.result.settings.n_clusters
        best = evidence.recommended_k
        self._use.visible = best is not None and best != used
        self._use.label = f"Use k = {best}"
        shown = best if used not in evidence.stability else used
        self._outcome.object = outcome_html(evidence, palette)
        self._votes.object = votes_html(evidence, palette)
        self._stability.object = (
            "" if shown is None else stability_html(evidence, shown, self._names(shown), palette)
        )
        self._figures.object = figures_html(evidence, palette)
        self._charts.show(evidence)
        if not len(self._result):  # last: what changes while the browser makes a part may be lost
            self._result.objects = self._parts()

    def _parts(self) -> list[Any]:
        words = pn.Column(
            self._outcome,
            self._use,
            self._stability,
            margin=0,
            sizing_mode="stretch_width",
            styles={"flex": "3 1 380px", "min-width": "0"},
        )
        tables = pn.Column(
            self._votes,
            margin=0,
            sizing_mode="stretch_width",
            styles={"flex": "2 1 320px", "min-width": "0"},
        )
        top = pn.FlexBox(words, tables, gap="24px", sizing_mode="stretch_width", margin=0)
        return [top, self._charts, self._figures]

    def _names(self, k: int) -> dict[int, str]:
        """Names of the segments in use by place, where the evidence is about these segments."""
        result = self.state.model.result
        used = result.settings
        if used.n_clusters != k or used.edits or result.n_clusters != k:
            return {}
        numbers = used.numbering or range(k)
        known = {own.segment: own for own in result.profiles}
        return {
            place: f"{mark(number, self.state.palette)} {escape(known[number].name)}"
            for place, number in enumerate(numbers)
            if number in known
        }

    def _use_k(self, *_: Any) -> None:
        best = None if self._evidence is None else self._evidence.recommended_k
        if best is not None and best >= N_CLUSTERS_BOUNDS[0]:
            self.state.model.n_clusters = best
