"""One selection of customers for every plot and table of a page."""

from __future__ import annotations

from typing import Any

from bokeh.models import ColumnDataSource

from mall_app.views.state import ViewState


class Link:
    """Keeps the selected marks of one plot and the selection of the page the same.

    Parameters
    ----------
    state : ViewState
        Holds the selection, as rows of the table.
    """

    def __init__(self, state: ViewState) -> None:
        self._state = state
        self._source: ColumnDataSource | None = None
        self._telling = False
        state.param.watch(self._mark, "selection")

    def attach_rows(self, plot: Any, _element: Any) -> None:
        """Follow the data source of a plot with a field ``row``; a HoloViews hook."""
        source = plot.handles["source"]
        if source is not self._source:
            self._source = source
            source.selected.on_change("indices", self._tell)
        self._mark()

    def _tell(self, _attribute: str, _old: list[int], new: list[int]) -> None:
        if self._telling or self._source is None:
            return
        rows = self._source.data["row"]
        self._state.selection = sorted({int(rows[index]) for index in new if index < len(rows)})

    def _mark(self, *_: Any) -> None:
        if self._source is None:
            return
        wanted = set(self._state.selection)
        rows = self._source.data.get("row", ())
        indices = [index for index, row in enumerate(rows) if int(row) in wanted] if wanted else []
        if indices != list(self._source.selected.indices):
            self._telling = True
            try:
                self._source.selected.indices = indices
            finally:
                self._telling = False
