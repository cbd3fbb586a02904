"""One selection of customers for every plot and table of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mall_app.views.live import LiveElement
from mall_app.views.selected import are_in, as_array
from mall_app.views.state import ViewState


class Link:
    """Keeps the selected marks of one plot and the selection of the page the same.

    Parameters
    ----------
    state : ViewState
        Holds the selection, as rows of the table.
    element : LiveElement
        Its columns have one called ``row``.
    told : callable, optional
        Whether marks that are selected now are the page's selection; by default always.
    """

    def __init__(
        self, state: ViewState, element: LiveElement, told: Callable[[], bool] = lambda: True
    ) -> None:
        self._state = state
        self._element = element
        self._told = told
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
        if self._telling or not self._told():
            return
        rows = self._followed.data["row"]
        self._state.selection = sorted({int(rows[index]) for index in new if index < len(rows)})

    def mark(self, *_: Any) -> None:
        """Mark the rows that are selected."""
        if self._followed is None:
            return
        rows = np.asarray(self._followed.data["row"])
        indices = np.flatnonzero(are_in(rows, as_array(self._state.selection))).tolist()
        if indices != list(self._followed.selected.indices):
            self._telling = True
            try:
                self._followed.selected.indices = indices
            finally:
                self._telling = False
