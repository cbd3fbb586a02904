"""One selection of customers for every plot and table of a page."""

from __future__ import annotations

from typing import Any

from mall_app.views.live import LiveElement
from mall_app.views.state import ViewState


class Link:
    """Keeps the selected marks of one plot and the selection of the page the same.

    Parameters
    ----------
    state : ViewState
        Holds the selection, as rows of the table.
    element : LiveElement
        Its columns have one called ``row``.
    """

    def __init__(self, state: ViewState, element: LiveElement) -> None:
        self._state = state
        self._element = element
        self._followed: Any = None
        self._telling = False
        state.param.watch(self.mark, "selection")

    def attach(self, _plot: Any, _element: Any) -> None:
        """Follow the selection in the drawn figure; a HoloViews hook, after the element's own."""
        if self._element.source is not self._followed:
            self._followed = self._element.source
            self._followed.selected.on_change("indices", self._tell)
        self.mark()

    def _tell(self, _attribute: str, _old: list[int], new: list[int]) -> None:
        if self._telling:
            return
        rows = self._followed.data["row"]
        self._state.selection = sorted({int(rows[index]) for index in new if index < len(rows)})

    def mark(self, *_: Any) -> None:
        """Mark the rows that are selected."""
        if self._followed is None:
            return
        wanted = set(self._state.selection)
        rows = self._followed.data["row"] if wanted else ()
        indices = [index for index, row in enumerate(rows) if int(row) in wanted]
        if indices != list(self._followed.selected.indices):
            self._telling = True
            try:
                self._followed.selected.indices = indices
            finally:
                self._telling = False
