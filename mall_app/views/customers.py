"""The table of customers: filtered by the selection, and selecting back."""

from __future__ import annotations

from html import escape
from io import BytesIO
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from mall_app.export import to_csv
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

PAGE_ROWS = 15


class CustomersView(StateView):
    """Customers with their segment; those selected, or all."""

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._telling = False
        self._filter: list[int] | None = None
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

    def __panel__(self) -> pn.viewable.Viewable:
        bar = pn.Row(
            self._note,
            self._clear,
            pn.layout.HSpacer(),
            self._download,
            sizing_mode="stretch_width",
            margin=(8, 0),
        )
        return pn.Column(bar, self._table, sizing_mode="stretch_width", margin=0)

    def _rows(self) -> pd.DataFrame:
        frame = self.state.model.labelled()
        return frame if self._filter is None else frame.iloc[self._filter]

    def _count(self) -> str:
        total, chosen = len(self.state.model.table), len(self.state.selection)
        return f"{chosen:,} of {total:,} customers selected" if chosen else f"{total:,} customers"

    def _refresh(self, *_: Any) -> None:
        self._note.object = self._count()
        self._clear.visible = bool(self.state.selection)
        if self._telling:
            return
        self._telling = True
        try:
            self._filter = list(self.state.selection) or None
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


def _titles(rows: pd.DataFrame) -> dict[str, str]:
    """Escape the headers: the table takes a title for HTML."""
    return {name: escape(name) for name in map(str, rows)}
