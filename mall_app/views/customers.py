"""The table of customers and how sure their segments are: filtered by the selection or doubt."""

from __future__ import annotations

from html import escape
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from mall_app.segments.members import DOUBTFUL_MARGIN
from mall_app.sharing.export import to_csv
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

PAGE_ROWS = 15
DOUBTFUL_HELP = (
    f"Doubtful: less than {DOUBTFUL_MARGIN:.0%} nearer to the own segment's centre than to that of "
    "the second. A margin of 1 is on the own centre, 0 as near to the other."
)


class CustomersView(StateView):
    """Customers with their segment and its margin; those selected, the doubtful ones, or all."""

    active = param.Boolean(default=True, doc="Whether somebody looks.")

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._telling = False
        self._filter: list[int] | None = None
        self._doubtful = pmui.Checkbox(
            label="Doubtful only", value=False, description=DOUBTFUL_HELP, margin=(0, 8)
        )
        rows = self._rows()
        self._table = pn.widgets.Tabulator(
            rows,
            pagination="remote",
            page_size=PAGE_ROWS,
            disabled=True,
            theme="simple",
            selectable="checkbox",
            titles=_titles(rows),
            show_index=False,
            sizing_mode="stretch_width",
            layout="fit_data_stretch",
            margin=0,
        )
        self._note = pmui.Typography(self._count(), variant="body2", margin=(8, 0))
        self._clear = pmui.Button(
            label="Show all",
            variant="text",
            size="small",
            visible=False,
            on_click=self._show_all,
            margin=0,
        )
        self._download = pmui.FileDownload(
            callback=self._csv,
            filename="customers_with_segments.csv",
            label="Download labelled table",
            variant="outlined",
            size="small",
            margin=0,
        )
        state.plots.watch(self._refresh)
        state.param.watch(self._refresh, "selection")
        self._table.param.watch(self._select, "selection")
        self._doubtful.param.watch(self._refresh, "value")
        self.param.watch(self._refresh, "active")

    def __panel__(self) -> pn.viewable.Viewable:
        bar = pn.Row(
            self._note,
            self._clear,
            self._doubtful,
            pn.layout.HSpacer(),
            self._download,
            sizing_mode="stretch_width",
            margin=(8, 0),
        )
        return pn.Column(bar, self._table, sizing_mode="stretch_width", margin=0)

    def _rows(self) -> pd.DataFrame:
        frame = self.state.model.labelled()
        doubt, own = self.state.model.result.doubt, self.state.model.result.rows
        margin, second = np.full(len(frame), np.nan), np.full(len(frame), -1)
        margin[own], second[own] = doubt.margin.round(2), doubt.second
        others = pd.Series(second, index=frame.index, dtype="Int64").mask(second < 0)
        frame = frame.assign(**{_free("second segment", frame): others})
        frame = frame.assign(**{_free("margin", frame): margin})
        return frame if self._filter is None else frame.iloc[self._filter]

    def _chosen(self) -> list[int] | None:
        """Give the rows to show: selected, doubtful, both, or None for all."""
        selected = list(self.state.selection) or None
        if not self._doubtful.value:
            return selected
        result = self.state.model.result
        unsure = result.rows[result.doubt.margin < DOUBTFUL_MARGIN].tolist()
        return [row for row in unsure if selected is None or row in set(selected)]

    def _count(self) -> str:
        total, chosen = len(self.state.model.table), len(self.state.selection)
        if self._doubtful.value:
            of = f"{chosen:,} selected" if chosen else f"{total:,}"
            return f"{len(self._filter or ()):,} doubtful of {of} customers"
        return f"{chosen:,} of {total:,} customers selected" if chosen else f"{total:,} customers"

    def _refresh(self, *_: Any) -> None:
        self._clear.visible = bool(self.state.selection)
        if self._telling or not self.active:
            self._note.object = self._count()
            return
        self._telling = True
        try:
            self._filter = self._chosen()
            self._note.object = self._count()
            rows = self._rows()
            self._table.param.update(selection=[], titles=_titles(rows), value=rows)
        finally:
            self._telling = False

    def _select(self, event: param.parameterized.Event) -> None:
        """Mark what is ticked; with nothing ticked, what the plots selected, or nothing."""
        if self._telling:
            return
        shown = self._filter
        ticked = [int(row) if shown is None else shown[int(row)] for row in event.new]
        self._telling = True
        try:
            self.state.selection = sorted(ticked) or shown or []
        finally:
            self._telling = False

    def _show_all(self, *_: Any) -> None:
        self.state.selection = []

    def _csv(self) -> BytesIO:
        return BytesIO(to_csv(self.state.model.table, self.state.model.result))


def _free(name: str, frame: pd.DataFrame) -> str:
    """Give a name that no column of the table has."""
    while name in frame:
        name += " of the fit"
    return name


def _titles(rows: pd.DataFrame) -> dict[str, str]:
    """Escape the headers: the table takes a title for HTML."""
    return {name: escape(name) for name in map(str, rows)}
