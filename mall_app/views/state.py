"""What a person is looking at: it changes no segment, so it is not part of the model."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, Literal

import param

from mall_app.data.table import Table
from mall_app.engine import Engine, InlineEngine
from mall_app.model.model import ClusteringModel
from mall_app.plots.base import Axis
from mall_app.plots.palette import Palette
from mall_app.result import ClusteringResult
from mall_app.views.page_loop import Redraw
from mall_app.views.projected import Projected, projection_names
from mall_app.views.selected import Rows
from mall_app.views.under_way import UnderWay


class ViewState(param.Parameterized):
    """Axes, selection, theme and progress of one open page.

    Parameters
    ----------
    model : ClusteringModel
        What is looked at.
    engine : Engine or InlineEngine, optional
        Projects large tables.
    """

    x: Any = param.Selector(doc="Column on the horizontal axis.")
    y: Any = param.Selector(doc="Column on the vertical axis.")
    selection: Any = param.ClassSelector(
        class_=(list, Rows), default=[], doc="Rows of the table that are selected, rising."
    )
    dataset = param.String(default="Mall customers", doc="What the table is called.")
    dark = param.Boolean(default=False, doc="Whether the dark theme is on.")
    busy = param.String(default="", doc="What is being calculated, or empty.")
    problem = param.String(default="", doc="What could not be done and what to change, or empty.")
    arriving = param.Boolean(default=False, doc="Whether the next result is the page's first.")
    stopped = param.Event(doc="What is under way is given up, and what would follow it.")
    previous = param.ClassSelector(class_=ClusteringResult, doc="The result before this one.")

    def __init__(
        self, model: ClusteringModel, engine: Engine | InlineEngine | None = None, **params: Any
    ) -> None:
        super().__init__(**params)
        self.model = model
        self.start = model.result.settings
        self._shown = model.result
        self._under_way: dict[Future[Any], UnderWay] = {}
        self._table: Table | None = None
        self._usual = ("", "")
        self.plots = Redraw()
        self._projected = Projected(
            model,
            engine or InlineEngine(),
            self.plots.due,
            self._say,
            self.begin,
            self.end,
        )
        self._set_axes()
        model.param.watch(self._on_result, "result")
        model.param.watch(self._on_error, "error")
        self.param.watch(lambda *_: self.plots.due(), "dark")

    @property
    def palette(self) -> Palette:
        """Colours of the theme."""
        return Palette(self.dark)

    @property
    def file(self) -> str:
        """What the file of the table is called."""
        known = self.dataset != self.param.dataset.default
        return self.dataset if known else "customers.csv"

    def chosen_axes(self) -> dict[str, str]:
        """Give the axes that a person has put in place of the usual ones."""
        usual = dict(zip(("x", "y"), self._usual, strict=True))
        return {name: getattr(self, name) for name in usual if getattr(self, name) != usual[name]}

    def begin(self, what: str, work: Future[Any]) -> None:
        """Count work as under way; `what` is shown while it lasts, unless it is empty."""
        self._under_way[work] = UnderWay(what, work)
        self._tell()

    def end(self, work: Future[Any] | None) -> None:
        """Count work as over, whatever came of it."""
        if work is not None:
            self._under_way.pop(work, None)
            self._tell()

    def cancel(self) -> None:
        """Stop everything this page has under way; the last result stays."""
        self.stopped = True
        for work in list(self._under_way):
            work.cancel()

    def under_way(self) -> list[UnderWay]:
        """Give what is shown as under way, what was begun last first."""
        return [own for own in reversed(self._under_way.values()) if own.what]

    def _tell(self) -> None:
        shown = self.under_way()
        self.busy = shown[0].what if shown else ""

    def _on_result(self, event: param.parameterized.Event) -> None:
        same_data = self._table is self.model.table
        with param.parameterized.batch_call_watchers(self):
            self.previous = self._shown if same_data and not self.arriving else None
            self.arriving = False
            self.problem = ""
            if not same_data:
                self.selection = []
                self._set_axes()
            elif self._usual != self._usual_axes() and (self.x, self.y) == self._usual:
                self._set_axes()
        self._shown = event.new
        self.plots.due()

    def _say(self, problem: str) -> None:
        self.problem = problem

    def _on_error(self, event: param.parameterized.Event) -> None:
        if event.new is not None:  # an edit that does not fit would be in the way of any change
            used = self.model.result.settings.to_dict()
            with param.discard_events(self.model):
                self.model.param.update(edits=used["edits"], numbering=used["numbering"])
        self.problem = "" if event.new is None else str(event.new)

    def axis(self, name: Literal["x", "y"]) -> str | Axis:
        """Give what is on an axis: the name of a column, or the projection."""
        chosen = str(getattr(self, name))
        names = projection_names(self.model.table)
        return self._projected.axis(names.index(chosen)) if chosen in names else chosen

    def _usual_axes(self) -> tuple[str, str]:
        """Give the first two numeric features, or the projection where they are not all."""
        table, used = self.model.table, self.model.result.settings
        if used.distance == "gower" or set(self.model.features) & set(table.categorical):
            return projection_names(table)
        chosen = [name for name in self.model.features if name in table.numeric]
        x, y, *_ = [*chosen, *(name for name in table.numeric if name not in chosen), *chosen] * 2
        return (x, y) if self._table is not table or self._is_projected() else self._usual

    def _is_projected(self) -> bool:
        return self._usual == projection_names(self.model.table)

    def _set_axes(self) -> None:
        """Offer the numeric columns and the projection, the usual two first."""
        table = self.model.table
        usual = self._usual_axes()
        self.param.x.objects = self.param.y.objects = [*table.numeric, *projection_names(table)]
        self._table, self._usual = table, usual
        self.param.update(x=usual[0], y=usual[1])
