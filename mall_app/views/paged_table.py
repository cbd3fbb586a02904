"""A table of any length: the browser has one page of it, and so has the widget."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from mall_app.geometry.points import IntArray
from mall_app.views.latest import Latest

PAGE_ROWS = 15
LOOK: dict[str, Any] = {
    "disabled": True,
    "theme": "simple",
    "selectable": "checkbox",
    "show_index": False,
    "sizing_mode": "stretch_width",
    "layout": "fit_data_stretch",
    "margin": 0,
}


class PagedTable(pn.viewable.Viewer):
    """Shows rows of a table, a page at a time.

    Panel's own table would sort and copy all the rows for every page.

    Parameters
    ----------
    read : callable
        Takes rows, and gives them as a frame.
    in_order : callable
        Takes rows (None for all), a column and whether the largest comes first; gives the rows in
        that order.
    """

    ticked = param.List(default=[], item_type=int, doc="Rows that are ticked, on any page.")

    def __init__(
        self,
        read: Callable[[IntArray], pd.DataFrame],
        in_order: Callable[[IntArray | None, str, bool], IntArray],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._read, self._in_order = read, in_order
        self._rows: IntArray | None = None
        self._order: IntArray | None = None
        self._length = 0
        self._telling = False
        self._sorting = Latest()
        self._table = pn.widgets.Tabulator(pd.DataFrame(), **LOOK)
        self._pages = pmui.Pagination(
            value=0, count=1, size="small", shape="rounded", sibling_count=1, margin=(8, 0)
        )
        self._table.param.watch(self._tick, "selection")
        self._table.param.watch(self._sort, "sorters")
        self._pages.param.watch(self._turn, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._table, self._pages, sizing_mode="stretch_width", margin=0)

    def show(self, rows: IntArray | None, length: int) -> None:
        """Show these rows, or all `length` rows of the table, from the first page on."""
        self._rows, self._length = rows, length if rows is None else len(rows)
        self._order = rows
        self.ticked = []
        self._pages.param.update(count=max(1, -(-self._length // PAGE_ROWS)), value=0)
        if self._table.sorters:
            self._sort()
        else:
            self._fill()

    def page(self) -> IntArray:
        """Give the rows of the page that is shown."""
        start = PAGE_ROWS * int(self._pages.value or 0)
        stop = min(start + PAGE_ROWS, self._length)
        return np.arange(start, stop) if self._order is None else self._order[start:stop]

    def _fill(self) -> None:
        rows = self.page()
        frame = self._read(rows)
        ticked = np.flatnonzero(np.isin(rows, self.ticked)).tolist()
        titles = {name: escape(name) for name in map(str, frame)}
        self._telling = True
        try:
            self._table.param.update(selection=[], titles=titles, value=frame)
            self._table.selection = ticked
        finally:
            self._telling = False

    def _turn(self, *_: Any) -> None:
        self._fill()

    def _tick(self, event: param.parameterized.Event) -> None:
        if self._telling:
            return
        page = self.page()
        others = set(self.ticked) - set(page.tolist())
        self.ticked = sorted(others | {int(page[place]) for place in event.new})

    def _sort(self, *_: Any) -> None:
        """Sort all the rows as the browser sorts the page."""
        rows, sorters = self._rows, self._table.sorters
        if not sorters:
            self._sorted(rows)
            return
        name, falling = sorters[0]["field"], sorters[0]["dir"] == "desc"
        self._sorting.run(lambda: self._in_order(rows, name, falling), self._sorted)

    def _sorted(self, order: IntArray | None) -> None:
        self._order = order
        if self._pages.value:
            self._pages.value = 0
        else:
            self._fill()
