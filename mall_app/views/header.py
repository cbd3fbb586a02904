"""The header: the data at hand, and the way to the API."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn

from mall_app.views.state import ViewState


class Header(pn.viewable.Viewer):
    """Name and size of the data, and a link to the API documentation.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(**params)
        self.state = state
        self._pane = pn.pane.HTML(self._html(), sizing_mode="stretch_width", margin=0)
        state.model.param.watch(self._refresh, "result")
        state.param.watch(self._refresh, "dataset")

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _refresh(self, *_: Any) -> None:
        self._pane.object = self._html()

    def _html(self) -> str:
        data = f"{escape(self.state.dataset)} · {len(self.state.model.table):,} customers"
        return (
            "<style>@media (max-width: 600px) { .data { display: none } }</style>"
            "<div style='display:flex;gap:16px;align-items:center;justify-content:space-between;"
            "color:#fff;font-size:14px;padding-left:24px'>"
            f"<span class='data' style='opacity:.85'>{data}</span>"
            "<a href='docs' target='_blank' rel='noopener' "
            "style='color:#fff;white-space:nowrap'>API docs</a></div>"
        )
