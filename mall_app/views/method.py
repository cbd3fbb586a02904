"""What the method in use did, in the picture that belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import panel as pn
import param

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.engine import Engine, InlineEngine
from mall_app.errors import WorkbenchError
from mall_app.geometry.hierarchy import hierarchy
from mall_app.geometry.k_distance import k_distance
from mall_app.settings import Settings
from mall_app.views.dendrogram import DendrogramView
from mall_app.views.k_distance import KDistanceView
from mall_app.views.method_membership import MembershipView
from mall_app.views.method_table import table_css
from mall_app.views.one_at_a_time import OneAtATime
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

Calculation = Callable[[Table, Settings], Any]
# What is calculated for a method, what shows it, and which of its parameters that depends on.
PICTURES: dict[str, tuple[Calculation, type[Any], str]] = {
    "agglomerative": (hierarchy, DendrogramView, "linkage"),
    "dbscan": (k_distance, KDistanceView, "min_samples"),
    "optics": (k_distance, KDistanceView, "min_samples"),
}
HOW_TO = {
    "agglomerative": "Drag the line up for fewer segments, down for more; what it crosses are the "
    "segments. A long gap between two joins speaks for the number in between.",
    "dbscan": "Drag the line to change eps, the reach of a neighbourhood. Customers to the left of "
    "where it meets the curve have too few neighbours within reach to be the core of a segment.",
    "optics": "OPTICS has no reach to set: it looks at all of them. The curve shows how the "
    "density varies; several steps mean segments of different density.",
}


class MethodView(StateView):
    """A sentence about the method for all, and a picture to work with for some.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine or InlineEngine
        Calculates what the pictures need.
    """

    active = param.Boolean(default=False, doc="Whether somebody looks.")

    def __init__(self, state: ViewState, engine: Engine | InlineEngine, **params: Any) -> None:
        super().__init__(state, **params)
        self._engine = engine
        self._of: tuple[str, str] | None = None
        self._found: Any = None
        self._work = OneAtATime(state)
        self._pictures: dict[type[Any], Any] = {}
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        self._words = pn.pane.HTML("", **wide)
        self._place = pn.Column(**wide)
        self._foot = pn.pane.HTML("", **wide)
        self._membership = MembershipView(state, visible=False)
        self.param.watch(self._update, "active")
        state.plots.watch(self._update)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._words,
            self._place,
            self._membership,
            self._foot,
            sizing_mode="stretch_width",
            margin=(16, 0),
        )

    def _update(self, *_: Any) -> None:
        if not self.active:
            return
        model = self.state.model
        used = model.result.settings
        self._foot.object = self._citation()
        self._membership.show()
        if used.algorithm not in PICTURES:
            self._of = None
            self._show_picture(None)
            self._say("")
            return
        calculate, _kind, depends_on = PICTURES[used.algorithm]
        needed = used.unedited().changed(
            n_clusters=None, params={depends_on: used.params[depends_on]}
        )
        wanted = (model.table.sha256, needed.canonical())
        if wanted == self._of:
            if self._found is not None:
                self._draw()
            return
        self._of = wanted
        self._start(calculate, used)

    def _start(self, calculate: Calculation, used: Settings) -> None:
        self._found = None
        call = partial(self._engine.call, calculate, self.state.model.table, used.unedited())
        self._work.start(
            "Looking into the method", call, self._take, self._fail, self._say_cancelled
        )
        if self._work.busy:
            self._say("The picture of this method is being calculated.")

    def _take(self, found: Any) -> None:
        self._found = found
        self._draw()

    def _say_cancelled(self) -> None:
        self._of = None
        self._say("The picture of this method was not calculated: it was cancelled.")

    def _fail(self, error: WorkbenchError) -> None:
        self._of = None
        self._show_picture(None)
        self._say(f"The picture of this method could not be calculated. {error}")

    def _draw(self) -> None:
        algorithm = self.state.model.result.model_name
        if not self.active or algorithm not in PICTURES:
            return
        kind = PICTURES[algorithm][1]
        self._say(HOW_TO[algorithm])
        if kind in self._pictures:
            self._pictures[kind].show(self._found)
        else:
            self._pictures[kind] = kind(self.state, self._found)
            self._place.append(
                pn.Column(self._pictures[kind], sizing_mode="stretch_width", margin=0)
            )
        self._show_picture(kind)

    def _show_picture(self, kind: type[Any] | None) -> None:
        for own, frame in zip(self._pictures, self._place, strict=True):
            frame.visible = own is kind

    def _say(self, how_to: str) -> None:
        palette = self.state.palette
        told = f"<p class='muted'>{escape(how_to)}</p>" if how_to else ""
        self._words.object = (
            f"<style>{table_css(palette)}</style><p>{escape(self._sentence())}</p>{told}"
        )

    def _sentence(self) -> str:
        result = self.state.model.result
        used = result.settings
        names = used.features or ()
        noise = f" and left {result.n_noise:,} as noise" if result.n_noise else ""
        own = algorithms()[used.algorithm]
        chosen = ", ".join(f"{n} {'automatic' if v is None else v}" for n, v in used.params.items())
        segments = "1 segment" if result.n_clusters == 1 else f"{result.n_clusters} segments"
        return (
            f"{own.title} put {len(result.labels) - result.n_noise:,} customers "
            f"into {segments}{noise}, by {len(names)} "
            f"{'feature' if len(names) == 1 else 'features'}"
            f"{' and Gower distance' if used.distance == 'gower' else ''}"
            f"{f' ({chosen})' if chosen else ''}. {own.summary}"
        )

    def _citation(self) -> str:
        result = self.state.model.result
        citation = algorithms()[result.model_name].citation
        notes = "".join(f"<li>{escape(own)}</li>" for own in result.warnings)
        listed = f"<ul>{notes}</ul>" if notes else ""
        return (
            f"<style>{table_css(self.state.palette)}</style>{listed}"
            f"<p class='small muted'>{escape(citation)}</p>"
        )
