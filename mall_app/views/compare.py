"""Algorithms side by side on the customers at hand."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from mall_app.algorithms import algorithms
from mall_app.engine import Engine, InlineEngine
from mall_app.evidence import Comparison
from mall_app.evidence.candidate import Candidate
from mall_app.settings import Settings
from mall_app.views.compare_card import CompareCard
from mall_app.views.evidence_run import StudyRun
from mall_app.views.method_table import table_css
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.wording import customers

# Of each way of thinking about segments the usual one, those for many customers first.
USUAL = (
    "kmeans",
    "gaussian_mixture",
    "hdbscan",
    "agglomerative",
    "kmedoids",
    "genie",
    "kprototypes",
    "spectral",
    "birch",
)
USUAL_NUMBER, BOOTSTRAPS = 6, 20
INTRODUCTION = (
    "Other ways to find segments in the same customers, features and scaling. Segments have the "
    "colour and marker of the one in use that they share most customers with."
)


class CompareView(StateView):
    """A scatter and the scores of each algorithm that was chosen.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine or InlineEngine
        Does the clustering.
    """

    active = param.Boolean(default=False, doc="Whether somebody looks.")

    def __init__(self, state: ViewState, engine: Engine | InlineEngine, **params: Any) -> None:
        super().__init__(state, **params)
        self._engine = engine
        self._of: tuple[Any, ...] | None = None
        self._asked: tuple[Any, ...] | None = None
        self._comparison: Comparison | None = None
        self._offered: tuple[str, str] | None = None
        self._cards: list[CompareCard] = []
        names = {own.title: key for key, own in algorithms().items()}
        self._chosen = pmui.MultiChoice(
            label="Algorithms", options=names, value=[], sizing_mode="stretch_width", margin=0
        )
        self._go = pmui.Button(
            label="Compare", variant="contained", margin=(4, 0), on_click=self.compare
        )
        self._run = StudyRun(state, "Comparing")
        self._told = pn.pane.HTML("", sizing_mode="stretch_width", margin=(16, 0, 8, 0))
        self._grid = pn.Row(
            sizing_mode="stretch_width", margin=0, styles={"flex-wrap": "wrap", "gap": "24px"}
        )
        self._failed = pn.pane.HTML("", sizing_mode="stretch_width", margin=(16, 0))
        self._result = pn.Column(
            self._told,
            self._grid,
            self._failed,
            sizing_mode="stretch_width",
            margin=0,
            visible=False,
        )
        self.param.watch(self._update, "active")
        state.plots.watch(self._update)
        state.param.watch(self._update, ["x", "y"])

    def __panel__(self) -> pn.viewable.Viewable:
        words = pmui.Typography(INTRODUCTION, variant="body2", margin=(0, 0, 12, 0))
        ask = pn.FlexBox(
            pn.Column(
                self._chosen,
                margin=0,
                sizing_mode="stretch_width",
                styles={"flex": "1 1 300px", "min-width": "0"},
            ),
            self._go,
            gap="12px",
            align_items="center",
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(
            words, ask, self._run, self._result, sizing_mode="stretch_width", margin=(16, 0)
        )

    def compare(self, *_: Any) -> None:
        """Cluster in each of the ways that are chosen."""
        model = self.state.model
        used = model.result.settings.unedited()
        base = used.changed(n_clusters=used.n_clusters or model.n_clusters)
        wanted = [
            base if key == used.algorithm else base.changed(algorithm=key, params={})
            for key in self._chosen.value
        ]
        self._asked = self._current()
        self._run.start(
            lambda progress: self._engine.compare(
                model.table, wanted, n_bootstraps=BOOTSTRAPS, progress=progress
            ),
            self._take,
        )

    def _current(self) -> tuple[Any, ...]:
        """Give what a comparison is about: all but the algorithm and the number of segments."""
        used = self.state.model.result.settings
        same = used.unedited().changed(algorithm="", params={}, n_clusters=None)
        return self.state.model.table.sha256, same.canonical()

    def _take(self, comparison: Comparison) -> None:
        self._of, self._comparison = self._asked, comparison
        found = [own for own in comparison.candidates.values() if own.result is not None]
        self._cards = [CompareCard(self.state, own, self._take_over) for own in found]
        self._result.visible = True
        self._grid.objects = list(self._cards)
        self._tell(comparison)

    def _tell(self, comparison: Comparison) -> None:
        """Write the words, in the colours of the theme."""
        self._failed.object = self._failures(comparison)
        self._told.object = self._summary(comparison)

    def _take_over(self, candidate: Candidate) -> None:
        """Make the settings of a candidate those in use."""
        used = candidate.settings if candidate.result is None else candidate.result.settings
        wanted: dict[str, Any] = {"algorithm": used.algorithm, "params": dict(used.params)}
        if used.n_clusters is not None:
            wanted["n_clusters"] = used.n_clusters
        self.state.model.update(**wanted)

    def _update(self, *_: Any) -> None:
        if not self.active:
            return
        self._offer()
        self._result.visible = bool(self._of) and self._of == self._current()
        if self._result.visible and self._comparison is not None:
            self._tell(self._comparison)
            for card in self._cards:
                card.show()

    def _offer(self) -> None:
        """Choose a sensible handful anew for another table or distance."""
        model = self.state.model
        used = model.result.settings
        if self._offered == (model.table.sha256, used.distance):
            return
        self._offered = (model.table.sha256, used.distance)
        self._chosen.value = sensible(used, len(model.table))

    def _summary(self, comparison: Comparison) -> str:
        scores = comparison.scores["silhouette_score"].dropna()
        css = f"<style>{table_css(self.state.palette)}</style>"
        if scores.empty:
            return f"{css}<p>None of them has a silhouette.</p>"
        best = comparison.candidates[str(scores.idxmax())]
        left = best.result.n_noise if best.result is not None else 0
        without = f", but leaves {customers(left)} out as noise" if left else ""
        asked = next(iter(comparison.candidates.values())).settings.n_clusters
        return (
            f"{css}<p><b>{escape(_title(best))}</b> has the highest silhouette, "
            f"{scores.max():.3f}{without}. Those that need a number were asked for "
            f"{asked} segments. A high score is no proof: scores prefer round segments, whatever "
            "the customers are like.</p>"
        )

    def _failures(self, comparison: Comparison) -> str:
        said = "".join(
            f"<li><b>{escape(_title(comparison.candidates[name]))}</b>: {escape(reason)}</li>"
            for name, reason in comparison.failures.items()
        )
        if not said:
            return ""
        return (
            f"<style>{table_css(self.state.palette)}</style><p>Without a result:</p><ul>{said}</ul>"
        )


def sensible(used: Settings, n_rows: int) -> list[str]:
    """Give a handful of algorithms that serve a distance and a number of customers.

    Parameters
    ----------
    used : Settings
        Those in use; their algorithm comes first.
    n_rows : int
        Customers.

    Examples
    --------
    >>> sensible(Settings("birch"), 200)[:3]
    ['birch', 'kmeans', 'gaussian_mixture']
    >>> sensible(Settings("kmedoids", distance="gower"), 200)
    ['kmedoids', 'hdbscan', 'agglomerative', 'genie', 'kprototypes', 'spectral']
    """
    known = algorithms()
    able = [
        key
        for key in USUAL
        if key in known and used.distance in known[key].distances and n_rows <= known[key].largest_n
    ]
    first = [used.algorithm] if used.algorithm in known else []
    return [*first, *(key for key in able if key not in first)][:USUAL_NUMBER]


def _title(candidate: Candidate) -> str:
    return algorithms()[candidate.settings.algorithm].title
