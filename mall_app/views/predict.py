"""New customers, given the segments there are."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from mall_app.engine import Engine, InlineEngine
from mall_app.errors import DataError, WorkbenchError
from mall_app.predict.prediction import Prediction
from mall_app.result import ClusteringResult
from mall_app.sharing.export import safe_csv
from mall_app.sharing.uploads import check_size, predict_file
from mall_app.views.download import written_beside
from mall_app.views.one_at_a_time import OneAtATime
from mall_app.views.paged_table import PAGE_ROWS
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.style import as_text
from mall_app.wording import customers

INTRODUCTION = (
    "Open a CSV file of new customers to give each the segment they belong to. It needs the "
    "columns the segments were found with, in any order."
)
_METHODS = {
    "native": "by the algorithm's own rule",
    "nearest_centre": "by the nearest centre",
    "nearest_neighbours": "by the customers they are most like",
    "approximate": "by the customers they are most like, which may be noise",
}
_TITLES = {"unlike_training": "unlike any known", "name": "segment name"}


class PredictView(StateView):
    """A file in, a table of segments out.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine or InlineEngine
        Reads and places the customers.
    """

    active = param.Boolean(default=False, doc="Whether somebody looks.")

    def __init__(self, state: ViewState, engine: Engine | InlineEngine, **params: Any) -> None:
        super().__init__(state, **params)
        self._engine = engine
        self._work = OneAtATime(state)
        self._file: tuple[str, bytes] | None = None
        self._of: ClusteringResult | None = None
        self._given: pd.DataFrame | None = None
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        self._input = pmui.FileInput(
            label="Open new customers (CSV)",
            uploaded_label="Open other customers (CSV)",
            variant="outlined",
            size="small",
            margin=(4, 0),
        )
        self._download = pmui.FileDownload(
            callback=written_beside(state, "the new customers", self._csv),
            filename="new_customers_with_segments.csv",
            label="Download with segments",
            variant="outlined",
            size="small",
            visible=False,
            margin=(4, 0),
        )
        self._words = pmui.Typography(as_text(INTRODUCTION), variant="body2", margin=(8, 0))
        self._place = pn.Column(**wide)
        self._table: pn.widgets.Tabulator | None = None
        self._input.param.watch(self._open, "value")
        self.param.watch(self._again, "active")
        state.plots.watch(self._again)

    def __panel__(self) -> pn.Column:
        bar = pn.Row(self._input, pn.layout.HSpacer(), self._download, margin=(8, 0, 0, 0))
        bar.sizing_mode = "stretch_width"
        return pn.Column(bar, self._words, self._place, sizing_mode="stretch_width", margin=0)

    def _open(self, event: param.parameterized.Event) -> None:
        data = event.new
        if data is None:
            return
        try:
            check_size(data)
        except DataError as error:
            self._say(str(error))
            return
        self._file = (str(self._input.filename), data)
        self._begin()

    def _again(self, *_: Any) -> None:
        """Place the same customers in the segments of another fit, once somebody looks."""
        if self.active and self._file is not None and self._of is not self.state.model.result:
            self._begin()

    def _begin(self) -> None:
        if self._file is None:
            return
        model = self.state.model
        name, data = self._file
        self._of = model.result
        call = partial(self._engine.call, predict_file, data, model.table, model.result)
        self._work.start(f"Placing the customers of {name}", call, self._take, self._fail)

    def _take(self, found: tuple[pd.DataFrame, Prediction]) -> None:
        self._show(*found)

    def _fail(self, error: WorkbenchError) -> None:
        name = self._file[0] if self._file else "The file"
        self._say(f"{name} was not used. {error}")

    def _say(self, text: str) -> None:
        """Say why there is no answer; an answer for other segments would mislead."""
        self._given = None
        self._download.visible = self._place.visible = False
        self._words.object = as_text(text)

    def _show(self, frame: pd.DataFrame, prediction: Prediction) -> None:
        added = prediction.to_frame()
        added["confidence"] = added["confidence"].round(2)
        named = {name: _free(_TITLES.get(name, name), frame) for name in map(str, added)}
        self._given = given = pd.concat([added.rename(columns=named), frame], axis=1)
        self._words.object = as_text(_told(prediction))
        self._download.visible = self._place.visible = True
        titles = {name: escape(name) for name in map(str, given)}
        if self._table is None:
            self._table = pn.widgets.Tabulator(
                given,
                pagination="remote",
                page_size=PAGE_ROWS,
                disabled=True,
                theme="simple",
                show_index=False,
                titles=titles,
                layout="fit_data_stretch",
                sizing_mode="stretch_width",
                margin=0,
            )
            self._place.append(self._table)
        else:
            self._table.param.update(titles=titles, value=given)

    def _csv(self) -> bytes:
        return b"" if self._given is None else safe_csv(self._given)


def _told(prediction: Prediction) -> str:
    unlike = int(prediction.unlike_training.sum())
    strange = f" {unlike:,} unlike any customer the segments were found with." if unlike else ""
    warnings = [own for own in prediction.warnings if "unlike" not in own]
    said = f"{customers(len(prediction))} placed {_METHODS[prediction.method]}.{strange}"
    return " ".join([said, *warnings])


def _free(name: str, frame: pd.DataFrame) -> str:
    while name in frame:
        name += " found"
    return name
