"""The table of customers and how sure their segments are: filtered by the selection or doubt."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from mall_app.geometry.points import IntArray
from mall_app.plots.base import MOST_MARKS
from mall_app.segments.members import DOUBTFUL_MARGIN
from mall_app.sharing.export import to_csv
from mall_app.views.customer_rows import customer_rows, sorted_rows
from mall_app.views.download import written_beside
from mall_app.views.paged_table import LOOK, PAGE_ROWS, PagedTable
from mall_app.views.selected import Rows, are_in, as_array
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

MOST_IN_FILE = 100_000
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
        self._stale = self._is_large
        self._filter: IntArray | None = None
        self._doubtful = pmui.Checkbox(
            label="Doubtful only", value=False, description=DOUBTFUL_HELP, margin=(0, 8)
        )
        rows = self._read() if not self._is_large else pd.DataFrame()
        self._table = pn.widgets.Tabulator(
            rows, pagination="remote", page_size=PAGE_ROWS, titles=_titles(rows), **LOOK
        )
        self._paged: PagedTable | None = None
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
            callback=written_beside(state, "the table of customers", self._csv),
            filename="customers_with_segments.csv",
            label="Download labelled table",
            variant="outlined",
            size="small",
            margin=0,
        )
        self._content = pn.Column(self._table, sizing_mode="stretch_width", margin=0)
        state.plots.watch(self._refresh)
        state.param.watch(self._refresh, "selection")
        self._table.param.watch(self._select, "selection")
        self._doubtful.param.watch(self._refresh, "value")
        self.param.watch(self._look, "active")

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
        return pn.Column(bar, self._content, sizing_mode="stretch_width", margin=0)

    @property
    def _is_large(self) -> bool:
        return len(self.state.model.table) > MOST_MARKS

    def _read(self, rows: IntArray | None = None) -> pd.DataFrame:
        return customer_rows(self.state.model.table, self.state.model.result, rows)

    def _in_order(self, rows: IntArray | None, name: str, falling: bool) -> IntArray:
        return sorted_rows(self.state.model.table, self.state.model.result, rows, name, falling)

    def _chosen(self) -> IntArray | None:
        """Give the rows to show: selected, doubtful, both, or None for all."""
        selected = as_array(self.state.selection) if self.state.selection else None
        if not self._doubtful.value:
            return selected
        result = self.state.model.result
        unsure = result.rows[result.doubt.margin < DOUBTFUL_MARGIN]
        return unsure if selected is None else unsure[are_in(unsure, selected)]

    def _count(self) -> str:
        table, chosen = self.state.model.table, len(self.state.selection)
        total = f"{len(table):,}"
        if self._doubtful.value:
            n_doubtful = 0 if self._filter is None else len(self._filter)
            of = f"{chosen:,} selected" if chosen else total
            said = f"{n_doubtful:,} doubtful of {of} customers"
        else:
            said = f"{chosen:,} of {total} customers selected" if chosen else f"{total} customers"
        return said if table.whole is None else f"{said}, a sample of {table.n_customers:,}"

    def _refresh(self, *_: Any) -> None:
        self._clear.visible = bool(self.state.selection)
        self._note.object = self._count()
        if not self._telling:
            self._stale = True
            self._look()

    def _look(self, *_: Any) -> None:
        """Fill the table for who looks at it, if it lags: a fill undoes a tick made meanwhile."""
        if not self.active or not self._stale:
            return
        self._telling, self._stale = True, False
        try:
            self._filter = self._chosen()
            self._note.object = self._count()
            self._offer()
            self._show()
        finally:
            self._telling = False

    def _show(self) -> None:
        """Fill the table; a large one is kept out of the widget but for a page."""
        if not self._is_large:
            rows = self._read(self._filter)
            self._table.param.update(selection=[], titles=_titles(rows), value=rows)
            self._swap(self._table)
            return
        if self._paged is None:
            self._paged = PagedTable(self._read, self._in_order)
            self._paged.param.watch(self._select, "ticked")
        self._paged.show(self._filter, len(self.state.model.table))
        self._swap(self._paged)

    def _swap(self, shown: Any) -> None:
        if self._content[0] is not shown:
            if shown is not self._table:
                self._table.value = pd.DataFrame()
            self._content[0] = shown

    def _select(self, event: param.parameterized.Event) -> None:
        """Mark what is ticked; with nothing ticked, what the plots selected, or nothing."""
        if self._telling:
            return
        shown = self._filter
        ticked = np.sort(np.array(event.new, dtype=np.int64))
        if event.name == "selection" and shown is not None:
            ticked = np.sort(shown[ticked])
        self._telling = True
        try:
            if len(ticked):
                self.state.selection = ticked.tolist()
            else:
                self.state.selection = [] if shown is None else Rows(shown)
        finally:
            self._telling = False

    def _show_all(self, *_: Any) -> None:
        self.state.selection = []

    def _offer(self) -> None:
        """Offer a file of what fits into one: the whole table, or else those shown."""
        n_rows = len(self.state.model.table)
        shown = n_rows if self._filter is None else len(self._filter)
        if n_rows <= MOST_IN_FILE:
            label = "Download labelled table"
        elif shown <= MOST_IN_FILE:
            label = f"Download these {shown:,} customers"
        else:
            label = f"Select at most {MOST_IN_FILE:,} to download"
        self._download.param.update(label=label, disabled=label.startswith("Select"))

    def _csv(self) -> bytes:
        table, result = self.state.model.table, self.state.model.result
        rows = None if len(table) <= MOST_IN_FILE else self._filter
        return to_csv(table, result, rows)


def _titles(rows: pd.DataFrame) -> dict[str, str]:
    """Escape the headers: the table takes a title for HTML."""
    return {name: escape(name) for name in map(str, rows)}
