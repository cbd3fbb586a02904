"""The receipt: what is needed to get the same segments again."""

from __future__ import annotations

import json
from typing import Any

import panel as pn
import param

from mall_app.views.state import ViewState


class ReceiptView(pn.viewable.Viewer):
    """The receipt as JSON, to copy or to keep with a report.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    state = param.ClassSelector(class_=ViewState, constant=True)

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state=state, **params)
        self._pane = pn.pane.HTML(self._html(), sizing_mode="stretch_width", margin=(8, 0))
        state.model.param.watch(self._refresh, "result")

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _refresh(self, *_: Any) -> None:
        self._pane.object = self._html()

    def _html(self) -> str:
        from html import escape

        text = escape(json.dumps(self.state.model.receipt, indent=2, ensure_ascii=False))
        return f'<pre style="font-size:12px;line-height:1.5;white-space:pre-wrap;margin:0">{text}</pre>'
