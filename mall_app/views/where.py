"""Where a large table is worked on, and what of it the algorithm sees."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

FEWEST_ROWS = 10_000
_ENGINES = {
    "Automatic": "auto",
    "Here, in memory": "local",
    "Dask cluster, by partitions": "dask",
}
_STRATEGIES = {
    "Automatic": "auto",
    "Every customer": "full",
    "A sample of them": "sample",
    "Small groups with weights": "summary",
}
_WIDE = {"sizing_mode": "stretch_width", "margin": (4, 0)}


class WhereView(StateView):
    """Choices that are there when they make a difference, or were made already.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        model = state.model
        self._layout = pn.Column(
            pmui.Select.from_param(
                model.param.engine, label="Where it runs", options=_ENGINES, **_WIDE
            ),
            pmui.Select.from_param(
                model.param.strategy, label="What the algorithm sees", options=_STRATEGIES, **_WIDE
            ),
            margin=0,
            sizing_mode="stretch_width",
        )
        model.param.watch(self._show, ["table", "engine", "strategy"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _show(self, *_: Any) -> None:
        model = self.state.model
        chosen = (model.engine, model.strategy) != ("auto", "auto")
        self._layout.visible = chosen or model.table.n_customers >= FEWEST_ROWS
